"""Whose answer a reply speaks of."""

from __future__ import annotations

import pytest

from contemplate.answers import read
from contemplate.types import AnswerKind, Question

HOW_MANY = Question(text="How many?", kind="number")


def value(reply: str) -> str | None:
    """The number that is read."""
    answer = read(reply, HOW_MANY)
    return None if answer is None else answer.value


@pytest.mark.parametrize(
    "words",
    [
        "So the answer is 42.",
        "I conclude that the answer is 42.",
        "I still think the answer is 42.",
        "Reply 2 is wrong, so the answer is 42.",
        "After considering the other solutions, I believe the answer is 42.",
        "This shows that the answer is 42.",
        "It is safe to say that the answer is 42.",
        "All agents agree, and I confirm that the answer is 42.",
        "As they both agree, the answer is 42.",
        "Bob says that he has 3 apples, so the answer is 42.",
        "Since 5 is not prime the answer is 42.",
        "The question's answer is 42.",
        "My guess is that the answer is 42.",
        "So the answer would be 42.",
    ],
)
def test_the_authors_own(words: str) -> None:
    """A sentence that the author says goes before the number that stands last."""
    assert "42" == value(f"{words} It took 7 steps.")


@pytest.mark.parametrize(
    "words",
    [
        "One reply claims that the answer is 13",
        "Eve says the answer is 13",
        "Agent 2's final answer is 13",
        "Their answer is 13",
        "According to reply 2, the answer is 13",
        "Agent 1: the answer is 13",
        "The answer is 13, says Agent 2",
        "The answer is 13, as Ann claims",
        "The other agents believe that the answer is 13",
        "They all agree that the answer is 13",
        "Two of the five seats argue, without proof, that the answer is 13",
        "The claim that the answer is 13 can't hold",
        "I doubt that the answer is 13",
        "I don't think the answer is 13",
        "It is tempting to say that the answer is 13",
        "I first thought the answer was 13",
        "Suppose that the answer is 13",
        "So the answer is 13? No",
        "If it were in cents, the answer would be 13",
        'One reply says "the answer is 13"',
        "One reply says “the answer is 13”",
        "One reply says 'the answer is 13'",
        "Its last line is `Answer: 13`",
        "Reply B wrote:\nAnswer: 13",
        "> Answer: 13",
    ],
)
def test_somebody_elses(words: str) -> None:
    """What another says, and what is supposed, denied or quoted, is no statement: before and behind an own answer."""
    assert "42" == value(f"{words}.\n\nThere are 42 eggs left.")
    assert "42" == value(f"Answer: 42\n\nRemark: {words}.")
    assert "42" == value(f"So the answer is 42.\n\n{words}.\nThat is all.")


@pytest.mark.parametrize(
    "check",
    [
        "We may check our answer: $3 + 4 = 7$.",
        "To verify the answer: 3 + 4 = 7.",
        "Double-check the final answer: 3 + 4 = 7.",
        "3 + 4 = 7, so our answer is correct.",
        "Since 3 + 4 = 7, my final answer is indeed verified.",
    ],
)
@pytest.mark.parametrize("kind", ["number", "math"])
def test_a_check_states_nothing(check: str, kind: AnswerKind) -> None:
    """Behind the answer, where it would be the later one."""
    answer = read(f"So the answer is $42$.\n\n{check}", Question(text="How many?", kind=kind))

    assert answer is not None
    assert "42" == answer.value


def test_a_label_in_a_line_states_its_sentence_only() -> None:
    """A later sentence is a statement of its own."""
    reply = "Adding 1 gives us our final answer: $x^2 + 1 = 47 + 1$. The answer is 48."
    answer = read(reply, Question(text="What is it?", kind="math"))

    assert answer is not None
    assert "48" == answer.value


def test_a_condition_is_better_than_nothing() -> None:
    """A sentence with a condition counts where nothing else is stated."""
    assert "42" == value("If today is Monday, the answer is 42.")
    assert "31" == value("The answer is 31. If today is Monday, the answer is 42.")


def test_a_reply_in_quotation_marks() -> None:
    """A reply that is one quotation as a whole quotes nobody."""
    assert "42" == value('"The answer is 42, not 13."')


def test_a_quoted_line_that_ends_the_reply() -> None:
    """A model that sets its own last line off as a quotation means it."""
    assert "42" == value("Of 13 eggs and 29:\n\n> **Answer: 42**")
