"""Answers: read from replies, and counted as the same by meaning, not by string.

`read` finds the one answer of a reply, in the order of `contemplate.answers.reading`: what it states, what it boxes, the
last candidate in the text. Each kind (`number`, `choice`, `math`, `text`) has a file of its own that says what its canonical
form is; two answers are the same when these are equal. None of it runs or resolves anything that a model wrote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from contemplate.answers import reading
from contemplate.answers.checks import check_question, gold_of
from contemplate.answers.choice import ChoiceKind
from contemplate.answers.kind import Kind
from contemplate.answers.math import MathKind
from contemplate.answers.number import NumberKind
from contemplate.answers.text import TextKind
from contemplate.types import Answer, AnswerKind, Merge, Question

__all__ = ["KINDS", "Kind", "answer_form", "check_question", "classes", "is_right", "read", "same"]

KINDS: Mapping[AnswerKind, Kind] = MappingProxyType(
    {kind.name: kind for kind in (NumberKind(), ChoiceKind(), MathKind(), TextKind())}
)
"""The kinds of answers by name."""


def read(text: str, question: Question) -> Answer | None:
    """Read the answer to `question` from a reply.

    Args:
        text: any text; hostile, huge or broken text gives None, in bounded time.
        question: its kind and choices decide how the reply is read.

    Returns:
        The answer, or None for an abstention: no candidate, "I don't know", an opener only.
    """
    return reading.read(text, question, KINDS[question.kind])


def same(a: Answer, b: Answer) -> str | None:
    """Why `a` and `b` are the same answer ("equal number", "same option", ...), or None if they are not."""
    if a.kind != b.kind or a.value != b.value:
        return None
    return "same text" if a.text == b.text else KINDS[a.kind].reason(a.value)


def classes(answers: Sequence[Answer]) -> tuple[list[int], list[Merge]]:
    """Sort `answers` into classes of the same answer.

    An answer joins the first class whose representative, the first answer in it, is the same.

    Returns:
        The class of each answer, numbered from 0 in the order of their first members; and, once each,
        the merges of answers that are written differently, with their reasons.
    """
    representatives: list[Answer] = []
    places: list[int] = []
    merges: dict[Merge, None] = {}
    for answer in answers:
        for place, representative in enumerate(representatives):
            if reason := same(answer, representative):
                places.append(place)
                if answer.text != representative.text:
                    merges[Merge(answer=answer.text, into=representative.text, reason=reason)] = None
                break
        else:
            places.append(len(representatives))
            representatives.append(answer)
    return places, list(merges)


def answer_form(question: Question) -> str:
    """The sentence of a prompt that asks for the form in which answers to `question` are read."""
    return f"End your reply with one line of the form: {KINDS[question.kind].form(question)}"


def is_right(answer: Answer | None, question: Question) -> bool:
    """Whether `answer` is the question's gold answer. An abstention never is.

    Raises:
        ValueError: the question has no gold answer, or one that its kind can't read.
    """
    if question.gold is None:
        msg = "the question has no gold answer"
        raise ValueError(msg)
    gold = gold_of(question, KINDS[question.kind])
    if gold is None:
        msg = f"the gold answer {question.gold[:80]!r} can't be read as {question.kind}"
        raise ValueError(msg)
    return answer is not None and answer.kind == question.kind and answer.value == gold
