"""Answers: read from replies, and counted as the same by meaning, not by string.

`read` finds the one answer of a reply, in the order of `contemplate.answers.reading`: what it states, what it boxes, the
last candidate in the text. Each kind (`number`, `choice`, `math`, `date`, `set`, `boolean`, `json`, `text`, `open`) has a file of
its own that says what its canonical form is; two answers are the same when these are equal. None of it runs or resolves anything
that a model wrote. `equate` asks a second opinion on expressions, which `classes` takes into account.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from contemplate.answers import printed, reading
from contemplate.answers.boolean import BooleanKind
from contemplate.answers.checks import check_question, gold_of
from contemplate.answers.choice import ChoiceKind
from contemplate.answers.date import DateKind
from contemplate.answers.equality import equate
from contemplate.answers.json import JsonKind
from contemplate.answers.kind import Kind
from contemplate.answers.math import MathKind
from contemplate.answers.number import NumberKind
from contemplate.answers.open import WHOLE, OpenKind
from contemplate.answers.printed import PRINTED
from contemplate.answers.set import SetKind
from contemplate.answers.text import TextKind
from contemplate.answers.verifier import Verifier
from contemplate.types import Answer, AnswerKind, Merge, Question

__all__ = [
    "AFTERWARDS",
    "AT_THE_END",
    "KINDS",
    "PRINTED",
    "Kind",
    "Verifier",
    "answer_form",
    "check_question",
    "classes",
    "equate",
    "is_right",
    "read",
    "read_printed",
    "read_statement",
    "same",
    "typed",
]

_KINDS: tuple[Kind, ...] = (
    *(NumberKind(), ChoiceKind(), MathKind(), DateKind()),
    *(SetKind(), BooleanKind(), JsonKind(), TextKind(), OpenKind()),
)

KINDS: Mapping[AnswerKind, Kind] = MappingProxyType({kind.name: kind for kind in _KINDS})
"""The kinds of answers by name."""

AT_THE_END, AFTERWARDS = "End your reply with one line", "Then write one last line"
"""How the demand for the final line begins by itself, and how after a demand for reasoning: small models that are told the first
give that line and nothing else."""


def read(text: str, question: Question) -> Answer | None:
    """Read the answer to `question` from a reply.

    Args:
        text: any text; hostile, huge or broken text gives None, in bounded time.
        question: its kind and choices decide how the reply is read.

    Returns:
        The answer, or None for an abstention: no candidate, "I don't know", an opener only.
    """
    return reading.read(text, question, KINDS[question.kind])


def read_statement(text: str, question: Question) -> Answer | None:
    """Read the answer to `question` from a text that is nothing but the statement of one, as a field of an object is.

    Args:
        text: any text, as for `read`.
        question: its kind and choices decide how it is read.

    Returns:
        The answer, or None for an abstention.
    """
    return reading.read_statement(text, question, KINDS[question.kind])


def read_printed(output: str, question: Question) -> Answer | None:
    """Read the answer to `question` from what a program printed: its last line, as a whole.

    Args:
        output: any text, as for `read`.
        question: its kind decides how it is read.

    Returns:
        The answer, or None where the line holds none, or other numbers besides.
    """
    return printed.read_printed(output, question, KINDS[question.kind])


def same(a: Answer, b: Answer) -> str | None:
    """The reason why `a` and `b` are the same answer ("equal number", "same option", ...), or None if they are not."""
    if a.kind != b.kind or a.value != b.value:
        return None
    return "same text" if a.text == b.text else KINDS[a.kind].reason(a.value)


def classes(answers: Sequence[Answer], judged: Collection[frozenset[str]] = ()) -> tuple[list[int], list[Merge]]:
    """Sort `answers` into classes of the same answer.

    An answer joins the first class whose representative, the first answer in it, is the same.

    Args:
        answers: of one question.
        judged: pairs of canonical values that `equate`, or a model, found to be the same.

    Returns:
        The class of each answer, numbered from 0 in the order of their first members; and, once each,
        the merges of answers that are written differently, with their reasons.
    """
    equals: dict[str, list[str]] = {}
    for pair in judged:
        for value in pair:
            equals.setdefault(value, []).extend(pair)
    representatives: list[Answer] = []
    places: dict[tuple[str, str], int] = {}
    indices: list[int] = []
    merges: dict[Merge, None] = {}
    for answer in answers:
        values = (answer.value, *equals.get(answer.value, ()))
        index = min((places[answer.kind, value] for value in values if (answer.kind, value) in places), default=None)
        if index is None:
            index = places[answer.kind, answer.value] = len(representatives)
            representatives.append(answer)
        elif answer.text != (text := representatives[index].text):
            reason = same(answer, representatives[index]) or _judged(answer.kind)
            merges[Merge(answer=answer.text, into=text, reason=reason)] = None
        indices.append(index)
    return indices, list(merges)


def _judged(kind: str) -> str:
    """The reason why two answers of a kind count as the same though their canonical forms differ."""
    return "equal by math-verify" if kind == "math" else "a model judged them to say the same"


def typed(answer: Answer, question: Question) -> object:
    """The Python value of `answer`.

    Returns:
        `number`: an int, a float where that is exactly what the digits say, else a `Fraction`; the same for `math` where it
        is a number. `boolean`: a bool. `date`: a `datetime.date`. `set`: a frozenset of the items' normal forms. `json`: the
        value itself. `choice`: the text of the option. `open`: the text. All else: the canonical form.
    """
    if answer.kind == "open":
        return answer.text
    if answer.kind == "choice":
        return question.choices[ord(answer.value) - ord("A")]
    return KINDS[answer.kind].typed(answer.value)


def answer_form(question: Question) -> str:
    """The sentence of a prompt that asks for the form in which answers to `question` are read."""
    if question.kind == "open":
        return WHOLE
    return f"{AT_THE_END} of the form: {KINDS[question.kind].form(question)}"


def is_right(answer: Answer | None, question: Question) -> bool:
    """Whether `answer` is the question's gold answer, or one of those that are accepted beside it. An abstention never is.

    Raises:
        ValueError: the question has no gold answer, or one that its kind can't read.
    """
    if not question.golds:
        msg = "the question has no gold answer"
        raise ValueError(msg)
    values: list[str] = []
    for gold in question.golds:
        if (value := gold_of(question, KINDS[question.kind], gold)) is None:
            msg = f"the gold answer {gold[:80]!r} can't be read as {question.kind}"
            raise ValueError(msg)
        values.append(value)
    return answer is not None and answer.kind == question.kind and answer.value in values
