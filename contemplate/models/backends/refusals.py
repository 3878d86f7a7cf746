"""Refusals to give a reply: what the body of an error says, wherever a provider puts it, and which error that is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from contemplate.errors import CallError, OverloadedError, RejectedError, redact
from contemplate.models.backends.endings import ending
from contemplate.models.backends.waits import payload_of, retry_after
from contemplate.text import one_line
from contemplate.text.patterns import regex
from contemplate.types import Json

_LONGEST_ERROR = 65_536
_EXCERPT = 200
_LONGEST_WORDS = 2_000
_NONE = {"none", "null", "undefined"}

_PASSING = {408, 425, 429}
_BAD_REQUEST, _TOO_MANY, _FIRST_SERVER_ERROR, _BAD_GATEWAY, _UNAVAILABLE, _LAST_STATUS = 400, 429, 500, 502, 503, 599

_EMPTY_ACCOUNT = regex(
    r"insufficient[_ ](?:quota|balance|funds?|credits?)|billing[_ ](?:hard[_ ])?(?:limit|not[_ ]active)|exceeded_current_quota"
    r"|payment[_ ]required|arrearage"
    r"|(?:credits?|balance)\b.{0,30}\b(?:too low|exhausted|depleted|insufficient|not enough|run out)"
    r"|(?:out of|no(?: more| remaining)?) credits?\b|余额不足|欠费",
    re.I,
)
_LONG_QUOTA = regex(r"per[-_ ]?(?:day|month)|(?<![a-z])(?:daily|monthly)(?![a-z])|/\s?(?:day|month)\b|\b[RT]PD\b", re.I)
_SHORT_QUOTA = regex(r"per[-_ ]?(?:min|sec|hour)|/\s?(?:min|minute|sec|second|hour)\b|\b[RT]P[MS]\b", re.I)
_USED_UP_TODAY = regex(r"(?:x-)?ratelimit-remaining-[\w-]*(?:day|month)", re.I)

_BY_WORD = (
    (_TOO_MANY, regex(r"rate.?limit|too.many|resource.?exhausted|throttl|quota|slow.?down", re.I)),
    (_UNAVAILABLE, regex(r"overload|unavailable|\bbusy\b|capacity|time.?out|timed.out|try.again", re.I)),
    (
        _BAD_GATEWAY,
        regex(r"(?:server|internal|upstream|provider|api|network|backend)[_ ](?:\w+[_ ])?error|bad.gateway|upstream", re.I),
    ),
    (_BAD_REQUEST, regex(r"(?:invalid|bad)[_ ]?(?:request|argument)|unsupported|validation|context[_ ]length", re.I)),
    (401, regex(r"(?:invalid|incorrect|missing).{0,10}api.?key|unauthori[sz]ed|authentication", re.I)),
)


class ErrorBody(NamedTuple):
    """What the body of an error says.

    Attributes:
        code: the provider's own code, if it gives one.
        param: the field of the request that it complains about.
        message: one line, redacted and cut short.
        words: the same, hardly cut: what is looked for in it may stand at its end.
        kind: what kind of error it calls itself: its type, its status, the type of what it found wrong with `param`.
        payload: the whole JSON of it, if it is any.
    """

    code: str
    param: str
    message: str
    words: str = ""
    kind: str = ""
    payload: object = None

    @property
    def all_words(self) -> str:
        """What it says, in whichever field."""
        return f"{self.code} {self.kind} {self.words or self.message}"


def read_error(body: bytes, *secrets: str) -> ErrorBody:
    """What the body of an error says; a body that is no JSON is its own message, one over 64 KiB says nothing."""
    text = body.decode("utf-8", "replace") if len(body) <= _LONGEST_ERROR else ""
    return _said(payload_of(text), text, *secrets)


def _said(payload: object, text: str, *secrets: str) -> ErrorBody:
    error = _error_in(payload)
    code = param = kind = ""
    if isinstance(error, dict):
        faults = _faults(error)
        code, param = _plain(error, "code", "status_code", "http_status"), _plain(error, "param") or _located(faults[:1])
        kind = " ".join(filter(None, (_plain(error, "type"), _plain(error, "status"), *(_plain(one, "type") for one in faults))))
        text = _message(error, faults) or text
    elif isinstance(error, str):
        text = error
    # Blotted out before it is cut: half a key would no longer look like one.
    words = one_line(redact(text, *secrets), _LONGEST_WORDS)
    return ErrorBody(code, param, one_line(words, _EXCERPT), words, kind, payload)


def status_inside(payload: object) -> int | None:
    """The HTTP status that an answer of status 200 should have had; None if it holds no error.

    Args:
        payload: the JSON of its body.
    """
    body = payload[0] if isinstance(payload, list) and payload else payload
    if not isinstance(body, dict) or not _is_error(body):
        return None
    said = _said(payload, "")
    for given in (said.code, *said.kind.split()):
        if given.isdecimal() and _BAD_REQUEST <= int(given[:9]) <= _LAST_STATUS:
            return int(given)
    by_word = next((status for status, words in _BY_WORD if words.search(said.all_words)), None)
    # Whoever has begun to answer had found nothing wrong with what was asked.
    return by_word or (_BAD_GATEWAY if "choices" in body else _BAD_REQUEST)


def call_error(status: int, body: bytes, headers: Mapping[str, str], who: str, *secrets: str) -> CallError:
    """The error that an HTTP answer other than 2xx stands for.

    Args:
        status: the HTTP status.
        body: what came with it.
        headers: its headers.
        who: the endpoint and the model, for the message.
        secrets: texts that must not be in the message.
    """
    said = read_error(body, *secrets)
    message = f"{who} answered {status}" + (f": {said.message}" if said.message else "")
    return error_of(status, said, headers, message)


def error_of(status: int, said: ErrorBody, headers: Mapping[str, str], message: str) -> CallError:
    """The error for a refusal; it passes, unless the account is empty or a quota is used up for a day or longer.

    Args:
        status: the HTTP status.
        said: what stands in its body.
        headers: its headers.
        message: what the error says.
    """
    if not (status in _PASSING or status >= _FIRST_SERVER_ERROR) or _EMPTY_ACCOUNT.search(said.all_words):
        return RejectedError(message)
    if status == _TOO_MANY and _used_up_for_long(said, headers):
        return RejectedError(f"{message}; that quota comes back in a day or later: resume then, or name another model")
    return OverloadedError(message, retry_after=retry_after(headers, said.payload, said.words), status=status)


def _used_up_for_long(said: ErrorBody, headers: Mapping[str, str]) -> bool:
    """Whether a quota of a day or a month is used up; words that tell of shorter ones as well leave that open."""
    if any(_USED_UP_TODAY.fullmatch(name) and value.strip() == "0" for name, value in headers.items()):
        return True
    if any(_LONG_QUOTA.search(quota) for quota in _quotas(said.payload)):
        return True
    words = said.all_words
    return _LONG_QUOTA.search(words) is not None and _SHORT_QUOTA.search(words) is None


def _quotas(payload: object) -> Iterator[str]:
    """The quotas that Google lists as violated."""
    error = _error_in(payload)
    details = error.get("details") if isinstance(error, dict) else None
    for detail in details[:20] if isinstance(details, list) else []:
        violations = detail.get("violations") if isinstance(detail, dict) else None
        for violation in violations[:20] if isinstance(violations, list) else []:
            if isinstance(violation, dict):
                yield _plain(violation, "quotaId")


def _is_error(body: Json) -> bool:
    """Whether a body tells of an error in place of a reply, or of what is left of one."""
    error = _told(body)
    if "choices" not in body:
        bare = "message" in body and ("code" in body or body.get("object") == "error" or body.get("type") == "error")
        return error is not None or "error" in body or bare
    return (error is not None or body.get("object") == "error") and not _replied(body)


def _replied(body: Json) -> bool:
    """Whether there is a whole reply all the same, beside a word of warning."""
    first = _first(body.get("choices"))
    if first is None or ending(first.get("finish_reason") or "error") not in {"stop", "length"}:
        return False
    message = first.get("message")
    return isinstance(message, dict) and bool(message.get("content"))


def _error_in(payload: object) -> object:
    """The part of a body that tells of an error, or else all of it."""
    body = _first(payload) if isinstance(payload, list) else payload
    if not isinstance(body, dict):
        return None
    return _told(body) or body


def _told(body: Json) -> Json | str | None:
    """What stands of an error under `error` or `errors`, in the first choice, or in MiniMax's `base_resp`."""
    choice, base = _first(body.get("choices")) or {}, body.get("base_resp")
    failed = base if isinstance(base, dict) and base.get("status_code") else None
    for found in (body.get("error"), body.get("errors"), choice.get("error"), failed):
        one = (found[0] if found else None) if isinstance(found, list) else found
        if one and isinstance(one, dict | str):
            return one
    return None


