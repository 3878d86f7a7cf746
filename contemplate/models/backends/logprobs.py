"""Reading the log-probabilities of a reply's tokens, as OpenAI and those who follow it send them. Total over any JSON."""

from __future__ import annotations

from typing import Any

from contemplate.types import Json, Logprobs, Request

LOWEST = -1e4
"""What a log-probability below this counts as, minus infinity among them: JSON has no word for that."""

_LONGEST_TOKEN = 200


def read_logprobs(given: object, request: Request) -> Logprobs | None:
    """The log-probabilities in a choice; None if they were not asked for, or are not there for every token.

    A token without the likeliest ones beside it makes all of them useless: the log-probability of what was drawn says
    nothing of how peaked the distribution was.
    """
    if request.logprobs is None or not isinstance(given, dict) or not isinstance(positions := given.get("content"), list):
        return None
    chosen: list[float] = []
    confidence: list[float] = []
    for position in positions[: request.sampling.max_tokens]:
        drawn = _logprob(position["logprob"]) if isinstance(position, dict) and "logprob" in position else None
        likeliest = _likeliest(position, request.logprobs) if drawn is not None else []
        if drawn is None or not likeliest:
            return None
        chosen.append(drawn)
        confidence.append(0.0 - sum(likeliest) / len(likeliest))
    if not chosen:
        return None
    return Logprobs(chosen=tuple(chosen), confidence=tuple(confidence), first=_alternatives(positions[0], request.logprobs))


def _rows(position: Json, most: int) -> list[tuple[Any, float]]:
    """The likeliest tokens at a position, with the log-probability of each, likeliest first."""
    rows = position.get("top_logprobs")
    if not isinstance(rows, list):
        return []
    found = [
        (row.get("token"), logprob)
        for row in rows[: 2 * most]
        if isinstance(row, dict) and "logprob" in row and (logprob := _logprob(row["logprob"])) is not None
    ]
    return sorted(found, key=lambda row: -row[1])[:most]


def _likeliest(position: Json, most: int) -> list[float]:
    return [logprob for _, logprob in _rows(position, most)]


def _alternatives(position: Json, most: int) -> dict[str, float]:
    """By token; several that read the same, as parts of a character do, count with the likeliest of them."""
    found: dict[str, float] = {}
    for token, logprob in _rows(position, most):
        if isinstance(token, str):
            found.setdefault(sound(token)[:_LONGEST_TOKEN], logprob)
    return found


def _logprob(value: object) -> float | None:
    """`value` as a log-probability in [`LOWEST`, 0]; None if it is none."""
    if value is None:  # how some write minus infinity
        return LOWEST
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124 - NaN alone differs from itself
        return None
    return 0.0 if value >= 0 else float(max(value, LOWEST))


def sound(text: str) -> str:
    """`text` without lone surrogates, which JSON can spell and UTF-8 can't hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
