"""Options in replies that explain, deny, or break off."""

from __future__ import annotations

import pytest

from contemplate.answers import read
from contemplate.types import Question

CITIES = Question(text="Which?", kind="choice", choices=("Paris", "London", "New York", "York"))


def letter(reply: str, question: Question = CITIES) -> str | None:
    """The option that is read."""
    answer = read(reply, question)
    return None if answer is None else answer.value


@pytest.mark.parametrize(
    "reply",
    [
        "The answer is B. A is a distractor.",
        "Answer: B. A is too small",
        "Answer: B, while A is wrong",
        "Answer: B, although C is close",
        "Answer: B is better than A",
        "Answer: (B), whereas (C) is smaller",
        "**B. London**\n\nExplanation: option A is too small.",
        "(B)\n\nBecause option A is too far north.",
        "B\n\nA and C are too small.",
        "Option B\n\nA is too small, C too large.",
        "London\n\nOption A is too small.",
        "b)",
        "(b).",
        "The correct answer is not A, it is B.",
        "The answer is not A but B.",
        "Answer: not A, but B",
        "<answer>B</answer>\nA was a trap.",
        "答案选B。A不对。",
        "故选B",
        "La respuesta correcta es B.",
    ],
)
def test_one_option_is_meant(reply: str) -> None:
    """What explains it, or speaks of the others, changes nothing."""
    assert "B" == letter(reply)


@pytest.mark.parametrize(
    "reply",
    [
        "Answer: not A",
        "Answer: neither A nor B",
        "Answer: A. B",
        "So the answer is (None of the above).",
        "I looked at (A).\nAnswer: none of these",
        "I looked at (A). The answer is not among the options.",
        "Eve says London (B), Ann says (C). So the",
        "Ann says (C). That means that the correct opt",
        "Ann says (C), and therefore,",
        "A. Paris\nB. London\nC. New York\nD. York",
    ],
)
def test_no_option_is_meant(reply: str) -> None:
    """What is denied, left open, refused or broken off."""
    assert None is letter(reply)


def test_none_of_the_above_may_be_an_option() -> None:
    """Where one option says so, in other words."""
    question = Question(text="Which?", kind="choice", choices=("Paris", "London", "None of these"))

    assert "C" == letter("Answer: none of the above", question)
