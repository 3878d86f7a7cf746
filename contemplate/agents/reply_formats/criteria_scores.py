"""The formats of criteria: those that somebody proposes, and the scores of lettered replies by each of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from contemplate.agents.prompts import LETTERS
from contemplate.agents.reply_formats import fields as of
from contemplate.agents.reply_formats.base import Parsed, ReplyFormat
from contemplate.agents.stated import LOOKED_AT
from contemplate.answers.reading import visible
from contemplate.errors import InputError
from contemplate.text import one_line
from contemplate.text.patterns import regex
from contemplate.types import HIGHEST_SCORE, LOWEST_SCORE, MOST_CRITERIA, Criterion, Found, Json

_NUMBER = r"-?[0-9]{1,6}(?:\.[0-9]{1,6})?"
_LETTER = regex(
    r"^[\s>#*_|(\[-]{0,10}(?:(?i:reply|response|answer)[ *_]{1,4})?([A-Za-z])(?:\s{0,3}[:：.)\]|*_=–—-]{1,5}|[ \t]*$)", re.M
)
_BARE = regex(rf"(?<![\w.])({_NUMBER})(?:\s{{0,2}}/\s{{0,2}}10\b)?(?![\w])")
_PROPOSED = regex(
    rf"^[\s>*_-]{{0,10}}(?:\d{{1,2}}[.)]\s{{1,4}})?[*_]{{0,3}}(?P<name>[^\W\d_][^:：#|\n]{{0,59}}?)[*_ ]{{0,4}}"
    rf"[:：|][\s*_]{{0,4}}(?:weight\W{{0,4}})?(?P<weight>{_NUMBER})(?![\w.]*\d)(?P<rest>[^\n]{{0,600}})$",
    re.I | re.M,
)
_LONGEST = 300
_MOST_WRONG = 5

Cell = tuple[int, str, float]
"""A reply from 0, the name of a criterion, and a number."""


def criteria_scores(ids: Sequence[str], criteria: Sequence[Criterion]) -> ReplyFormat:
    """A score from 1 to 10 for each of several lettered replies by each criterion, found as `scored` by the ids of the replies.

    Any reply will do: what can't be read from it has no score, so nobody is asked twice. A number off the scale counts for
    nothing, and is told in `notes`. Of two numbers for one thing the last counts.

    Args:
        ids: of the turns that are shown under letters, in their order.
        criteria: by which they are scored.
    """
    names = [criterion.name for criterion in criteria]

    def said(cells: Iterable[Cell]) -> Parsed:
        scored: dict[str, dict[str, float]] = {}
        wrong: dict[tuple[int, str], float] = {}
        for index, name, number in cells:
            if LOWEST_SCORE <= number <= HIGHEST_SCORE:
                scored.setdefault(ids[index], {})[name] = number
                wrong.pop((index, name), None)
            else:
                wrong[index, name] = number
        off = [f"{number:g} for {name!r} is not from 1 to 10" for (_, name), number in [*wrong.items()][:_MOST_WRONG]]
        more = [f"and {len(wrong) - _MOST_WRONG} more that are not"] if len(wrong) > _MOST_WRONG else []
        return Parsed(found=Found(scored=scored, notes=(*off, *more)))

    def read(text: str) -> Parsed:
        return said(_cells(visible(text)[-LOOKED_AT:], len(ids), names))

    def from_object(row: Json) -> Parsed:
        listed = of.value(row, "scores")
        return said(_listed(listed if isinstance(listed, list) else [], len(ids), names))

    return ReplyFormat(_tagged(len(ids), names), read, _fields(len(ids), names), from_object)


def _tagged(replies: int, names: Sequence[str]) -> str:
    one = ", ".join(f"{name} {5 + number % 4}" for number, name in enumerate(names))
    lines = f"one line for each of the {replies} replies: its letter" if replies > 1 else "one line: the letter of the reply"
    return f'End with {lines}, a colon, and a score from 1 to 10 for each criterion, as in "A: {one}".'


def _fields(replies: int, names: Sequence[str]) -> Json:
    rule: Json = {
        "reply": {"type": "string", "enum": list(LETTERS[:replies])},
        "criterion": {"type": "string", "enum": list(names)},
        "score": {"type": "integer", "minimum": int(LOWEST_SCORE), "maximum": int(HIGHEST_SCORE)},
    }
    one = {"type": "object", "properties": rule, "required": list(rule), "additionalProperties": False}
    words = 'a list of {"reply": its letter, "criterion": its name, "score": 1 to 10}, one for each reply and each criterion'
    return {"scores": {"type": "array", "items": one, "description": words}}


def _cells(text: str, replies: int, names: Sequence[str]) -> Iterator[Cell]:
    """What a text says behind the letter of each reply: a number behind the name of a criterion, or one for each of them."""
    longest_first = sorted(names, key=len, reverse=True)
    known = {name.casefold(): name for name in names}
    by_name = re.compile(
        rf"(?<!\w)({'|'.join(map(re.escape, longest_first))})(?!\w)[\W_]{{0,12}}?(?:(?:score|is)[\W_]{{1,4}})?({_NUMBER})(?!\w)",
        re.I,
    )
    marks = [*_LETTER.finditer(text)]
    pieces = [
        (LETTERS.index(mark[1].upper()), text[mark.end() : after.start() if after else len(text)])
        for mark, after in zip_longest(marks, marks[1:])
    ]
    if not marks and replies == 1:
        pieces = [(0, text)]
    for index, piece in pieces:
        if index >= replies:
            continue
        named = [
            (known[found[1].casefold()], float(found[2])) for found in by_name.finditer(piece) if found[1].casefold() in known
        ]
        bare = [float(found[1]) for found in _BARE.finditer(piece.strip().partition("\n")[0])]
        if named:
            yield from ((index, name, number) for name, number in named)
        elif len(bare) == len(names):
            yield from ((index, name, number) for name, number in zip(names, bare, strict=True))


def _listed(rows: Sequence[object], replies: int, names: Sequence[str]) -> Iterator[Cell]:
    """What the rows of an object say."""
    known = {name.casefold(): name for name in names}
    for row in rows:
        if not isinstance(row, dict):
            continue
        index = of.letter(of.value(row, "reply"), replies)
        name = known.get((of.text(row, "criterion") or "").strip().casefold())
        number = of.number(row, "score", -1e6, 1e6)
        if index is not None and name is not None and number is not None:
            yield index, name, number


def proposed_criteria() -> ReplyFormat:
    """Criteria with weights, found as `criteria`: at most 12, each name once. Any reply will do; None where it has none."""

    def said(rows: Iterable[tuple[str, float | None, str]]) -> Parsed:
        found: dict[str, Criterion] = {}
        for name, weight, description in rows:
            criterion = _criterion(name, weight, description)
            if criterion is not None:
                found.setdefault(criterion.name.casefold(), criterion)
        return Parsed(found=Found(criteria=tuple([*found.values()][:MOST_CRITERIA]) or None))

    def read(text: str) -> Parsed:
        text = visible(text)[-LOOKED_AT:]
        return said((found["name"], float(found["weight"]), found["rest"]) for found in _PROPOSED.finditer(text))

    def from_object(row: Json) -> Parsed:
        listed = of.value(row, "criteria")
        rows = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        return said((of.text(one, "name") or "", of.number(one, "weight", 0, 1000), of.text(one, "asks") or "") for one in rows)

    told = 'Write one line for each: its name in one to three words, a colon, its weight from 1 to 5, "#", and what it asks,'
    rule: Json = {
        "name": {"type": "string", "description": "one to three words"},
        "weight": {"type": "integer", "minimum": 1, "maximum": 5},
        "asks": {"type": "string", "description": "what it asks, in a few words"},
    }
    one = {"type": "object", "properties": rule, "required": list(rule), "additionalProperties": False}
    words = 'a list of {"name": one to three words, "weight": 1 to 5, "asks": what it asks}'
    fields = {"criteria": {"type": "array", "items": one, "description": words}}
    return ReplyFormat(f'{told} as in "correct: 3 # each statement is true".', read, fields, from_object)


def _criterion(name: str, weight: float | None, description: str) -> Criterion | None:
    """A criterion that somebody proposed; None if it is none."""
    if weight is None:
        return None
    try:
        plain = one_line(name.strip(" *_`\"'"), 60)
        return Criterion(name=plain, weight=weight, description=one_line(description.strip(" #*_-–—:.,;()|/"), _LONGEST))
    except InputError:
        return None
