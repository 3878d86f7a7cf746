"""How one number may be written, and what is left of it to be worked out."""

from __future__ import annotations

import pytest

from contemplate.answers import read
from contemplate.types import Question


def number(statement: str) -> str | None:
    """The value of a statement."""
    answer = read(f"Answer: {statement}", Question(text="How many?", kind="number"))
    return None if answer is None else answer.value


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("(3 + 4) * 2", "14"),
        ("3(2+1)", "9"),
        ("18 [3 × 6]", "18"),
        ("3 * (2 + 4)", "18"),
        ("3 * (2 + 4) = 18", "18"),
        ("3^4 ways", "81"),
        (r"\sqrt{49}", "7"),
        ("√25", "5"),
        ("5 x 4", "20"),
        ("20 - 2", "18"),
        ("100 + 20 + 3", "123"),
        ("2^3 * 5", "40"),
        ("2(3 + 4)", "14"),
        ("18 = 3 × 6", "18"),
        (r"5 \text{ apples}", "5"),
        ("18\n(3 × 6)", "18"),
        ("18; 3 × 6", "18"),
        ("18 because 3 × 6 = 18", "18"),
        ("18: 3 × 6", "18"),
        ("18 - since 3 × 6", "18"),
        ("18, i.e. 3 × 6", "18"),
        ("3 × 6", "18"),
        ("(3 × 6) = 18", "18"),
        ("4 × 6 = 24 seats in 4 rows", "24"),
        ("2^{-3}", "1/8"),
        (r"4\sqrt{9}", "12"),
        (r"\sqrt{16} + 1", "5"),
        ("10^3", "1000"),
        ("10^{3} eggs in 2 boxes", "1000"),
        ("1.5 × 10^6", "1500000"),
        ("2^10 = 1024", "1024"),
        ("2^5 - 1", "31"),
        ("42. Check: 6 × 7 = 42", "42"),
        ("42 since 50 - 8 is 42", "42"),
        ("42 when x is 7", "42"),
        ("42+", "42"),
        ("2**3", "8"),
        ("42_{10}", "42"),
    ],
)
def test_what_is_left_to_be_worked_out_is(statement: str, value: str) -> None:
    """Powers, roots, products and differences, where a rational number comes out."""
    assert value == number(statement)


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("⅝", "5/8"),
        ("2⅔", "8/3"),
        ("-⅞", "-7/8"),
        ("10⁻²", "1/100"),
        ("2¹⁰", "1024"),
        (r"-\frac{5}{6}", "-5/6"),
        (r"-\frac56", "-5/6"),
        ("-½", "-1/2"),
        (r"minus \frac34", "-3/4"),
        ("negative three", "-3"),
        (r"\frac{7}{2} cups", "7/2"),
        ("12 000", "12000"),
        ("1 234 567 people", "1234567"),
        ("3¾", "15/4"),
        ("⅒", "1/10"),
        ("10⁶", "1000000"),
        ("5×10⁻⁴", "1/2000"),
        ("2³", "8"),
        ("3²·2", "18"),
        (r"\frac{\sqrt{16}}{2}", "2"),
        (r"\frac{1}{2}\cdot 6", "3"),
        (r"\dfrac{10}{4}", "5/2"),
        (r"\left(\frac{1}{2}\right)^2", "1/4"),
        (r"- \frac{1}{2}", "-1/2"),
        (r"$-\frac{1}{2}$", "-1/2"),
        ("−⅓", "-1/3"),
        ("minus one half", "-1/2"),
        (r"minus \frac{3}{4}", "-3/4"),
        (r"negative \frac12", "-1/2"),
        ("minus ½", "-1/2"),
        (r"-1\frac12", "-3/2"),
        ("-1½", "-3/2"),
        ("12 000.", "12000"),
        ("12 000 000", "12000000"),
        ("12 000 eggs", "12000"),
        ("1 000,5", "2001/2"),
        ("12 345.67", "1234567/100"),
        ("the total is 12 000.", "12000"),
        ("$ 12 000", "12000"),
        ("€5,50", "11/2"),
    ],
)
def test_every_sign_of_a_number_is_read(statement: str, value: str) -> None:
    """Fractions and powers in one sign, signs before them, spaced thousands."""
    assert value == number(statement)


@pytest.mark.parametrize(
    "statement",
    [
        r"3\sqrt{5}",
        r"2\pi",
        "π",
        r"\frac{\sqrt{2}}{2}",
        "9^9^9^9",
        r"\sqrt{2}",
        "√2",
        "2√3",
        r"\sqrt[3]{25}",
        "e^2",
        r"\pi/2",
        r"3\pi cm",
    ],
)
def test_what_is_not_rational_is_no_number(statement: str) -> None:
    """No part of an irrational number is read in its place."""
    assert number(statement) is None
