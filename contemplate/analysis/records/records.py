"""The form of recorded samples."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any
from zlib import error as BrokenZlib  # noqa: N812 - an exception

from pydantic import BeforeValidator, Field, FiniteFloat, ValidationError, field_validator, model_validator

from contemplate.analysis.records.fields import Form
from contemplate.answers import check_question
from contemplate.errors import InputError
from contemplate.files import open_regular
from contemplate.types import AnswerKind, Question, Value


def _written(value: object) -> object:
    """An answer may be a bare JSON number."""
    return repr(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _named(name: object) -> object:
    """An id may be a whole number."""
    return str(name) if isinstance(name, int) and not isinstance(name, bool) else name


Written = Annotated[str | None, BeforeValidator(_written)]


class Sample(Value):
    """One reply that was drawn for a question.

    Attributes:
        text: the reply, raw. It may be left out where there is an `answer`.
        answer: what somebody else read from it, None for nothing. Where it is given the text is not read: two such answers are
            the same if they are the same characters.
        right: whether somebody else found it right; it goes before the gold answer.
        member: who gave it: a model, a seat. Weights are learned for members.
        weight: of its vote, >= 0.
        score: a verifier's or reward model's, any finite number, higher is better.
    """

    text: str
    answer: Written = None
    right: bool | None = None
    member: str | None = None
    weight: Annotated[FiniteFloat, Field(ge=0)] | None = None
    score: FiniteFloat | None = None

    @model_validator(mode="before")
    @classmethod
    def _answered(cls, sample: object) -> object:
        return {"text": "", **sample} if isinstance(sample, dict) and "answer" in sample else sample

    @property
    def is_read(self) -> bool:
        """Whether somebody else has read it already."""
        return "answer" in self.model_fields_set


class Record(Value):
    """One question and its replies: one line of the file.

    Attributes:
        id: unique in the file.
        gold: the right answer, where known; a string or a number.
        samples: in the order in which they were drawn, at least one.
    """

    id: Annotated[str, BeforeValidator(_named)]
    question: str
    kind: AnswerKind = "text"
    choices: tuple[str, ...] = ()
    json_schema: dict[str, Any] | None = None
    gold: Written = None
    samples: Annotated[tuple[Sample, ...], Field(min_length=1)]

    @field_validator("samples")
    @classmethod
    def _alike(cls, samples: tuple[Sample, ...]) -> tuple[Sample, ...]:
        if len({sample.is_read for sample in samples}) > 1:
            msg = "some have an 'answer' on record and some have not"
            raise ValueError(msg)
        return samples

    @property
    def asked(self) -> Question:
        """The question as the library takes it."""
        return Question(
            text=self.question, kind=self.kind, choices=self.choices, json_schema=self.json_schema, gold=self.gold, id=self.id
        )


def load_records(path: Path | str, fields: Mapping[str, str] | None = None, kind: AnswerKind | None = None) -> list[Record]:
    """The records of a JSON Lines file, which may be compressed by gzip; empty lines are skipped.

    Args:
        path: the file.
        fields: which field of the file is what, for files of another form; see `contemplate.analysis.records.fields`. Other
            fields are then left unread, where without it they are refused.
        kind: of the questions that name none; "text" if it is None.

    Raises:
        InputError: it can't be read, a line is no record (the message names the line and the field), an id stands twice, or there
            is none at all.
    """
    path = Path(path)
    form = Form(fields, kind)
    records: dict[str, Record] = {}
    for number, line in _lines(path):
        try:
            record = Record.model_validate(form.record(line, number))
            check_question(record.asked)
        except ValidationError as error:
            raise InputError(f"{path}:{number}: {_problem(error)}") from None
        except InputError as error:
            raise InputError(f"{path}:{number}: {error}") from None
        if record.id in records:
            raise InputError(f"{path}:{number}: the id {record.id!r} stands there twice")
        records[record.id] = record
    if not records:
        raise InputError(f"{path}: there are no records in it")
    form.end(str(path))
    return list(records.values())


def _problem(error: ValidationError) -> str:
    """The first thing that is wrong with a record: the field, and what is wrong."""
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, first["loc"]))
    if first["type"] == "extra_forbidden":
        return f"{where}: no field of a record; of a file in another form it can be said which field is what (fields)"
    return f"{where + ': ' if where else ''}{first['msg'].removeprefix('Value error, ')}"


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with open_regular(path) as start:
            packed = start.read(2) == b"\x1f\x8b"
            start.seek(0)
            with TextIOWrapper(gzip.open(start, "rb") if packed else start, encoding="utf-8") as lines:
                for number, line in enumerate(lines, 1):
                    if line.strip():
                        yield number, line
    except (OSError, EOFError, BrokenZlib) as error:
        raise InputError(f"{path} can't be read: {getattr(error, 'strerror', None) or error}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no UTF-8 text: {error.reason} at byte {error.start}") from None
