"""Recorded samples as votes: the class of the answer in each reply."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from contemplate import answers
from contemplate.analysis.records.records import Record, Sample
from contemplate.errors import InputError
from contemplate.types import Answer, Question


@dataclass(frozen=True)
class Votes:
    """The answers of one question's samples, by class.

    Attributes:
        id: of the question.
        classes: the class of each sample's answer, None for an abstention; classes are numbered from 0 as they appear.
        right: the classes that are the gold answer, or were found right; none if nobody gave it; None if that is not known.
        answers: each class as it first stood in a reply.
    """

    id: str
    classes: tuple[int | None, ...]
    right: frozenset[int] | None
    answers: tuple[str, ...] = ()
    members: tuple[str | None, ...] = ()
    weights: tuple[float | None, ...] = ()
    scores: tuple[float | None, ...] = ()


def read(record: Record) -> Votes:
    """Read what each sample of `record` answers, and which answers are the same.

    Raises:
        InputError: the gold answer can't be read as the question's kind.
    """
    if record.samples[0].is_read:
        return _as_stored(record)
    question = record.asked
    found = [answers.read(sample.text, question) for sample in record.samples]
    try:
        return classed(record.id, question, found, record.samples)
    except InputError as error:
        raise InputError(f"record {record.id!r}: {error}") from None


def classed(
    name: str,
    question: Question,
    found: Sequence[Answer | None],
    samples: Sequence[Sample],
    judged: Collection[frozenset[str]] = (),
) -> Votes:
    """The classes of answers that were read, and which of them are right.

    Args:
        name: the id of the question.
        question: with its gold answer, if there is one.
        found: the answer of each sample, None for an abstention.
        samples: what else is known of each.
        judged: pairs of canonical values that are the same, as `contemplate.answers.classes` takes them.

    Raises:
        InputError: the gold answer can't be read as the question's kind.
    """
    given = [answer for answer in found if answer is not None]
    indices, _ = answers.classes(given, judged)
    order = iter(indices)
    firsts = [given[indices.index(index)] for index in range(max(indices, default=-1) + 1)]
    try:
        right = None if question.gold is None else frozenset(
            index for index, answer in enumerate([*firsts, None]) if answers.is_right(answer, question)
        )  # fmt: skip
    except ValueError as error:
        raise InputError(str(error)) from None
    classes = tuple(None if answer is None else next(order) for answer in found)
    return _votes(name, classes, right, [answer.text for answer in firsts], samples)


def _as_stored(record: Record) -> Votes:
    """The answers as they are on record: the same if they are the same characters."""
    names: dict[str, int] = {}
    given = [sample.answer for sample in record.samples]
    classes = tuple(None if answer is None else names.setdefault(answer, len(names)) for answer in given)
    right = None if record.gold is None else frozenset({names[record.gold]} if record.gold in names else ())
    return _votes(record.id, classes, right, list(names), record.samples)


def _votes(
    name: str, classes: tuple[int | None, ...], right: frozenset[int] | None, texts: Sequence[str], samples: Sequence[Sample]
) -> Votes:
    if any(sample.right is not None for sample in samples):
        flagged = zip(classes, samples, strict=True)
        right = frozenset(index for index, sample in flagged if index is not None and sample.right)
    return Votes(
        id=name,
        classes=classes,
        right=right,
        answers=tuple(texts),
        members=tuple(sample.member for sample in samples),
        weights=tuple(sample.weight for sample in samples),
        scores=tuple(sample.score for sample in samples),
    )
