"""Holm's adjustment."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.analysis.statistics import holm

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_by_hand() -> None:
    """Four p-values: times 4, 3, 2, 1, and none below the one before."""
    assert pytest.approx((0.03, 0.06, 0.06, 0.02)) == holm([0.01, 0.04, 0.03, 0.005])


@given(P_VALUES)
def test_monotone(values: list[float]) -> None:
    """Adjusted values keep the order, are at least the given ones, at most Bonferroni's, and at most 1."""
    found = holm(values)
    by_size = sorted(range(len(values)), key=values.__getitem__)
    assert [found[place] for place in by_size] == sorted(found)
    for given_p, adjusted in zip(values, found, strict=True):
        assert given_p <= adjusted <= min(1.0, given_p * len(values))


@given(P_VALUES, st.randoms(use_true_random=False))
def test_order_does_not_matter(values: list[float], source: Random) -> None:
    """Each p-value is adjusted alike, wherever it stands."""
    places = list(range(len(values)))
    source.shuffle(places)
    found = holm(values)
    assert tuple(found[place] for place in places) == holm([values[place] for place in places])
