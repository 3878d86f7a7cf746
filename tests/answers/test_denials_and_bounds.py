"""What a statement denies or only bounds is no answer."""

from __future__ import annotations

import pytest

from contemplate.answers import read
from contemplate.types import AnswerKind, Question


def value(reply: str, kind: AnswerKind = "number", asked: str = "?") -> str | None:
    """The canonical form of what is read."""
    answer = read(reply, Question(text=asked, kind=kind))
    return answer.value if answer else None


@pytest.mark.parametrize(
    ("kind", "reply"),
    [
        ("number", "Answer: not 5"),
        ("number", "**Answer:** Not 5 eggs."),
        ("number", "#### not 5"),
        ("number", "\\boxed{not 5}"),
        ("number", "<answer>never 5</answer>"),
        ("number", "So 4 + 1 = 5.\nAnswer: not 5"),
        ("math", "Answer: not $x + 1$"),
        ("math", "\\boxed{not 5}"),
        ("date", "Answer: not 04/19/1969"),
        ("set", "Answer: not Ann and Bob"),
    ],
)
def test_a_denial_is_no_answer(kind: AnswerKind, reply: str) -> None:
    """Nor is anything else in the reply."""
    assert value(reply, kind) is None


@pytest.mark.parametrize(
    ("kind", "reply", "right"),
    [
        ("number", "Answer: not 5 but 6", "6"),
        ("number", "Answer: not 5, it is 6", "6"),
        ("number", "Answer: not counting the spare ones, 12", "12"),
        ("date", "Answer: not 04/19/1969 but 04/20/1969", "1969-04-20"),
        ("boolean", "Answer: not true", "no"),
        ("text", "Answer: Not guilty", "not guilty"),
        ("math", "Answer: not $3$ but $4$", "4"),
    ],
)
def test_what_is_said_beside_a_denial(kind: AnswerKind, reply: str, right: str) -> None:
    """The other value, and texts that begin so, count."""
    assert right == value(reply, kind)


@pytest.mark.parametrize(
    "said",
    [
        *(
            "less than 5",
            "more than 5 eggs",
            "at least 5",
            "at most $5",
            "up to 5",
            "no more than 5",
            "greater than or equal to 5",
        ),
        *("< 5", "x > 5", "x ≥ 5", "$x \\leq 5$", "it is smaller than 5"),
    ],
)
def test_a_bound_leaves_the_answer_open(said: str) -> None:
    """As a range does."""
    assert value(f"Answer: {said}") is None


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ("7, more than 5", "7"),
        ("5 more than Ann", "5"),
        ("5 less than 10", "5"),
        ("12 eggs, at least 3 of them brown", "12"),
        ("at least 3 + 4 = 7", "7"),
    ],
)
def test_a_bound_beside_a_value(said: str, right: str) -> None:
    """The value counts."""
    assert right == value(f"Answer: {said}")


@pytest.mark.parametrize("asked", ["What is the least number of eggs?", "At most how many?", "Up to how many eggs fit in?"])
def test_a_bound_that_is_asked_for(asked: str) -> None:
    """It is the answer."""
    assert "5" == value("Answer: at least 5", asked=asked)


@pytest.mark.parametrize(
    ("reply", "right"),
    [
        ("so it is 2^{10}", "1024"),
        ("so it is $2^{10}$.", "1024"),
        ("There are 10^3 eggs", "1000"),
        ("That leaves \\sqrt{16}", "4"),
        ("That leaves 2\\sqrt{3}", None),
        ("It is 10⁻³", "1/1000"),
        ("It covers 12 cm^2", "12"),
        ("18 (3 × 6)", "18"),
        ("18 {3 × 6}", "18"),
        ("$12 for 4 kg", "12"),
        ("5 or 6", None),
        ("1. 42", "42"),
        ("36 eggs in 3 boxes", "36"),
    ],
)
def test_a_reply_that_states_nothing(reply: str, right: str | None) -> None:
    """A power or root that ends it is worked out; a short one that begins with a number is read as a statement."""
    assert right == value(reply)


@pytest.mark.parametrize("explained", ["18 {3 × 6}", "18 \\{3 × 6\\}", "18 [3 × 6]", "18 (3 × 6)"])
def test_brackets_that_explain(explained: str) -> None:
    """Of every sort."""
    assert ["18"] * 2 == [value(f"Answer: {explained}"), value(f"\\boxed{{{explained}}}")]
