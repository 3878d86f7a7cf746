"""Quantities in several units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.answers import read
from contemplate.types import Question


def number(statement: str, question: str) -> str | None:
    """The value of a statement."""
    answer = read(f"Answer: {statement}", Question(text=question, kind="number"))
    return None if answer is None else answer.value


@pytest.mark.parametrize(
    "statement",
    [
        "2 feet 6 inches",
        "1 hour and 15 minutes",
        "3 pounds, 4 ounces",
        "$5 and 30 cents",
        "5 hrs 30 min",
        "5h 30m",
        "5h30m",
        "6 ft 2 in",
        "6'2\"",
        "2 weeks and 3 days",
        "3 years 2 months",
        "1 kg 500 g",
        "1 minute, 30 seconds",
        "5 dollars 50 cents",
        "2 days, 3 hours and 5 minutes",
    ],
)
def test_no_part_of_a_quantity_is_its_value(statement: str) -> None:
    """Where the question names no unit there is no one number, least of all the small part."""
    assert number(statement, "How long?") is None


@pytest.mark.parametrize(
    ("statement", "question", "value"),
    [
        ("5 hours 30 minutes", "How many minutes does it take?", "330"),
        ("5 hours and 30 minutes", "How many hours does it take?", "11/2"),
        ("5h 30m", "How long is it, in minutes?", "330"),
        ("6 feet 2 inches", "How tall is he in inches?", "74"),
        ("2 pounds, 8 ounces", "How many pounds?", "5/2"),
        ("$5 and 30 cents", "How many cents?", "530"),
        ("1 kg 500 g", "How many grams?", "1500"),
        ("5 hours 30 minutes", "How many hours and minutes?", None),
        ("5 hours 30 minutes", "How many boxes?", None),
        ("5 hours", "How many minutes?", "5"),
    ],
)
def test_the_whole_in_the_unit_that_the_question_names(statement: str, question: str, value: str | None) -> None:
    """One unit of the sort, and the whole counts in it; a quantity in one unit stays as it is."""
    assert value == number(statement, question)


@given(st.integers(0, 100), st.integers(0, 59))
def test_hours_and_minutes(hours: int, minutes: int) -> None:
    """The whole in minutes is the sum of the parts."""
    assert str(60 * hours + minutes) == number(f"{hours} hours and {minutes} minutes", "How many minutes?")