def _first(values: object) -> Json | None:
    """The first of a list, if it is an object."""
    return values[0] if isinstance(values, list) and values and isinstance(values[0], dict) else None


def _faults(error: Json) -> list[Json]:
    """What a validator found wrong, one for each place: a list under `detail`, perhaps inside of the message."""
    message = error.get("message")
    within = message if isinstance(message, dict) else {}
    for listed in (error.get("detail"), within.get("detail"), error.get("details"), error.get("errors"), message):
        if isinstance(listed, list) and any(isinstance(one, dict) for one in listed):
            faults = [one for one in listed if isinstance(one, dict)]
            return sorted(faults, key=lambda one: "forbidden" not in _plain(one, "type"))[:20]
    return []


def _located(faults: list[Json]) -> str:
    """The field that the first fault is about."""
    loc = faults[0].get("loc") if faults else None
    if not isinstance(loc, list):
        return _plain(faults[0], "param", "field") if faults else ""
    return next((place for place in loc if isinstance(place, str) and place not in {"body", "query", "json"}), "")


def _message(error: Json, faults: list[Json]) -> str:
    for name in ("message", "status_msg", "msg"):
        if isinstance(said := error.get(name), str) and said:
            return said
    if faults:
        told = ((_located([fault]), _plain(fault, "msg", "message")) for fault in faults)
        return "; ".join(f"{where}: {what}" if where else what for where, what in told if what)
    return str(error.get("message") or error.get("detail") or "")


def _plain(error: Json, *names: str) -> str:
    """The first of these fields that holds a word or a number, as text; "" for what is spelled None."""
    for name in names:
        value = error.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and value and str(value).lower() not in _NONE:
            return str(value)
    return ""
