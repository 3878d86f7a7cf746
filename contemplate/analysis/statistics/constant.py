"""The interval of a mean whose questions all have the same score, where resampling and Student's t see no error at all."""

from __future__ import annotations

from dataclasses import replace
from math import isnan
from typing import TypeVar

from contemplate.analysis.statistics.bootstrap import Bootstrap
from contemplate.analysis.statistics.checks import Interval, finite
from contemplate.analysis.statistics.means import Mean
from contemplate.analysis.statistics.paired import Difference
from contemplate.analysis.statistics.proportions import wilson

M = TypeVar("M", Mean, Difference, Bootstrap)

_SAME = 1e-12
"""Scores that differ by less are the same but for rounding."""


def constant_interval(value: float, n: int, *, low: float, high: float, level: float = 0.95) -> Interval:
    """An interval for the mean of scores of which all n that were seen are `value`.

    Others may be there that were not seen: by Wilson's interval of 0 out of n at most a share w = z^2 / (n + z^2) of them. If
    these had the least or the greatest score, the mean would be value - w (value - low), or value + w (high - value). For right
    or wrong, seen as shares of 1 out of 1, that is Wilson's interval itself.

    Args:
        value: in [low, high].
        n: independent questions, or groups of them; at least 1.
        low: the least score that there can be.
        high: the greatest one.
        level: the confidence level, in (0, 1).

    Raises:
        InputError: numbers outside of their ranges.
    """
    finite([value], "the score", low, high)
    unseen = wilson(0, n, level=level).interval.high
    return Interval(value - unseen * (value - low), value + unseen * (high - value), level)


def is_constant(found: Mean | Difference | Bootstrap) -> bool:
    """Whether all questions have one score, or there is but one question, so that scores tell nothing of how far they vary."""
    interval = found.interval
    return found.n > 0 and (isnan(interval.low) or interval.high - interval.low <= _SAME)


def with_room(found: M, *, low: float, high: float) -> M:
    """A mean of scores in [low, high]; if it `is_constant`, with the interval of `constant_interval`, and else as it is."""
    if not is_constant(found):
        return found
    value = min(max(found.value, low), high)  # sums may be off in their last digit
    room = constant_interval(value, found.clusters, low=low, high=high, level=found.interval.level)
    return replace(found, interval=room)
