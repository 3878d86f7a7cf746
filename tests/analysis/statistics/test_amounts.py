"""Amounts, and quantiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.analysis.statistics import Amounts, amounts, quantile

VALUES = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=50)


def test_by_hand() -> None:
    """Twenty-one questions."""
    assert Amounts(21, 210.0, 10.0, 10.0, 19.0, 20.0) == amounts(list(range(21)))
    assert Amounts(1, 3.0, 3.0, 3.0, 3.0, 3.0) == amounts([3])


@given(VALUES, st.floats(0, 1))
def test_quantile_is_numpys(values: list[float], q: float) -> None:
    """In any order, linear between order statistics."""
    assert float(np.quantile(values, q)) == pytest.approx(quantile(values, q), rel=1e-9, abs=1e-4)


@given(VALUES, st.floats(0, 1), st.floats(0, 1))
def test_quantiles_are_in_order(values: list[float], one: float, other: float) -> None:
    """A higher quantile is no less, and all lie within the values."""
    low, high = quantile(values, min(one, other)), quantile(values, max(one, other))
    assert min(values) <= low <= high <= max(values)
