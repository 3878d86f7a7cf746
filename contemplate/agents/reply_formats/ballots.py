"""Formats of ballots over lettered replies: a choice, a ranking, approval, or points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from contemplate.agents import parsing
from contemplate.agents.prompts import LETTERS
from contemplate.agents.reply_formats import fields as of
from contemplate.agents.reply_formats.base import WORK, FromObject, Parsed, Read, ReplyFormat
from contemplate.agents.reply_formats.choices import choice
from contemplate.types import Found, Json

BallotFormat = Literal["choice", "ranking", "approval", "points"]
TOTAL_POINTS = 10
_ROUNDING = 1e-6


def ballot(ids: Sequence[str], form: BallotFormat) -> ReplyFormat:
    """A ballot over lettered replies, found by the ids of their turns.

    `choice` is read as such; `ranking` is a list of ids, best first; `approved` a list of ids; `points` maps ids to points
    that sum to 10.
    """
    match form:
        case "choice":
            return choice(ids)
        case "ranking":
            return _ranking(ids)
        case "approval":
            return _approval(ids)
        case "points":
            return _points(ids)


def _ranking(ids: Sequence[str]) -> ReplyFormat:
    def said(indices: Sequence[int] | None) -> Parsed | None:
        return Parsed(found=Found(ranking=tuple(ids[index] for index in indices))) if indices else None

    return _listing(
        "ranking",
        "Final ranking",
        "all letters, best first",
        ids,
        lambda text: said(parsing.read_ranking(text, len(ids))),
        lambda row: said(of.letters(row, "ranking", len(ids))),
    )


def _approval(ids: Sequence[str]) -> ReplyFormat:
    def said(indices: Sequence[int] | None) -> Parsed | None:
        return None if indices is None else Parsed(found=Found(approved=tuple(ids[index] for index in indices)))

    def from_object(row: Json) -> Parsed | None:
        return said([] if of.lists_nothing(row, "approved") else of.letters(row, "approved", len(ids)) or None)

    return _listing(
        "approved",
        "Approved",
        'the letters of all replies that you approve of, or "none"',
        ids,
        lambda text: said(parsing.read_approval(text, len(ids))),
        from_object,
    )


def _listing(name: str, marker: str, words: str, ids: Sequence[str], read: Read, from_object: FromObject) -> ReplyFormat:
    some = {"type": "string", "enum": list(LETTERS[: len(ids)])}
    fields: Json = {"work": WORK, name: {"type": "array", "items": some, "description": words}}
    return ReplyFormat(f'End with one line: "{marker}: " and {words}.', read, fields, from_object)


def _points(ids: Sequence[str]) -> ReplyFormat:
    letters = list(LETTERS[: len(ids)])

    def said(given: Mapping[int, float] | None) -> Parsed | None:
        return None if given is None else Parsed(found=Found(points={ids[index]: points for index, points in given.items()}))

    def from_object(row: Json) -> Parsed | None:
        given = of.value(row, "points")
        named = [(name, points) for name, points in given.items() if points is not None] if isinstance(given, dict) else []
        shares: dict[int, float] = {}
        for name, points in named:
            index, share = of.letter(name, len(ids)), of.number_in(points, 0, TOTAL_POINTS)
            if share is None:
                return None
            if index is not None:
                shares[index] = share
        return said(shares) if shares and abs(sum(shares.values()) - TOTAL_POINTS) < _ROUNDING else None

    rule = {
        "type": "object",
        "description": f"points for each letter, {TOTAL_POINTS} in all",
        "properties": {letter: {"type": "integer", "minimum": 0, "maximum": TOTAL_POINTS} for letter in letters},
        "required": letters,
        "additionalProperties": False,
    }
    return ReplyFormat(
        f'End with one line: "Points: " and exactly {TOTAL_POINTS} points shared among the letters, as in "A 7, B 3".',
        lambda text: said(parsing.read_points(text, len(ids), TOTAL_POINTS)),
        {"work": WORK, "points": rule},
        from_object,
    )
