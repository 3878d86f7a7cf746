"""Answers that programs print."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contemplate import answers
from contemplate.types import AnswerKind, Question

NUMBER = Question(text="How many apples are left?", kind="number")


@pytest.mark.parametrize(
    ("output", "value"),
    [
        ("42\n", "42"),
        ("working\n41\n42.0\n\n", "42"),
        ("Answer: 42", "42"),
        ("The total is $18", "18"),
        ("18 apples", "18"),
        ("1,000", "1000"),
        ("1e+20", str(10**20)),
        ("3/4", "3/4"),
    ],
)
def test_the_last_line_is_the_answer(output: str, value: str) -> None:
    """Words and signs may stand around it."""
    found = answers.read_printed(output, NUMBER)

    assert found is not None
    assert (found.value, found.how) == (value, "stated")


@pytest.mark.parametrize("output", ["", "\n", "None", "nan", "inf", "apples 5 pears 6", "3 4 5", "(3, 4)", "12 of 30", "True"])
def test_a_line_that_holds_no_answer_or_more_than_one_has_none(output: str) -> None:
    """Which of several numbers is meant is not guessed."""
    assert answers.read_printed(output, NUMBER) is None


def test_earlier_lines_are_no_answers() -> None:
    """Nor is any but the last line looked for."""
    assert answers.read_printed("42\nDone.", NUMBER) is None


@pytest.mark.parametrize(
    ("printed", "text", "value"),
    [
        ("0.30000000000000004", "0.3", "3/10"),
        ("17.999999999999996", "18", "18"),
        ("-0.1428571428571428", "-1/7", "-1/7"),
        ("1,234.5600000000001", "1,234.56", "30864/25"),
        ("12.345678000000001", "12.345678", "6172839/500000"),
        ("0.333", "0.333", "333/1000"),
        ("3.141592653589793", "3.14159265359", "314159265359/100000000000"),
    ],
)
def test_a_float_is_what_it_was_meant_to_be(printed: str, text: str, value: str) -> None:
    """So that a sum by a program and the same sum by hand are one answer; short decimals stay exact."""
    found = answers.read_printed(printed, NUMBER)

    assert found is not None
    assert (found.text, found.value) == (text, value)


@example(100, 449, 1)
@given(st.integers(1, 10_000), st.integers(1, 999), st.integers(1, 999))
def test_a_quotient_is_read_as_itself(top: int, bottom: int, factor: int) -> None:
    """Whichever way its float was worked out."""
    ways = {str(top / bottom), str(top * (1 / bottom)), str((top / factor) / bottom * factor)}

    assert {answers.read_printed(way, NUMBER).value for way in ways} == {str(Fraction(top, bottom))}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("kind", "output", "value"),
    [
        ("math", "(0.1, 0.30000000000000004)", "(1/10, 3/10)"),
        ("math", "sqrt(2)", "sqrt 2"),
        ("date", "2020-01-02 00:00:00", "2020-01-02"),
        ("set", "['b', 'a']", '["a","b"]'),
        ("boolean", "True", "yes"),
    ],
)
def test_other_kinds(kind: AnswerKind, output: str, value: str) -> None:
    """Each is read as that kind reads a statement."""
    found = answers.read_printed(output, Question(text="What is it?", kind=kind))

    assert found is not None
    assert found.value == value


def test_two_values_are_no_mathematical_answer() -> None:
    """A blank between digits separates thousands in a text, and two values in what is printed."""
    assert answers.read_printed("3 4", Question(text="What is it?", kind="math")) is None


@given(st.text(), st.sampled_from(answers.PRINTED))
def test_any_output_is_read_or_not(output: str, kind: AnswerKind) -> None:
    """Reading never raises."""
    found = answers.read_printed(output, Question(text="What is it?", kind=kind))

    assert found is None or found.kind == kind
