"""The form of recorded samples, and what is read from them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from zlib import error as BrokenZlib  # noqa: N812 - an exception

from pydantic import BeforeValidator, Field, FiniteFloat, ValidationError

from contemplate import answers
from contemplate.answers import check_question
from contemplate.errors import InputError
from contemplate.types import AnswerKind, Question, Value


class Sample(Value):
    """One reply that was drawn for a question.

    Attributes:
        text: the reply, raw.
        member: who gave it: a model, a seat. Weights are learned for members.
        weight: of its vote, >= 0.
        score: a verifier's or reward model's, any finite number, higher is better.
    """

    text: str
    member: str | None = None
    weight: Annotated[FiniteFloat, Field(ge=0)] | None = None
    score: FiniteFloat | None = None


def _written(gold: object) -> object:
    """A gold answer may be a bare JSON number."""
    return repr(gold) if isinstance(gold, int | float) and not isinstance(gold, bool) else gold


class Record(Value):
    """One question and its replies: one line of the file.

    Attributes:
        id: unique in the file.
        gold: the right answer, where known; a string or a number.
        samples: in the order in which they were drawn, at least one.
    """

    id: str
    question: str
    kind: AnswerKind = "text"
    choices: tuple[str, ...] = ()
    json_schema: dict[str, Any] | None = None
    gold: Annotated[str | None, BeforeValidator(_written)] = None
    samples: Annotated[tuple[Sample, ...], Field(min_length=1)]

    @property
    def asked(self) -> Question:
        """The question as the library takes it."""
        return Question(
            text=self.question, kind=self.kind, choices=self.choices, json_schema=self.json_schema, gold=self.gold, id=self.id
        )


@dataclass(frozen=True)
class Votes:
    """What the samples of one question answer.

    Attributes:
        id: of the question.
        classes: the class of each sample's answer, None for an abstention; classes are numbered from 0 as they appear.
        right: the classes that are the gold answer; none if nobody gave it; None if there is no gold answer.
        answers: each class as it first stood in a reply.
    """

    id: str
    classes: tuple[int | None, ...]
    right: frozenset[int] | None
    answers: tuple[str, ...] = ()
    members: tuple[str | None, ...] = ()
    weights: tuple[float | None, ...] = ()
    scores: tuple[float | None, ...] = ()


def load(path: Path) -> list[Record]:
    """The records of a JSON Lines file, which may be compressed by gzip; empty lines are skipped.

    Raises:
        InputError: it can't be read, a line is no record (the message names the line and the field), an id stands twice, or there
            is none at all.
    """
    records: dict[str, Record] = {}
    for number, line in _lines(path):
        try:
            record = Record.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise InputError(f"{path}:{number}: {where + ': ' if where else ''}{first['msg']}") from None
        if record.id in records:
            raise InputError(f"{path}:{number}: the id {record.id!r} stands there twice")
        try:
            check_question(record.asked)
        except InputError as error:
            raise InputError(f"{path}:{number}: {error}") from None
        records[record.id] = record
    if not records:
        raise InputError(f"{path}: there are no records in it")
    return list(records.values())


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open("rb") as start:
            packed = start.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rt", encoding="utf-8") if packed else path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, line
    except (OSError, EOFError, BrokenZlib) as error:
        raise InputError(f"{path} can't be read: {getattr(error, 'strerror', None) or error}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no UTF-8 text: {error.reason} at byte {error.start}") from None


def read(record: Record) -> Votes:
    """Read what each sample of `record` answers, and which answers are the same.

    Raises:
        InputError: the gold answer can't be read as the question's kind.
    """
    question = record.asked
    found = [answers.read(sample.text, question) for sample in record.samples]
    given = [answer for answer in found if answer is not None]
    places, _ = answers.classes(given)
    order = iter(places)
    firsts = [given[places.index(place)] for place in range(max(places, default=-1) + 1)]
    try:
        right = None if record.gold is None else frozenset(
            place for place, answer in enumerate([*firsts, None]) if answers.is_right(answer, question)
        )  # fmt: skip
    except ValueError as error:
        raise InputError(f"record {record.id!r}: {error}") from None
    return Votes(
        id=record.id,
        classes=tuple(None if answer is None else next(order) for answer in found),
        right=right,
        answers=tuple(answer.text for answer in firsts),
        members=tuple(sample.member for sample in record.samples),
        weights=tuple(sample.weight for sample in record.samples),
        scores=tuple(sample.score for sample in record.samples),
    )
