"""The paired bootstrap over questions: an interval for any score, without assuming a normal distribution."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import fsum, nan, sqrt
from statistics import NormalDist
from typing import Literal

from contemplate.analysis.statistics.amounts import sorted_quantile
from contemplate.analysis.statistics.checks import Interval, at_least, clusters_of, finite, share, two_sided
from contemplate.analysis.statistics.paired import differences
from contemplate.analysis.statistics.resampling import Unit, resampled_means
from contemplate.errors import InputError
from contemplate.seeds import rng

Method = Literal["percentile", "bca"]


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """A mean, with an interval from resamples of the questions.

    Attributes:
        value: of the questions themselves, in the unit of the scores.
        standard_error: the standard deviation of the resamples' means; not a number for one cluster alone.
        interval: by `method`; not numbers for one cluster alone.
        method: "percentile", or "bca" (bias-corrected and accelerated).
        draws: resamples.
        seed: the seed that they come from.
        n: questions.
        clusters: what was resampled: groups of questions, or the questions themselves.
    """

    value: float
    standard_error: float
    interval: Interval
    method: Method
    draws: int
    seed: int
    n: int
    clusters: int


def bootstrap_mean(
    scores: Sequence[float],
    *,
    seed: int,
    draws: int = 10_000,
    level: float = 0.95,
    groups: Sequence[Hashable] | None = None,
    method: Method = "percentile",
) -> Bootstrap:
    """The mean of one score a question, with a bootstrap interval over questions, or over groups of them.

    The order of the questions makes no difference to the resamples.

    Args:
        scores: one for each question; for several samples a question, their `question_means`.
        seed: the resamples' seed; the same seed gives the same interval.
        draws: resamples, at least 1,000.
        level: the confidence level, in (0, 1).
        groups: for each question the group it belongs to; groups are then drawn whole.
        method: how the interval is read off.

    Raises:
        InputError: scores or groups that `mean` would not take, too few draws, or an unknown method.

    References:
        B. Efron, R. Tibshirani: An introduction to the bootstrap (1993), chapters 13 and 14.
    """
    checked = finite(scores, "scores")
    share(level, "the confidence level")
    at_least(draws, 1000, "the number of draws")
    if method not in {"percentile", "bca"}:
        raise InputError(f"no bootstrap method called {method!r}; known: percentile, bca")
    clusters = clusters_of(len(checked), groups)
    value = fsum(checked) / len(checked)
    if len(clusters) == 1:
        return Bootstrap(value, nan, Interval(nan, nan, level), method, draws, seed, len(checked), 1)
    units = [(fsum(checked[index] for index in cluster), len(cluster)) for cluster in clusters]
    means = _symmetric_means(units, draws, seed)
    low, high = (1 - level) / 2, (1 + level) / 2
    if method == "bca":
        low, high = _bca_levels(units, means, value, level)
    interval = Interval(sorted_quantile(means, low), sorted_quantile(means, high), level)
    return Bootstrap(value, _deviation(means), interval, method, draws, seed, len(checked), len(clusters))


def bootstrap_difference(
    first: Sequence[float],
    second: Sequence[float],
    *,
    seed: int,
    draws: int = 10_000,
    level: float = 0.95,
    groups: Sequence[Hashable] | None = None,
    method: Method = "percentile",
) -> Bootstrap:
    """The mean of the first strategy less that of the second, with a paired bootstrap interval over questions.

    Exchanging the two mirrors the interval. Arguments and errors are those of `bootstrap_mean`, with one score a question
    of each strategy, in the same order.
    """
    return bootstrap_mean(differences(first, second), seed=seed, draws=draws, level=level, groups=groups, method=method)


def _symmetric_means(units: Sequence[Unit], draws: int, seed: int) -> list[float]:
    """The resamples' means in order; those of the negated scores are the same ones negated."""
    negated = [(-score, size) for score, size in units]
    if sorted(negated) > sorted(units):
        return [-value for value in reversed(resampled_means(negated, draws, rng(seed, "bootstrap")))]
    return resampled_means(units, draws, rng(seed, "bootstrap"))


def _deviation(values: Sequence[float]) -> float:
    centre = fsum(values) / len(values)
    return sqrt(fsum((value - centre) ** 2 for value in values) / (len(values) - 1))


def _bca_levels(units: Sequence[Unit], means: Sequence[float], value: float, level: float) -> tuple[float, float]:
    """The levels at which BCa reads the resamples."""
    slack = 1e-12 * max(1.0, abs(value))  # sums of the same scores in another order differ in their last digit
    below = (bisect_left(means, value - slack) + bisect_right(means, value + slack)) / (2 * len(means))
    if not 0 < below < 1:
        return (1 - level) / 2, (1 + level) / 2
    bias, acceleration, z = NormalDist().inv_cdf(below), _acceleration(units), two_sided(level)
    return _corrected(-z, bias, acceleration), _corrected(z, bias, acceleration)


def _corrected(z: float, bias: float, acceleration: float) -> float:
    """The level for z after both corrections; past the pole of the formula, the end that it runs to."""
    moved = bias + z
    scale = 1 - acceleration * moved
    if scale <= 0:
        return 1.0 if moved > 0 else 0.0
    return NormalDist().cdf(bias + moved / scale)


def _acceleration(units: Sequence[Unit]) -> float:
    """A sixth of the skewness of the jackknife means, each without one unit; 0 where they are all the same."""
    total, size = fsum(score for score, _ in units), sum(questions for _, questions in units)
    without = [((total - score) / (size - questions), count) for (score, questions), count in Counter(units).items()]
    centre = fsum(mean * count for mean, count in without) / len(units)
    squares = fsum((centre - mean) ** 2 * count for mean, count in without)
    cubes = fsum((centre - mean) ** 3 * count for mean, count in without)
    return cubes / (6 * squares**1.5) if squares > 1e-24 * centre**2 else 0.0
