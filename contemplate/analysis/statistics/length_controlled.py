"""Win rates between two strategies that judges compared: as they are, and at equal length."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import exp, fsum, nan, sqrt, tanh
from random import Random

from contemplate.analysis.statistics.amounts import sorted_quantile
from contemplate.analysis.statistics.checks import Interval, at_least, clusters_of, finite, same_length, share, two_sided
from contemplate.errors import InputError
from contemplate.seeds import rng

PRIOR = 5.0
"""The standard deviation of the normal prior on both coefficients, in log-odds: it keeps them finite, and hardly moves them."""

_STEPS = 1_000
"""More than a fit ever takes: with steps of at most one unit of log-odds each brings it nearer."""

_NEAR = 1e-5
"""A step as small as that leaves an error of about its square."""

Point = tuple[float, float]
"""The difference of lengths of a question, from -1 to 1, and the preference."""
Effects = tuple[float, float]
"""The log-odds of the first strategy at equal length, and what a difference of length of 1 adds to them."""


@dataclass(frozen=True, slots=True)
class LengthControlled:
    """A win rate as it would be if both strategies wrote answers of the same length.

    Attributes:
        value: in (0, 1).
        interval: as wide as two together: the bootstrap over questions, by percentiles, and the normal one of the log-odds, which
            is wide where nothing tells (all wins are on one side, or all of one strategy's answers are the longer), and the
            bootstrap has no width. Not numbers for one cluster alone.
        effect: what one standard deviation of the differences of lengths adds to the log-odds, times 1 / tanh(1): the
            coefficient of the length. Above 0 the longer answer is preferred.
        scale: that standard deviation, in the unit of the lengths; 0 where all differences are the same.
        longer, shorter: questions on which the first strategy's answer is the longer, the shorter one. Where one of them is
            next to 0, the value is an extrapolation.
        draws: resamples.
        n: questions.
        clusters: what was resampled: groups of questions, or the questions themselves.
    """

    value: float
    interval: Interval
    effect: float
    scale: float
    longer: int
    shorter: int
    draws: int
    n: int
    clusters: int


def length_controlled(
    preferences: Sequence[float],
    differences: Sequence[float],
    *,
    seed: int,
    draws: int = 2_000,
    level: float = 0.95,
    groups: Sequence[Hashable] | None = None,
) -> LengthControlled:
    """The win rate of the first of two strategies, with the part that comes from longer answers taken off.

    A logistic regression of the preference: log-odds = a + b tanh(d / s), where d is how much longer the first answer is, and s
    the standard deviation of d over the questions. The win rate is that at d = 0: 1 / (1 + exp(-a)). Both coefficients have a
    normal prior of standard deviation `PRIOR`, so that they are finite where preference and length, or preference and
    strategy, go together without exception. Where all lengths are the same the rate is the plain one, but for that prior.

    Exchanging the two strategies gives one less the value, and the mirrored interval.

    Args:
        preferences: one for each question, in [0, 1]: 1 where the first is preferred, 0 the second, and 1/2 neither; for
            several repeats of a question their mean.
        differences: for each question, the length of the first answer less that of the second, in any unit.
        seed: the resamples' seed.
        draws: resamples, at least 1,000; each is fitted anew, with s as it is.
        level: the confidence level, in (0, 1).
        groups: for each question the group it belongs to; groups are then drawn whole.

    Raises:
        InputError: preferences or differences that are not one for each question, or out of range; too few draws; or all
            questions in one group.

    References:
        arXiv:2404.04475, without its term for how hard an instruction is.
    """
    preferred = finite(preferences, "preferences", 0, 1)
    by = finite(differences, "differences")
    same_length(preferred, by, "preferences and differences of lengths")
    share(level, "the confidence level")
    at_least(draws, 1000, "the number of draws")
    clusters = clusters_of(len(by), groups)
    scale = _deviation(by)
    points = [(tanh(d / scale) if scale else 0.0, preference) for d, preference in zip(by, preferred, strict=True)]
    effects = _fitted([(*point, 1) for point in points], (0.0, 0.0))
    interval = Interval(nan, nan, level)
    if len(clusters) > 1:
        units = [tuple(sorted(points[index] for index in cluster)) for cluster in clusters]
        rates = _resampled(units, effects, draws, seed)
        reach = two_sided(level) * _error(points, effects, len(clusters))
        low = min(sorted_quantile(rates, (1 - level) / 2), _logistic(effects[0] - reach))
        high = max(sorted_quantile(rates, (1 + level) / 2), _logistic(effects[0] + reach))
        interval = Interval(low, high, level)
    return LengthControlled(
        value=_logistic(effects[0]),
        interval=interval,
        effect=effects[1],
        scale=scale,
        longer=sum(d > 0 for d in by),
        shorter=sum(d < 0 for d in by),
        draws=draws,
        n=len(by),
        clusters=len(clusters),
    )


def _deviation(values: Sequence[float]) -> float:
    """The standard deviation; 0 where all are the same, whatever rounding says."""
    if min(values) == max(values):
        return 0.0
    centre = fsum(values) / len(values)
    return sqrt(fsum((value - centre) ** 2 for value in values) / len(values))


def _resampled(units: Sequence[tuple[Point, ...]], effects: Effects, draws: int, seed: int) -> list[float]:
    """The rates of resamples of the units, in order; those of the strategies exchanged are one less the same ones."""
    ordered = sorted(units)
    mirrored = sorted(tuple(sorted((-x, 1 - preference) for x, preference in unit)) for unit in units)
    source = rng(seed, "length-controlled")
    if mirrored > ordered:
        exchanged = _rates(mirrored, (-effects[0], effects[1]), draws, source)
        return [1 - rate for rate in reversed(exchanged)]
    return _rates(ordered, effects, draws, source)


def _rates(units: Sequence[tuple[Point, ...]], effects: Effects, draws: int, source: Random) -> list[float]:
    """The rates of `draws` resamples, in order, each fitted from where the fit of all is."""
    found = []
    for _ in range(draws):
        drawn = [0] * len(units)
        for index in source.choices(range(len(units)), k=len(units)):
            drawn[index] += 1
        weighed = ((x, y, times) for unit, times in zip(units, drawn, strict=True) if times for x, y in unit)
        found.append(_logistic(_fitted(weighed, effects)[0]))
    return sorted(found)


def _fitted(points: Iterable[tuple[float, float, int]], start: Effects) -> Effects:
    """The effects of greatest posterior density, by Newton's method.

    A step that changes no log-odds by more than 1 never makes things worse (F. Bach: Self-concordant analysis for logistic
    regression, Electronic Journal of Statistics 4, 2010), so longer ones are cut to that.

    Args:
        points: each a difference of lengths in [-1, 1], a preference, and how often it counts.
        start: where to begin.
    """
    counted, (at_once, by_length), weight = list(points), start, 1 / PRIOR**2
    for _ in range(_STEPS):
        slope, slope_x = -at_once * weight, -by_length * weight
        bend, bend_x, bend_xx = weight, 0.0, weight
        for x, preference, times in counted:
            chance = _logistic(at_once + by_length * x)
            off, curved = times * (preference - chance), times * chance * (1 - chance)
            slope, slope_x = slope + off, slope_x + off * x
            bend, bend_x, bend_xx = bend + curved, bend_x + curved * x, bend_xx + curved * x * x
        scale = bend * bend_xx - bend_x * bend_x
        step, step_x = (bend_xx * slope - bend_x * slope_x) / scale, (bend * slope_x - bend_x * slope) / scale
        size = abs(step) + abs(step_x)
        cut = min(1.0, 1 / size) if size else 1.0
        at_once, by_length = at_once + cut * step, by_length + cut * step_x
        if size < _NEAR:
            return at_once, by_length
    raise InputError("the length-controlled rate can't be fitted to these preferences")  # pragma: no cover - steps only gain


def _error(points: Sequence[Point], effects: Effects, clusters: int) -> float:
    """The standard deviation of the log-odds at equal length, by the curvature of their density at its top.

    Questions in groups tell as much as one question a group would.
    """
    curved = [(x, chance * (1 - chance)) for x, _ in points for chance in [_logistic(effects[0] + effects[1] * x)]]
    each, weight = clusters / len(points), 1 / PRIOR**2
    bend, bend_x, bend_xx = (each * fsum(one * x**power for x, one in curved) for power in (0, 1, 2))
    return sqrt((bend_xx + weight) / ((bend + weight) * (bend_xx + weight) - bend_x * bend_x))


def _logistic(odds: float) -> float:
    """The chance of those log-odds; the two sides of it mirror each other to the last digit but one."""
    return 1 / (1 + exp(-odds)) if odds >= 0 else exp(odds) / (1 + exp(odds))
