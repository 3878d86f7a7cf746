"""What one mathematical statement comes to: lists, names, sentences, approximations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.answers import read
from contemplate.types import Question

WHOLE = st.integers(2, 10**6)


def value(reply: str, question: str = "Solve it.") -> str | None:
    """The value of a reply."""
    answer = read(reply, Question(text=question, kind="math"))
    return None if answer is None else answer.value


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"\boxed{19, 46, and 82}", r"\boxed{82, 19, 46}"),
        (r"\boxed{19, 46 \text{ and } 82}", r"\boxed{82, 19, 46}"),
        (r"\boxed{3 \text{ or } 5}", r"\boxed{5, 3}"),
        (r"\boxed{3, 5, or 7}", r"\boxed{7, 5, 3}"),
        (r"\boxed{5, 125}", r"\boxed{125, 5}"),
        (r"\boxed{2, 300, 400}", r"\boxed{400, 300, 2}"),
        ("Answer: 1,234, 5,678", "Answer: 5678, 1234"),
        ("Answer: both 3 and -3", r"\boxed{-3, 3}"),
        (r"\boxed{x=1, y=2}", r"\boxed{y=2, x=1}"),
        (r"\boxed{x=1, x=2}", r"\boxed{2, 1}"),
        (r"\boxed{a=3, b=4}", r"\boxed{b = 4, a = 3}"),
        (r"\boxed{x = 2 \text{ and } y = 3}", r"\boxed{x=2, y=3}"),
        ("Answer: $x=1$ and $y=2$", r"\boxed{x=1,y=2}"),
    ],
)
def test_lists(one: str, other: str) -> None:
    """Commas, "and" and "or" part the values of a list, and values of several names keep their names."""
    assert value(one) == value(other)


@pytest.mark.parametrize(
    ("reply", "right"),
    [
        ("Answer: The largest $n$ is 34.", "34"),
        ("Answer: The largest $n$ is $34$.", "34"),
        ("Answer: The largest n is 34.", "34"),
        ("Answer: The smallest such $k$ equals 7", "7"),
        (r"Answer: The minimum value of $f$ is $-\frac{3}{4}$", "-3/4"),
        ("Answer: The area equals 12 square units", "12"),
        ("The answer is $5$ since $x=2$.", "5"),
        ("Answer: The value is $5$ since $x = 2$.", "5"),
        ("Answer: The value is $5$ when $x = 2$.", "5"),
        ("The answer is 0, because 2 to the power of 0 is 1.", "0"),
        ("Answer: 36π cubic inches", "36*pi"),
        ("Answer: $n$ equals $34$", "34"),
        ("Answer: 34 for r = 2", "34"),
        ("Answer: 18 (3 × 6)", "18"),
        (r"\boxed{18 \text{ (since } 3 \times 6)}", "18"),
    ],
)
def test_sentences(reply: str, right: str) -> None:
    """What a name is said to be is the value, and not the name; a reason is not."""
    assert right == value(reply)


@pytest.mark.parametrize(
    ("reply", "right"),
    [
        (r"\boxed{(x, y) = (5, 8)}", "(5, 8)"),
        (r"\boxed{(a,b,c)=(1,2,3)}", "(1, 2, 3)"),
        (r"\boxed{A = \{2,1\}}", "{1, 2}"),
        (r"\boxed{AB = 4}", "4"),
        (r"\boxed{\overline{AB} = 4}", "4"),
        (r"\boxed{\angle ABC = 90^\circ}", "90"),
        (r"\boxed{m\angle A = 30}", "30"),
        (r"\boxed{f(2) = 7}", "7"),
        (r"\boxed{|AB| = 4}", "4"),
        (r"\boxed{[ABC] = 4}", "4"),
        (r"\boxed{(r, \theta) = (3, \pi)}", "(3, pi)"),
        (r"\boxed{a + b = 22}", "a+b=22"),
        (r"\boxed{x^2 = 4}", "x^2=4"),
    ],
)
def test_a_name_before_an_equals_sign_is_dropped(reply: str, right: str) -> None:
    """Names of points, angles, sets and pairs are names; what is more than a name makes an equation."""
    assert right == value(reply)


@pytest.mark.parametrize(
    ("reply", "question", "right"),
    [
        (r"\boxed{\frac13 \approx 0.333}", "?", "1/3"),
        ("Answer: 1/3 ≈ 0.333", "?", "1/3"),
        (r"\boxed{x = \frac{1}{3} \approx 0.33}", "?", "1/3"),
        (r"\boxed{\sqrt{2} \approx 1.41}", "?", "sqrt(2)"),
        (r"\boxed{x \approx 3.14}", "?", "157/50"),
        (r"\boxed{\sqrt{2} \approx 1.41}", "What is it, to the nearest hundredth?", "141/100"),
    ],
)
def test_what_is_exact_goes_before_what_is_near(reply: str, question: str, right: str) -> None:
    """Unless the question asks for a rounded number."""
    assert right == value(reply, question)


@pytest.mark.parametrize("written", [r"28\%", "28 percent", r"28 \text{ percent}", "28%", "0.28", r"\frac{7}{25}"])
def test_percent(written: str) -> None:
    """A percentage is one value, however it is written."""
    assert value(f"\\boxed{{{written}}}") == "7/25"


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("0,111", "111/1000"),
        ("3{,}5", "7/2"),
        ("1{,}000{,}000", "1000000"),
        ("12,500", "12500"),
        ("(2, 345)", "(2, 345)"),
        (r"-\frac{3}{4}", "-3/4"),
        ("-½", "-1/2"),
        ("6 and 3/4", "27/4"),
        (r"5\textnormal{ cm}", "5"),
        (r"\textnormal{even}", "even"),
    ],
)
def test_signs(written: str, right: str) -> None:
    """Decimal commas, thousands, signs before fractions, words in every font."""
    assert right == value(f"\\boxed{{{written}}}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x=1, y=2", "x=2, y=1"),
        ("5, 125", "5125"),
        ("0,111", "111"),
        ("x=1, y=2", "a=1, b=2"),
        (r"\frac13", "0.333"),
        ("(5,8)", "(8,5)"),
    ],
)
def test_other_values(one: str, other: str) -> None:
    """What is not the same has not the same value."""
    assert value(f"\\boxed{{{one}}}") != value(f"\\boxed{{{other}}}")


@given(WHOLE, WHOLE, st.sampled_from([", ", " and ", ", and ", r" \text{ or } "]))
def test_a_list_has_no_order(one: int, other: int, joint: str) -> None:
    """Two values in one order are the same two in the other, and never one number."""
    there, back = value(f"\\boxed{{{one}{joint}{other}}}"), value(f"\\boxed{{{other}{joint}{one}}}")

    assert there == back
    assert {str(one), str(other)} == set((there or "").split(", "))


@given(WHOLE, WHOLE)
def test_named_values_are_not_swapped(one: int, other: int) -> None:
    """Named values are equal to those of another reply only each by itself."""
    assert (value(f"\\boxed{{x={one}, y={other}}}") == value(f"\\boxed{{x={other}, y={one}}}")) == (one == other)
