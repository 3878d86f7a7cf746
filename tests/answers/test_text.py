"""Free text in replies."""

from __future__ import annotations

import pytest

from contemplate.answers import read, same
from contemplate.types import Answer, Question

NAME_IT = Question(text="What is it?", kind="text")


def stated(text: str) -> Answer:
    """The answer of a reply that states `text`."""
    answer = read(f"Answer: {text}", NAME_IT)
    assert answer is not None, text
    return answer


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("The Eiffel Tower.", "eiffel tower", "same normal form"),
        ("**Paris**", '"Paris"', "same text"),
        ("well-known", "well known", "same normal form"),
        ("STRASSE", "straße", "same normal form"),
        ("ﬁve", "five", "same normal form"),
        ("0.50", "1/2", "equal number"),
        ("1,000", "$1000", "equal number"),
        ("a", "A", "same normal form"),
    ],
)
def test_the_same_text(one: str, other: str, reason: str) -> None:
    """Case, articles, punctuation and compatibility forms do not matter; whole numbers count as numbers."""
    assert same(stated(one), stated(other)) == reason


@pytest.mark.parametrize(
    ("one", "other"), [("C", "C++"), ("C", "C#"), ("5%", "5"), ("Paris", "London"), ("07/08/1971", "08/07/1971")]
)
def test_another_text(one: str, other: str) -> None:
    """Signs that carry meaning stay."""
    assert same(stated(one), stated(other)) is None


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "   \n ",
        "Sure!",
        "Certainly.",
        "Let me think step by step",
        "Sure! Let me think step by step.",
        "Okay, here is my answer:",
        "To solve this, we need to look closely",
        "...",
        "I don't know.",
        "Answer: I do not know",
        "Answer: none",
        "Answer: <your answer in a few words>",
        "Answer:",
        "two lines\nof talk",
        "x" * 201,
    ],
)
def test_no_text(reply: str) -> None:
    """Openers, abstentions, placeholders and talk without a statement give no answer."""
    assert read(reply, NAME_IT) is None


def test_a_reply_of_one_line_is_the_answer() -> None:
    """A short reply needs no label."""
    answer = read("Paris.", NAME_IT)

    assert answer is not None
    assert (answer.text, answer.value, answer.how) == ("Paris", "paris", "last")


def test_an_abbreviation_ends_no_sentence() -> None:
    """The answer in a sentence goes to its end."""
    answer = read("The answer is Dr. Smith. He was there.", NAME_IT)

    assert answer is not None
    assert answer.text == "Dr. Smith"
