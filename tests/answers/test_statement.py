"""Texts that are nothing but the statement of an answer, as the field of an object is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.answers import KINDS, read, read_statement
from contemplate.types import AnswerKind, Question


def stated(text: str, kind: AnswerKind, choices: tuple[str, ...] = ()) -> str | None:
    """The value of the answer."""
    answer = read_statement(text, Question(text="?", kind=kind, choices=choices))
    return None if answer is None else answer.value


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("7", "number", "7"),
        (" -7. ", "number", "-7"),
        ("Answer: 7", "number", "7"),
        ("**Final answer:** 7", "number", "7"),
        ("\\boxed{7}", "number", "7"),
        ("true", "boolean", "yes"),
        ('{"a": 1}', "json", '{"a":1}'),
        ("Twain", "text", "twain"),
        ("I don't know", "number", None),
        ("", "number", None),
        ("{}", "number", None),
    ],
)
def test_statements(text: str, kind: AnswerKind, value: str | None) -> None:
    """Each kind, perhaps under a label of its own."""
    assert value == stated(text, kind)


def test_a_choice() -> None:
    """By its letter, or in full."""
    assert ["B", "B"] == [stated(text, "choice", ("red", "blue")) for text in ("(B)", "blue")]


def test_a_marker_inside_is_words() -> None:
    """What looks like a final line within the statement does not cut it."""
    assert "Twain, and the answer is clear" == read_statement_text("Twain, and the answer is clear")


def read_statement_text(text: str) -> str | None:
    """The text of an answer in free text."""
    answer = read_statement(text, Question(text="?", kind="text"))
    return None if answer is None else answer.text


@given(st.integers(-(10**9), 10**9))
def test_a_number_is_what_it_is_after_a_label(number: int) -> None:
    """As in the last line of a reply."""
    question = Question(text="?", kind="number")

    assert read(f"Answer: {number}", question) == read_statement(str(number), question)


@given(st.text(), st.sampled_from(list(KINDS)))
def test_any_text_is_read(text: str, kind: AnswerKind) -> None:
    """Reading is total."""
    stated(text, kind, ("red", "blue") if kind == "choice" else ())
