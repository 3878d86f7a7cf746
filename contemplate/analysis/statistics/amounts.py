"""Calls, tokens, cost and time a question: medians and high percentiles, for amounts are skewed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, fsum

from contemplate.analysis.statistics.checks import finite
from contemplate.errors import InputError


@dataclass(frozen=True, slots=True)
class Amounts:
    """The amounts that n questions took, in the unit of what was given (calls, tokens, US dollars, seconds).

    Attributes:
        n: questions.
        total: the sum.
        mean: total / n.
        median: the middle one, or the mean of the two in the middle.
        p95: the 95th percentile, linear between order statistics (`quantile`).
        largest: the largest one.
    """

    n: int
    total: float
    mean: float
    median: float
    p95: float
    largest: float


def quantile(values: Sequence[float], q: float) -> float:
    """The q-quantile, linear between order statistics: NumPy's and pandas' default, type 7 of Hyndman and Fan.

    With the values sorted from 0, the value at the position q (n - 1), linear between its neighbours.

    Args:
        values: at least one.
        q: in [0, 1].

    Raises:
        InputError: no values, one that is no finite number, or q outside of its range.
    """
    if not 0 <= q <= 1:
        raise InputError(f"the quantile is {q!r}, but must be in [0, 1]")
    return sorted_quantile(sorted(finite(values, "values")), q)


def sorted_quantile(ordered: Sequence[float], q: float) -> float:
    """The quantile of values that are in order; see `quantile`."""
    position = q * (len(ordered) - 1)
    below = floor(position)
    above = min(below + 1, len(ordered) - 1)
    low, high = ordered[below], ordered[above]
    return min(high, low + (high - low) * (position - below))


def amounts(values: Sequence[float]) -> Amounts:
    """Sum up what each question took.

    Args:
        values: one for each question, at least 0.

    Raises:
        InputError: no values, or one that is negative or no finite number.
    """
    ordered = sorted(finite(values, "amounts", low=0))
    total = fsum(ordered)
    half, high = sorted_quantile(ordered, 0.5), sorted_quantile(ordered, 0.95)
    return Amounts(len(ordered), total, total / len(ordered), half, high, ordered[-1])
