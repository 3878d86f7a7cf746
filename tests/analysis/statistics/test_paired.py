"""Two strategies: McNemar's test, and the paired difference."""

from __future__ import annotations

from fractions import Fraction
from math import comb, isnan, sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.analysis.statistics import discordant_p, mcnemar, mean, paired_difference

COUNTS = st.integers(0, 400)
PAIRS = st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=2, max_size=40)


@pytest.mark.parametrize(("b", "c", "expected"), [(5, 15, 0.0414), (1, 9, 0.0215), (61, 112, 0.00013), (0, 0, 1), (7, 7, 1)])
def test_worked_examples(b: int, c: int, expected: float) -> None:
    """The exact p-value, as published."""
    assert expected == round(discordant_p(b, c)[0], 5 if expected < 0.001 else 4)


@given(COUNTS, COUNTS)
def test_p_by_the_definition(b: int, c: int) -> None:
    """Both p-values as fractions, and as what they mean."""
    ways = Fraction(1, 2 ** (b + c))
    tail = sum(comb(b + c, i) for i in range(min(b, c) + 1)) * ways
    p, mid_p = discordant_p(b, c)
    assert float(min(Fraction(1), 2 * tail)) == p
    assert float(2 * tail - comb(b + c, min(b, c)) * ways) == mid_p
    assert 0 <= mid_p <= p <= 1
    assert (p, mid_p) == discordant_p(c, b)


def test_counts() -> None:
    """Each question is in one of four counts."""
    found = mcnemar([1, 1, 0, 0, True, 0], [1, 0, 1, 0, False, 0])
    assert (1, 2, 2, 1) == (found.both, found.neither, found.b, found.c)
    assert discordant_p(2, 1) == (found.p, found.mid_p)


def test_difference_by_the_formula() -> None:
    """SE = sqrt(sum (d - dbar)^2 / (n (n - 1))), and Var(A - B) = Var(A) + Var(B) - 2 Cov."""
    first, second = [0.9, 0.1, 0.4, 0.8], [0.5, 0.2, 0.4, 0.1]
    found = paired_difference(first, second)
    d = [x - y for x, y in zip(first, second, strict=True)]
    centre = sum(d) / 4
    one, other = mean(first).standard_error, mean(second).standard_error
    assert centre == pytest.approx(found.value)
    assert sqrt(sum((x - centre) ** 2 for x in d) / 12) == pytest.approx(found.standard_error)
    assert one**2 + other**2 - 2 * found.correlation * one * other == pytest.approx(found.standard_error**2)


@given(PAIRS)
def test_exchanging_the_two_mirrors(pairs: list[tuple[float, float]]) -> None:
    """The difference changes its sign, and nothing else does."""
    first, second = map(list, zip(*pairs, strict=True))
    one, other = paired_difference(first, second), paired_difference(second, first)
    assert (one.value, one.standard_error, one.p) == (-other.value, other.standard_error, other.p)
    assert (one.interval.low, one.interval.high) == (-other.interval.high, -other.interval.low)
    assert 0 <= one.p <= 1
    assert one.value in one.interval
    assert isnan(one.correlation) or -1 <= one.correlation <= 1


@given(PAIRS, st.randoms(use_true_random=False))
def test_order_does_not_matter(pairs: list[tuple[float, float]], source: Random) -> None:
    """Questions in another order give the same."""
    shuffled = source.sample(pairs, len(pairs))
    one, other = (paired_difference(*map(list, zip(*rows, strict=True))) for rows in (pairs, shuffled))
    assert (one.value, one.standard_error, one.p) == (other.value, other.standard_error, other.p)


def test_nothing_differs() -> None:
    """Equal strategies have p = 1; one that is better by as much everywhere has p = 0."""
    assert 1.0 == paired_difference([1, 0, 1], [1, 0, 1]).p
    assert 0.0 == paired_difference([2, 1, 2], [1, 0, 1]).p
    assert isnan(paired_difference([1, 1], [0, 1]).correlation)
