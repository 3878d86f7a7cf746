"""Checks of a question, before anything is called for it."""

from __future__ import annotations

import re

from contemplate.answers.choice import MAX_CHOICES, MIN_CHOICES
from contemplate.answers.kind import NOTHING, Kind
from contemplate.answers.schema import check_schema
from contemplate.errors import InputError
from contemplate.types import MAX_QUESTION, Question

_GOLD_LENGTH = 20_000
_UNSENDABLE = re.compile("[\x00\ud800-\udfff]")


def check_question(question: Question) -> None:
    """Refuse a question that can't be asked.

    Raises:
        InputError: the text is empty, too long, or holds what no provider takes; or the choices or the JSON Schema do not
            fit the kind.
    """
    if not question.text.strip():
        raise InputError("the question is empty")
    if len(question.text) > MAX_QUESTION:
        raise InputError(f"the question is {len(question.text):,} characters long; the most is {MAX_QUESTION:,}")
    texts = {"question": question.text} | {f"choice {number}": choice for number, choice in enumerate(question.choices, 1)}
    for what, text in texts.items():
        if bad := _UNSENDABLE.search(text):
            name = "a NUL character" if bad[0] == "\x00" else "half of a surrogate pair"
            raise InputError(f"the {what} holds {name} at position {bad.start()}; it is no text")
    _check_choices(question)
    if question.json_schema is not None:
        if question.kind != "json":
            raise InputError(f"a JSON Schema is given, but the answer wanted is of kind {question.kind!r}, and not 'json'")
        check_schema(question.json_schema)


def _check_choices(question: Question) -> None:
    if question.kind != "choice":
        if question.choices:
            raise InputError(f"choices are given, but the answer wanted is of kind {question.kind!r}, and not 'choice'")
        return
    if not MIN_CHOICES <= len(question.choices) <= MAX_CHOICES:
        raise InputError(
            f"a question of kind 'choice' needs {MIN_CHOICES} to {MAX_CHOICES} choices, and has {len(question.choices)}"
        )
    seen: dict[str, int] = {}
    for number, choice in enumerate(question.choices, 1):
        text = " ".join(choice.split())
        if not text:
            raise InputError(f"choice {number} is empty")
        if text in seen:
            raise InputError(f"choices {seen[text]} and {number} are the same: {text[:80]!r}")
        seen[text] = number


def gold_of(question: Question, kind: Kind, gold: str) -> str | None:
    """The canonical form of a gold answer; None if `kind` can't read it."""
    found = kind.read(gold[:_GOLD_LENGTH], question)
    return found.value if found and found is not NOTHING else None
