"""What a provider's headers say is left of its limits: OpenAI's `x-ratelimit-*`, which many others send, and Anthropic's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from contemplate.models.backends.waits import duration, seconds_until


class Left(NamedTuple):
    """The rest of one limit.

    Attributes:
        most: the limit.
        left: how much of it is left.
        seconds: until all of it is there again.
    """

    most: float
    left: float
    seconds: float


class Allowance(NamedTuple):
    """The rest of the limits on requests and on tokens; None for one that is not told of."""

    requests: Left | None
    tokens: Left | None


_WORDS = ("remaining", "limit", "reset")
_NAMES = {
    what: (tuple(f"x-ratelimit-{word}-{what}" for word in _WORDS), tuple(f"anthropic-ratelimit-{what}-{word}" for word in _WORDS))
    for what in ("requests", "tokens")
}


def allowance_in(headers: Mapping[str, str]) -> Allowance | None:
    """What the headers of an answer say, or None.

    Args:
        headers: by their names, in whichever case.
    """
    requests, tokens = _left(headers, "requests"), _left(headers, "tokens")
    return None if requests is None and tokens is None else Allowance(requests, tokens)


def _left(headers: Mapping[str, str], what: str) -> Left | None:
    for remaining, limit, reset in _NAMES[what]:
        if (said := headers.get(remaining)) is None:
            continue
        left, most = duration(said), duration(headers.get(limit, ""))
        seconds = seconds_until(headers.get(reset, ""), headers.get("date"))
        if left is not None and most is not None and seconds is not None:
            return Left(most, left, seconds)
    return None
