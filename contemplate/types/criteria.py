"""Criteria: by what an answer is judged, how much each counts, and what judges gave for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, field_validator

from contemplate.text import one_line
from contemplate.types.base import Value

MOST_CRITERIA = 12
"""The most criteria of a question."""
LOWEST_SCORE, HIGHEST_SCORE = 1.0, 10.0
"""The scale on which judges score."""

_LONGEST_NAME, _LONGEST_DESCRIPTION = 60, 500
_LINE = re.compile(r"([^:：#]*)(?:[:：]([^#]*))?(?:#(.*))?\Z", re.DOTALL)
_NUMBER = re.compile(r"[-+]?(?:[0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})\Z")


class Criterion(Value):
    """One thing by which an answer is judged.

    Attributes:
        name: a word or a few, on one line, of at most 60 characters.
        weight: how much it counts beside the others, above 0 and at most 1000.
        description: what it asks, in at most 500 characters; may be empty.
    """

    name: str
    weight: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]
    description: Annotated[str, Field(max_length=_LONGEST_DESCRIPTION)] = ""

    @field_validator("name")
    @classmethod
    def _a_name(cls, name: str) -> str:
        plain = one_line(name, len(name) + 1)
        if not any(character.isalnum() for character in plain):
            msg = "a criterion needs a name, as 'correct'"
            raise ValueError(msg)
        if len(plain) > _LONGEST_NAME:
            msg = f"the name of a criterion has at most {_LONGEST_NAME} characters, this one {len(plain)}: {plain[:30]!r}..."
            raise ValueError(msg)
        return plain

    @field_validator("description")
    @classmethod
    def _on_one_line(cls, description: str) -> str:
        return one_line(description, len(description) + 1)


Criteria = tuple[Criterion, ...] | Literal["panel"]
"""The criteria of a question: those given, or "panel" for those that the panel proposes; none are an empty tuple."""


def criteria_of(given: object) -> object:
    """What may be given as criteria (a text too, as "correct:3,short:1"), to be validated as `Criteria`.

    Raises:
        ValueError: two have one name, there are too many, or the text can't be read; in one line.
    """
    if given is None:
        return ()
    if isinstance(given, str):
        return given if given == "panel" else checked(read_criteria(given))
    if not isinstance(given, Sequence):
        return given
    return checked([Criterion.model_validate(one) if not isinstance(one, Criterion) else one for one in given])


def checked(criteria: Sequence[Criterion]) -> tuple[Criterion, ...]:
    """`criteria`, if they can be used together.

    Raises:
        ValueError: two have one name, or there are more than 12.
    """
    if len(criteria) > MOST_CRITERIA:
        msg = f"{len(criteria)} criteria are given; the most is {MOST_CRITERIA}"
        raise ValueError(msg)
    seen: set[str] = set()
    for criterion in criteria:
        if (name := criterion.name.casefold()) in seen:
            msg = f"the criterion {criterion.name!r} is given twice"
            raise ValueError(msg)
        seen.add(name)
    return tuple(criteria)


def read_criteria(text: str) -> tuple[Criterion, ...]:
    """Criteria written as "correct:3, short:1", or one a line as "correct: 3  # every statement is true".

    Raises:
        ValueError: one has no name or no weight, or the weight is no number above 0; in one line.
    """
    lines = text.splitlines() if "\n" in text.strip() or "#" in text else text.split(",")
    written = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    if not written:
        msg = "there are no criteria in it; write them as correct:3,short:1"
        raise ValueError(msg)
    return tuple(_read(line) for line in written)


def _read(line: str) -> Criterion:
    found = _LINE.match(line)
    name, weight, description = (part.strip() if part else "" for part in (found.groups() if found else ("", "", "")))
    if not name:
        msg = f"a criterion has no name: {line[:60]!r}; write it as correct:3"
        raise ValueError(msg)
    if not weight:
        msg = f"the criterion {name[:60]!r} has no weight; write it as {name[:30]}:3"
        raise ValueError(msg)
    if not _NUMBER.match(weight) or not 0 < float(weight) <= 1000:  # noqa: PLR2004 - as `Criterion` has it
        msg = f"the weight of the criterion {name[:60]!r} is {weight[:30]!r}; it must be a number above 0, at most 1000"
        raise ValueError(msg)
    return Criterion(name=name, weight=float(weight), description=description[:_LONGEST_DESCRIPTION])


class JudgeScores(Value):
    """What one judge gave to one reply.

    Attributes:
        judge: its seat, or the name of its role outside of the panel.
        scores: by criterion, from 1 to 10: the mean over the orders in which it gave one that can be read.
    """

    judge: str
    scores: dict[str, float]


class Assessed(Value):
    """What judges gave to one reply, or to the final answer.

    Attributes:
        turn: the id of the turn that gave the reply, or that decided.
        seat: whose it is; empty for an answer that somebody outside of the panel wrote.
        judges: what each judge gave; none is its author.
        scores: by criterion, the mean over the judges that gave one.
        mean: of these, weighted; None where there are none.
        spread: the highest less the lowest weighted mean that one judge gave in one order; None where there are fewer than two.
    """

    turn: str
    seat: str = ""
    judges: tuple[JudgeScores, ...] = ()
    scores: dict[str, float] = Field(default_factory=dict)
    mean: float | None = None
    spread: float | None = None


class Assessment(Value):
    """The replies of a panel and its final answer, scored by criteria. It decides nothing.

    Attributes:
        criteria: by which they are scored.
        proposed: whether the panel proposed these.
        replies: the proposals, in the order of their seats.
        answer: the final answer; where it is one of the replies, what that has. None where there is none.
        notes: what is wrong with scores, in one line each: a judge that gave none, or none that can be read, or all alike.
    """

    criteria: tuple[Criterion, ...]
    proposed: bool = False
    replies: tuple[Assessed, ...] = ()
    answer: Assessed | None = None
    notes: tuple[str, ...] = ()
