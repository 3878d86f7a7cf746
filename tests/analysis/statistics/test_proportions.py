"""Shares of questions, and pass@k."""

from __future__ import annotations

from itertools import combinations
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.analysis.statistics import mean_pass_at_k, pass_at_k, wilson


@st.composite
def shares(draw: st.DrawFn) -> tuple[int, int]:
    """Successes, and out of how many."""
    n = draw(st.integers(1, 100_000))
    return draw(st.integers(0, n)), n


@pytest.mark.parametrize(
    ("successes", "n", "expected"),
    [(9, 10, (0.596, 0.982)), (86, 100, (0.779, 0.915)), (0, 20, (0, 0.161))],
)
def test_worked_examples(successes: int, n: int, expected: tuple[float, float]) -> None:
    """The interval to three digits."""
    found = wilson(successes, n)
    assert expected == (round(found.interval.low, 3), round(found.interval.high, 3))
    assert successes / n == found.value


@given(shares(), st.floats(0.01, 0.999))
def test_interval_holds_the_share(share: tuple[int, int], level: float) -> None:
    """It lies within [0, 1], and its share within it."""
    found = wilson(*share, level=level)
    assert 0 <= found.interval.low <= found.value <= found.interval.high <= 1
    assert found.value in found.interval


@given(shares())
def test_wrong_mirrors_right(share: tuple[int, int]) -> None:
    """The interval of the wrong answers is that of the right ones, mirrored."""
    successes, n = share
    right, wrong = wilson(successes, n).interval, wilson(n - successes, n).interval
    assert (right.low, right.high) == pytest.approx((1 - wrong.high, 1 - wrong.low), abs=1e-12)


@given(shares(), st.floats(0.01, 0.99), st.floats(0.001, 0.009))
def test_surer_is_wider(share: tuple[int, int], level: float, more: float) -> None:
    """A higher level gives an interval that holds the one of a lower level."""
    inner, outer = wilson(*share, level=level).interval, wilson(*share, level=level + more).interval
    assert outer.low <= inner.low
    assert inner.high <= outer.high


def test_ends_are_exact() -> None:
    """None right begins at 0, and all right ends at 1, whatever rounding does."""
    assert {0.0} == {wilson(0, n).interval.low for n in range(1, 200)}
    assert {1.0} == {wilson(n, n).interval.high for n in range(1, 200)}


@given(st.integers(1, 9), st.data())
def test_pass_at_k_counts_subsets(n: int, data: st.DataObject) -> None:
    """It is the share of subsets of k samples that hold a right one."""
    right, k = data.draw(st.integers(0, n)), data.draw(st.integers(1, n))
    samples = [place < right for place in range(n)]
    assert sum(map(any, combinations(samples, k))) / comb(n, k) == pytest.approx(pass_at_k(n, right, k), abs=1e-12)


@pytest.mark.parametrize(("n", "right", "k", "expected"), [(5, 2, 1, 0.4), (5, 2, 2, 0.7), (10, 3, 8, 1.0), (100, 0, 100, 0.0)])
def test_pass_at_k_examples(n: int, right: int, k: int, expected: float) -> None:
    """1 - C(n - c, k) / C(n, k) by hand."""
    assert expected == pytest.approx(pass_at_k(n, right, k))


def test_pass_at_k_of_many_samples() -> None:
    """Counts whose binomials pass the range of floats."""
    assert pytest.approx(1 - 0.999**1000, rel=1e-3) == pass_at_k(1_000_000, 1000, 1000)


def test_mean_pass_at_k() -> None:
    """The mean over questions, each with as many samples as it has."""
    assert (0.5 + 1.0 + 0.0) / 3 == mean_pass_at_k([[1, 0], [True, True, True], [0, 0, 0, 0]], 1)
