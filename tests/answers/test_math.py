"""Expressions in replies."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.answers import read, same
from contemplate.types import Answer, Question

SOLVE = Question(text="Solve it.", kind="math")


def boxed(expression: str) -> Answer:
    """The answer of a reply that boxes `expression`."""
    answer = read(f"So it is $\\boxed{{{expression}}}$.", SOLVE)
    assert answer is not None, expression
    return answer


@pytest.mark.parametrize(
    "written",
    [
        [r"\frac{1}{2}", r"\dfrac12", "1/2", "0.5", ".50", r"x = \frac{1}{2}", r"\frac{2}{4}", r"\text{1/2}", r"2^{-1}"],
        [r"12\frac{3}{5}", "12 3/5", "63/5", "12.6", r"x=12\frac35"],
        [r"-1\frac12", "-3/2", "−1.5"],
        [
            r"\frac{\sqrt{3}}{2}",
            r"\sqrt{3}/2",
            r"\sqrt3/2",
            r"\frac{3}{2\sqrt{3}}",
            r"\sqrt{\frac34}",
            r"√3/2",
            r"\frac{1}{2}\sqrt{3}",
        ],
        [r"5\sqrt{2}", r"\sqrt{50}", r"\frac{10}{\sqrt{2}}", r"5 \cdot \sqrt 2"],
        [r"7\pi", r"7 \cdot \pi", "7π", r"\pi \cdot 7", "7pi"],
        ["4a-2", "2(2a-1)", "-2+4a", r"4 \cdot a - 2"],
        ["10{,}000", "10,000", "10000", r"10\,000", "10^4"],
        ["90^\\circ", "90", r"90^{\circ}", r"90\text{ degrees}", "90°"],
        ["5", r"5\text{ cm}", r"5 \text{ cm}^2", r"5\mathrm{cm}", "5 cm", r"\$5", "x = 5", "5 = x", "3 + 2 = 5"],
        [r"h^{-1}(x) = \frac{x+2}{7}", "f'(x) = (x+2)/7", r"\frac{x+2}{7}"],
        [r"\text{even}", "even", r"\textbf{Even}"],
        ["A", "(A)", r"\text{(A)}", r"\mathbf{A}"],
        ["(1,2)", r"\left(1, 2\right)", "(1, 4/2)"],
        [r"\{1,2\}", r"\left\{ 2, 1 \right\}"],
        ["1, 2", r"x = 1 \text{ or } x = 2", r"2 \text{ and } 1"],
        [r"(1, \infty)", r"(1,\infty)", "(1, ∞)"],
        [r"\frac{1}{x+1}", "1/(x+1)"],
        [r"1 \le x", r"1 \leq x", "1 ≤ x"],
        ["y=2x+3", "2x+3", "3 + 2x"],
        [r"\boxed{3}", "3"],
    ],
)
def test_the_same_expression(written: list[str]) -> None:
    """Expressions of one meaning have one value, and the merge has a reason."""
    answers = [boxed(expression) for expression in written]

    assert len({answer.value for answer in answers}) == 1, [answer.value for answer in answers]
    assert {same(answer, answers[0]) for answer in answers} <= {"same text", "equal number", "same normal form"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1/3", "0.333333"),
        ("(1,2)", "(2,1)"),
        ("(1,2)", "[1,2]"),
        (r"\{1,2\}", "(1,2)"),
        ("(0,1)", "[0,1)"),
        (r"\sqrt{2}", "1.41421356"),
        (r"\pi", "3.14159"),
        ("x^2+y^2=4", "x^2+y^2=5"),
        ("a", "A"),
        ("no", "on"),
        ("1011_2", "1011"),
        (r"1+\sqrt2", r"1-\sqrt2"),
        ("2x", "x^2"),
        ("x^{-1} = 5", "5"),
    ],
)
def test_other_expressions(one: str, other: str) -> None:
    """Approximations, other orders, other brackets and other letters are other answers."""
    assert same(boxed(one), boxed(other)) is None


@pytest.mark.parametrize(
    "expression",
    [
        "9^{9^{9^{9}}}",
        "(9^{64})^{64}",
        "(a+b+c+d)^{64}",
        "(" * 300 + "1" + ")" * 300,
        r"\sqrt{" + "9" * 90 + "}",
        "1/0",
        r"\frac{1}{1-1}",
        "9" * 900,
    ],
)
def test_what_is_out_of_bounds_counts_as_text(expression: str) -> None:
    """What would be too much to compute is compared as it is written."""
    assert boxed(expression).value not in {"1", ""}


@pytest.mark.parametrize(
    ("reply", "value", "how"),
    [
        (r"The final answer is $\frac{1}{2}$. I hope it is correct.", "1/2", "stated"),
        (r"Answer: $x=1$ and $x=2$", "1, 2", "stated"),
        ("Answer: 42 because 6*7", "42", "stated"),
        ("Answer: parallel lines", "parallel lines", "stated"),
        (r"Answer: \(\boxed{7}\)", "7", "stated"),
        (r'{"answer": "\\frac{1}{2}"}', "1/2", "stated"),
        (r'{"answer": "\frac{1}{2}"}', "1/2", "stated"),
        (r"first \boxed{1}, then \boxed{2}", "2", "boxed"),
        (r"\boxed{\frac{1}{\sqrt{4}}}", "1/2", "boxed"),
        (r"so $60 \cdot 7 = 420$", "420", "last"),
        (r"so \[ x = \frac{3}{4} \] which is it", "3/4", "last"),
        ("it costs $5 and then $6", "6", "last"),
    ],
)
def test_where_an_expression_stands(reply: str, value: str, how: str) -> None:
    """A statement goes before a box, a box before the last maths, that before the last number."""
    answer = read(reply, SOLVE)

    assert answer is not None
    assert (answer.value, answer.how) == (value, how)


@given(st.fractions(max_denominator=999).filter(lambda number: abs(number) < 10**6))
def test_fractions_in_latex(number: Fraction) -> None:
    """A LaTeX fraction and a division are the same number."""
    sign = "-" if number < 0 else ""
    latex = f"{sign}\\frac{{{abs(number.numerator)}}}{{{number.denominator}}}"

    assert Fraction(boxed(latex).value) == number == Fraction(boxed(str(number)).value)


@given(st.integers(1, 400), st.integers(1, 400))
def test_roots_are_rationalised(above: int, below: int) -> None:
    """A root below the line and the same root above it are one number."""
    assert boxed(f"\\frac{{{above}}}{{\\sqrt{{{below}}}}}").value == boxed(f"\\frac{{{above}\\sqrt{{{below}}}}}{{{below}}}").value
