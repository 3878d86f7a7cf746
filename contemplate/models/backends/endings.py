"""Why a reply ended, in whatever spelling a provider has for it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from contemplate.types import Finish

Ending = Finish | Literal["broken"]
"""A `Finish`, or "broken": the provider failed before the reply was whole."""

_LOOKED_AT = 100
_NOT_GIVEN = {"", "null", "none"}
_WORDS: dict[Ending, str] = {
    "refusal": r"refus\w*",
    "filter": (
        r"(?:content_?)?filter\w*|safety|sensitive|recitation|block\w*|prohibited|spii|language|moderat\w*|guardrails?|toxic\w*"
    ),
    "length": r"length|limit|max\w*_tokens?|truncated|incomplete|context_window|window_exceeded|cut_?off",
    "broken": (
        r"errors?|fail\w*|abort\w*|cancel\w*|interrupt\w*|time_?out|timed_out|insufficient|malformed|unavailable|overloaded|exception"
    ),
    "stop": r"stop|stopped|eos|eot\w*|end|ended|complete|completed|done|finished|success|normal",
}
"""In the order in which they count: an `ERROR_TOXIC` is a filter, a `stop_limit` a limit."""
_KINDS: tuple[tuple[Ending, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(rf"(?:^|_)(?:{words})(?:_|$)")) for kind, words in _WORDS.items()
)


def ending(reason: object) -> Ending:
    """What a `finish_reason` stands for; "other" where nobody knows, "stop" where none was given."""
    if reason is None:
        return "stop"
    return _ending(reason[:_LOOKED_AT]) if isinstance(reason, str) else "other"


@lru_cache(maxsize=256)
def _ending(reason: str) -> Ending:
    words = _words(reason)
    if words in _NOT_GIVEN:
        return "stop"
    for kind, pattern in _KINDS:
        if pattern.search(words):
            return kind
    return "other"


def _words(reason: str) -> str:
    """A reason in small letters with one underscore between words: `FinishReason.MAX_TOKENS`, `maxTokens`, `max-tokens`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", reason.strip().rpartition(".")[2])
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).removeprefix("finish_reason_").strip("_")
