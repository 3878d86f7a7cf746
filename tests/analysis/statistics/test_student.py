"""Student's t distribution."""

from __future__ import annotations

from math import inf, isnan, nan, sqrt
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.analysis.statistics.student import student_p, student_reach
from contemplate.errors import InputError
from contemplate.seeds import rng


def test_agrees_with_scipy() -> None:
    """From 1 to 100,000 degrees of freedom, whole or not, near 0 and far out, to eight digits."""
    from scipy import stats  # type: ignore[import-untyped]

    source, t_of = rng(0, "student"), stats.t
    for _ in range(2000):
        t, degrees = 10 ** source.uniform(-4, 2.5), 10 ** source.uniform(0, 5)
        assert 2 * t_of.sf(t, degrees) == pytest.approx(student_p(t, degrees), rel=1e-8, abs=1e-300)
    for level in (0.01, 0.5, 0.8, 0.95, 0.999):
        for degrees in (1, 1.5, 2, 9, 30, 1234.5, 1e6):
            assert t_of.ppf((1 + level) / 2, degrees) == pytest.approx(student_reach(level, degrees), rel=1e-8)


def test_by_hand() -> None:
    """One degree of freedom is Cauchy's distribution, two have a formula, and very many are the normal distribution."""
    assert 0.5 == pytest.approx(student_p(1, 1))
    assert 1 - 3 / sqrt(11) == pytest.approx(student_p(3, 2))
    assert NormalDist().inv_cdf(0.975) == pytest.approx(student_reach(0.95, 1e9))
    assert 1 == pytest.approx(student_reach(0.5, 1))
    assert (1.0, 0.0) == (student_p(0, 5), student_p(inf, 5))
    assert isnan(student_p(nan, 5))


@given(st.floats(0.001, 0.999), st.floats(1, 1e5))
def test_reach_leaves_as_much_outside(level: float, degrees: float) -> None:
    """The one is the other's inverse."""
    assert 1 - level == pytest.approx(student_p(student_reach(level, degrees), degrees), rel=1e-6)


@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(1, 1e4))
def test_farther_out_is_less_likely(t: float, other: float, degrees: float) -> None:
    """And both sides are alike."""
    near, far = sorted((t, other), key=abs)
    assert 0 <= student_p(far, degrees) <= student_p(near, degrees) * (1 + 1e-9) <= 1 + 1e-9
    assert student_p(t, degrees) == student_p(-t, degrees)


@pytest.mark.parametrize("level", [0, 1, -0.5, 95, float("nan")])
def test_no_level(level: float) -> None:
    """One line says what is wrong."""
    with pytest.raises(InputError, match="confidence level"):
        student_reach(level, 5)
