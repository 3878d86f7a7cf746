"""What a claim computes is computed again, and nothing is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.claims import computed


@pytest.mark.parametrize(
    "claim",
    [
        *("17 * 23 = 391", "17 times 23 is 391.", "$17 \\times 23 = 391$", "**17 × 23 = 391**", "(17 * 23 = 391)", "2^10 = 1024"),
        *("20 % of 50 is 10", "20% of 50 = 10", "10% + 5% = 15%", "1,000 + 1 = 1,001", "1,5 + 1 = 2,5", "2 + 3 = 5 = 10/2"),
        *("So 2 + 2 = 4 and 3 * 3 = 9", "The cost: 12 x 30 = 360 dollars", "Revenue: 10,000 * 12 = 120,000 USD"),
    ],
)
def test_what_is_right_holds(claim: str) -> None:
    """In the signs and words that models use."""
    check = computed(claim)
    assert check is not None
    assert check.holds is True


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("17 * 23 = 392", "17 * 23 is 391, not 392"),
        ("20% of 50 is 11", "20 / 100 * 50 is 10, not 11"),
        ("12 * 3 = 36, so 36 / 4 = 8", "36 / 4 is 9, not 8"),
        ("1,000 + 1 = 1,002", "1,000 + 1 is 1001, not 1,002"),
        ("So 2 + 2 = 4 and 3 * 3 = 10", "3 * 3 is 9, not 10"),
    ],
)
def test_what_is_wrong_is_named(claim: str, reason: str) -> None:
    """With what it comes to."""
    check = computed(claim)
    assert check is not None
    assert (check.holds, check.reason) == (False, reason)


@pytest.mark.parametrize(
    "claim",
    [
        *("PostgreSQL is best", "x + 3 = 5", "a = b", "f(3) = 9", "1 = 2", "5! = 12", "17 * 23 ≈ 390", "24/7 is 1 thing"),
        *("10/3 = 3.33", "2/3 = 0.66", "1 / 3 + 1 / 3 = 1", "5 + 8 = 1 (mod 12)", "1 + 1 = 10 in binary", "50 + 10 % = 55"),
        *("It is false that 2 + 2 = 5", "2 + 2 is not 5", "If 2 + 2 = 5, then pigs fly", "2 + 2 != 5", "log 10 + 1 = 2"),
        *("2 apples + 3 apples = 6 apples", "3 * 4 = 12 million", "3 + 4 = 5 thousand", "Version 3.2/4 is 5 years old"),
        *("root of 16 + 9 = 7", "2020-2021 is 1 year", "the ratio 3/4 is 5 times larger", "7 + 3 is 5 more than 2 + 3"),
        *("Sum of 2 and 3 * 3 = 15", "HTTP 4 * 4 = 17", '"2" + "2" = "22"', "9^9^9^9 = 1", "1/0 = 5"),
    ],
)
def test_what_is_not_clear_is_left_alone(claim: str) -> None:
    """Names, units, approximations, other bases, what is supposed or denied."""
    check = computed(claim)
    assert check is None or check.holds is True


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.sampled_from("+-*"), st.integers(-3, 3))
def test_sums_hold_exactly_where_they_are_right(one: int, other: int, sign: str, off: int) -> None:
    """Of whole numbers."""
    result = {"+": one + other, "-": one - other, "*": one * other}[sign]
    check = computed(f"In all that makes: {one} {sign} {other} = {result + off}")
    assert check is not None
    assert check.holds is (off == 0)


@given(st.text(alphabet="0123456789+-*/=().,% ^xis", max_size=60))
def test_any_text_is_read(claim: str) -> None:
    """Without an error, whatever it holds."""
    check = computed(claim)
    assert check is None or check.by == "arithmetic"
