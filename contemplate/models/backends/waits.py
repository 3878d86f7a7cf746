"""When a provider that is overloaded wants to be asked again: in headers, in the body, or in words."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from contemplate.text.patterns import regex
from contemplate.types import Json

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_UNIT = r"ms|milli(?:second)?s?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?"
_PIECE = regex(rf"(\d{{1,12}}(?:\.\d{{1,12}})?)\s*({_UNIT})(?![a-z])", re.I)
_PIECES = rf"(?:\d{{1,12}}(?:\.\d{{1,12}})?\s*(?:{_UNIT})(?![a-z])[\s,]*(?:and\s+)?)+"
_IN_WORDS = regex(
    rf"\b(?:try|retry|again|wait|available|resets?|back)\b[^.\d]{{0,60}}?({_PIECES})"
    r"|\bretry[-_ ]after[^\w]{0,4}(\d{1,6}(?:\.\d{1,6})?)(?![\w.]*\d)",
    re.I,
)
_RATE = regex(r"(?:x-|anthropic-)?ratelimit-(?:(remaining|reset)(-[\w-]+)?|([\w-]+?)-(remaining|reset))")
_FIELDS = {"retrydelay": 1.0, "retryafter": 1.0, "retryafterseconds": 1.0, "retryafterms": 0.001}
_DEPTH = 6
_EPOCH, _EPOCH_MS = 1e9, 1e12


def retry_after(headers: Mapping[str, str], payload: object = None, words: str = "") -> float | None:
    """Seconds that a provider asks us to wait; None where it does not say.

    Args:
        headers: those of its answer: `retry-after-ms`, Retry-After (a duration or an HTTP date), and the `ratelimit-reset` of
            whatever is used up.
        payload: the JSON of its body, with a field for it somewhere, as Google's `retryDelay`.
        words: what it says in a sentence, as "try again in 1m0.36s".
    """
    low = {name.lower(): value for name, value in headers.items()}
    asked = _asked_in(low)
    if asked is None:
        asked = next(_fields(payload), None)
    if asked is None:
        asked = _in_words(words)
    return _used_up(low) if asked is None else asked


def duration(value: object) -> float | None:
    """Seconds in a number, or in a text such as "7.66s", "1m30s", "120ms"; None if it is neither."""
    if isinstance(value, Mapping):  # how protocol buffers are written out
        whole, rest = duration(value.get("seconds", 0)), duration(value.get("nanos", 0))
        return None if whole is None or rest is None else whole + rest / 1e9
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip()
    if re.fullmatch(_PIECES, text, re.I):
        return _sum(text)
    try:
        number = float(text)
    except ValueError:
        return None
    return max(number, 0.0) if math.isfinite(number) else None


def _sum(text: str) -> float:
    return sum(float(number) * _UNITS["ms" if unit.lower().startswith(("ms", "milli")) else unit[0].lower()]
               for number, unit in _PIECE.findall(text))  # fmt: skip


def _asked_in(headers: Mapping[str, str]) -> float | None:
    milliseconds = duration(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after", "")
    seconds = duration(value)
    return seconds if seconds is not None else _until(value, headers.get("date"))


def _until(value: str, date: str | None) -> float | None:
    """Seconds from `date` (by the provider's own clock, if it sent it) to the HTTP date `value`."""
    try:
        then = parsedate_to_datetime(value).timestamp()
        now = parsedate_to_datetime(date).timestamp() if date else time.time()
    except (ValueError, OverflowError):
        return None
    return max(then - now, 0.0)


def _fields(payload: object, depth: int = 0) -> Iterator[float]:
    """The waits in fields of a body, at any place not too deep in it."""
    if depth > _DEPTH:
        return
    if isinstance(payload, list):
        for one in payload[:20]:
            yield from _fields(one, depth + 1)
    elif isinstance(payload, dict):
        for name, value in payload.items():
            factor = _FIELDS.get(re.sub(r"[-_]", "", name).lower())
            seconds = duration(value) if factor is not None else None
            if factor is not None and seconds is not None:
                yield seconds * factor
            elif name.lower() == "headers" and isinstance(value, dict):
                own = {key.lower(): str(said) for key, said in value.items()}
                yield from (wait for wait in (_asked_in(own), _used_up(own)) if wait is not None)
            else:
                yield from _fields(value, depth + 1)


def _in_words(words: str) -> float | None:
    if (match := _IN_WORDS.search(words)) is None:
        return None
    return _sum(match[1]) if match[1] else duration(match[2])


def _used_up(headers: Mapping[str, str]) -> float | None:
    """The longest wait for a limit that nothing is left of; of any limit, where nothing is said of what is left."""
    left: dict[str, float | None] = {}
    resets: dict[str, float] = {}
    for name, value in headers.items():
        if (match := _RATE.fullmatch(name)) is None:
            continue
        what, which = match[1] or match[4], (match[2] or match[3] or "").strip("-")
        if what == "remaining":
            left[which] = duration(value)
        elif (seconds := seconds_until(value, headers.get("date"))) is not None:
            resets[which] = seconds
    waits = [wait for which, wait in resets.items() if (left.get(which) == 0 if left else True)]
    return max(waits, default=None)


def seconds_until(value: str, date: str | None) -> float | None:
    """Seconds until a limit is whole again: a duration, a moment in seconds or milliseconds since 1970, or an ISO date."""
    seconds = duration(value)
    if seconds is None:
        try:
            return max(datetime.fromisoformat(value).timestamp() - time.time(), 0.0)
        except (ValueError, OverflowError, OSError):
            return _until(value, date)
    if seconds >= _EPOCH:
        return max(seconds / (1000 if seconds >= _EPOCH_MS else 1) - time.time(), 0.0)
    return seconds


def payload_of(text: str) -> Json | list[object] | None:
    """The JSON object or list in `text`; None if it is neither."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None
