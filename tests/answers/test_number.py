"""Numbers in replies."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.answers import is_right, read
from contemplate.types import Question

HOW_MANY = Question(text="How many?", kind="number")
PERCENT = Question(text="What percentage is that?", kind="number")


@pytest.mark.parametrize(
    ("stated", "value"),
    [
        ("42", "42"),
        ("-3", "-3"),
        ("−3", "-3"),
        ("$-5", "-5"),
        ("-$5.00", "-5"),
        ("**$1,234.50**", "2469/2"),
        ("1.234,56", "30864/25"),
        ("1,00,000", "100000"),
        ("12 000", "12000"),
        ("1'000", "1000"),
        ("3,5", "7/2"),
        ("1/2", "1/2"),
        ("0.50", "1/2"),
        (".5", "1/2"),
        ("3/4 of a cup", "3/4"),
        ("3 1/2", "7/2"),
        ("2½ cups", "5/2"),
        (r"\frac{1}{2}", "1/2"),
        (r"$12\frac{3}{5}$", "63/5"),
        (r"10{,}000", "10000"),
        ("1e3", "1000"),
        ("2.5 × 10^3", "2500"),
        (r"2.5\times10^{-3}", "1/400"),
        ("5 million", "5000000"),
        ("$5k", "5000"),
        ("５", "5"),
        ("12 miles per hour", "12"),
        ("about 5", "5"),
        ("twelve apples", "12"),
        ("twenty-five", "25"),
        ("three hundred and forty-two", "342"),
        ("two and a half", "5/2"),
        ("three quarters", "3/4"),
        ("5 + 3 = 8", "8"),
        ("5^2", "25"),
        ("42, since 6 * 7 = 42", "42"),
        ("42, not 41", "42"),
        ("42 (that is 6 * 7)", "42"),
        ("2:00 pm", "2"),
        ("three and three quarters", "15/4"),
        ("six and two thirds", "20/3"),
        ("eleven-twelfths", "11/12"),
        ("two point five", "5/2"),
        ("three trillion", "3000000000000"),
        ("seventy-five percent", "3/4"),
        ("half a dozen", "6"),
        ("a dozen", "12"),
        ("two dozen", "2"),
        ("2 dozen", "2"),
        ("minus five", "-5"),
        ("negative 5", "-5"),
        ("$1.2M", "1200000"),
        ("$3B", "3000000000"),
        ("5 x 10^3", "5000"),
        ("5 m²", "5"),
        ("1_000", "1000"),
        ("50%", "1/2"),
    ],
)
def test_reads_a_stated_number(stated: str, value: str) -> None:
    """However a number is written, its value is exact."""
    answer = read(f"Answer: {stated}", HOW_MANY)

    assert answer is not None
    assert (answer.value, answer.how) == (value, "stated")


@pytest.mark.parametrize(
    "stated", ["I don't know", "none", "n/a", "cannot be determined", "9:30 pm", "07/08/1971", "1/0", "<number>", ""]
)
def test_reads_no_number_where_there_is_none(stated: str) -> None:
    """Abstentions, times, dates, placeholders and a division by zero are no numbers."""
    assert read(f"Answer: {stated}", HOW_MANY) is None


@pytest.mark.parametrize("text", ["9" * 101, "1e999999999", "1e-101", "9" * 20_000, "0." + "1" * 200])
def test_refuses_numbers_out_of_bounds(text: str) -> None:
    """A number of more than 100 digits, or beyond 10 to the 100, is not read."""
    assert read(f"Answer: {text}", HOW_MANY) is None


@pytest.mark.parametrize(("written", "asked", "elsewhere"), [("50%", "50", "1/2"), ("50", "50", "50"), ("0.5", "1/2", "1/2")])
def test_percent(written: str, asked: str, elsewhere: str) -> None:
    """A percentage is the number before the sign where the question speaks of percent, and a hundredth of it elsewhere."""
    answers = [read(f"Answer: {written}", question) for question in (PERCENT, HOW_MANY)]

    assert [answer and answer.value for answer in answers] == [asked, elsewhere]


def test_a_percentage_goes_first_where_percent_are_asked_for() -> None:
    """Of a share and the percentage it comes to, the percentage is the answer."""
    answer = read("Answer: 0.40 * 0.20 = 0.08, or 8%", PERCENT)

    assert answer is not None
    assert answer.value == "8"


def test_keeps_the_answer_as_it_stood() -> None:
    """The text is what the reply says, the value is canonical."""
    answer = read("The answer is $1,234.00 a year.", HOW_MANY)

    assert answer is not None
    assert (answer.text, answer.value) == ("$1,234.00", "1234")


def test_the_last_number_in_digits_is_the_last_candidate() -> None:
    """Without a statement the last number counts, and words such as "one" do not."""
    answer = read("16 - 3 = 13\n13 - 4 = 9, so nine for that one", HOW_MANY)

    assert answer is not None
    assert (answer.value, answer.how) == ("9", "last")


@given(st.integers(-(10**30), 10**30))
def test_separators_do_not_matter(number: int) -> None:
    """A whole number has one value with and without thousands separators."""
    question = HOW_MANY.model_copy(update={"gold": str(number)})

    assert is_right(read(f"Answer: {number:,}", question), question)


@given(st.fractions(max_denominator=10**6).filter(lambda number: abs(number) < 10**9))
def test_fractions_are_exact(number: Fraction) -> None:
    """Any fraction comes back as it went in."""
    answer = read(f"Answer: {number}", HOW_MANY)

    assert answer is not None
    assert Fraction(answer.value) == number


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9))
def test_decimals_are_exact(number: object) -> None:
    """A decimal number is the fraction that it stands for, not the nearest float."""
    answer = read(f"Answer: {number:f}", HOW_MANY)

    assert answer is not None
    assert Fraction(answer.value) == Fraction(f"{number:f}")
