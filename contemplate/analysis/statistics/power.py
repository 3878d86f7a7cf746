"""The power of a comparison: the difference that so many questions would show, and the questions that a difference takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist

from contemplate.analysis.statistics.checks import at_least, same_length, share, two_sided
from contemplate.analysis.statistics.means import question_means, sample_variance, spread
from contemplate.analysis.statistics.paired import differences
from contemplate.errors import InputError


@dataclass(frozen=True, slots=True)
class PairVariance:
    """The variance of the difference of two strategies on a question, taken apart; units are the scores' squared.

    Attributes:
        between: omega^2, of the questions' own expected differences; more repeats don't lessen it. One ninth is what the cited
            paper takes for an example; take your own from `pair_variance` or `right_or_wrong_variance`.
        within_first: sigma^2 of the first strategy's samples of one question; K repeats divide it by K.
        within_second: the same of the second strategy.
    """

    between: float = 1 / 9
    within_first: float = 0.0
    within_second: float = 0.0

    def __post_init__(self) -> None:
        for name in ("between", "within_first", "within_second"):
            at_least(getattr(self, name), 0, f"the variance {name}")

    def of(self, repeats_first: float, repeats_second: float) -> float:
        """The variance of one question's difference, with so many samples of it: omega^2 + sigma_A^2 / K_A + sigma_B^2 / K_B."""
        at_least(repeats_first, 1, "the number of repeats")
        at_least(repeats_second, 1, "the number of repeats")
        return self.between + self.within_first / repeats_first + self.within_second / repeats_second


@dataclass(frozen=True, slots=True)
class Detectable:
    """The smallest true difference that a comparison finds with a given power.

    Attributes:
        difference: in the unit of the scores (a share of questions, for right and wrong).
        n: questions.
        power: the chance to find it, in (0, 1).
        level: the confidence level of the two-sided test, in (0, 1).
    """

    difference: float
    n: int
    power: float
    level: float

    def __str__(self) -> str:
        points = self.difference * 100
        said = f"{points:.0f}" if points >= 9.95 else f"{points:.1f}"  # noqa: PLR2004 - two figures are enough
        terms = f"{self.power * 100:.4g}% power, {self.level * 100:.4g}% level"
        return f"with {self.n:,} questions you would see a difference of {said} points ({terms})"


def right_or_wrong_variance(b: float, c: float, n: int) -> PairVariance:
    """The variance of the difference where each question was asked once: (b + c) / n - ((b - c) / n)^2.

    Args:
        b: questions that only the first got right (found in a pilot, or expected).
        c: questions that only the second got right.
        n: questions.

    Raises:
        InputError: counts that can't be.
    """
    if n < 1 or b < 0 or c < 0 or b + c > n:
        raise InputError(f"{b} and {c} discordant of {n} questions can't be")
    return PairVariance((b + c) / n - ((b - c) / n) ** 2)


def pair_variance(first: Sequence[Sequence[float]], second: Sequence[Sequence[float]]) -> PairVariance:
    """Take the variance of the difference apart, from repeated samples of both strategies.

    The samples of one strategy must be drawn independently of the other's: of shared samples the part within would be counted
    twice.

    Args:
        first: for each question the scores of the first strategy's samples; at least 2 of some question.
        second: the same for the other strategy, in the same order of questions.

    Raises:
        InputError: not the same questions, or too few samples to tell.

    References:
        arXiv:2411.00640.
    """
    same_length(first, second, "two strategies")
    one, other = spread(first), spread(second)
    observed = sample_variance(differences(question_means(first), question_means(second)))
    noise = one.within / one.repeats + other.within / other.repeats
    return PairVariance(max(0.0, observed - noise), one.within, other.within)


def observed_variance(first: Sequence[float], second: Sequence[float]) -> PairVariance:
    """The variance of the difference as found with one score a question, not taken apart: it holds for as many repeats again.

    Raises:
        InputError: fewer than two questions, or not the same number on both sides.
    """
    found = differences(first, second)
    if len(found) < 2:  # noqa: PLR2004 - a variance takes two
        raise InputError("a variance takes at least two questions")
    return PairVariance(sample_variance(found))


def detectable_difference(
    n: int,
    variance: PairVariance | None = None,
    *,
    repeats: tuple[float, float] = (1, 1),
    power: float = 0.8,
    level: float = 0.95,
) -> Detectable:
    """The smallest true difference that n questions show: (z_{a/2} + z_b) sqrt(variance / n).

    Args:
        n: questions, at least 1.
        variance: of the difference on one question; None for the cited paper's example.
        repeats: samples a question of the first and the second strategy.
        power: the chance to find the difference, in (0, 1).
        level: the confidence level of the two-sided test, in (0, 1).

    Raises:
        InputError: numbers outside of their ranges.

    References:
        arXiv:2411.00640.
    """
    at_least(n, 1, "the number of questions")
    found = _reach(power, level) * sqrt((variance or PairVariance()).of(*repeats) / n)
    return Detectable(found, n, power, level)


def questions_needed(
    difference: float,
    variance: PairVariance | None = None,
    *,
    repeats: tuple[float, float] = (1, 1),
    power: float = 0.8,
    level: float = 0.95,
) -> int:
    """The questions that a true difference takes: (z_{a/2} + z_b)^2 (omega^2 + sigma_A^2 / K_A + sigma_B^2 / K_B) / difference^2.

    Rounded up, at least 1. Arguments and errors are those of `detectable_difference`; the difference is at least 1e-9.
    """
    at_least(difference, 1e-9, "the difference")
    needed = (_reach(power, level) / difference) ** 2 * (variance or PairVariance()).of(*repeats)
    return max(1, ceil(needed * (1 - 1e-12)))  # a whole number that rounding has pushed up stays what it is


def power_of(
    n: int,
    difference: float,
    variance: PairVariance | None = None,
    *,
    repeats: tuple[float, float] = (1, 1),
    level: float = 0.95,
) -> float:
    """The chance that n questions show a true difference, in its own direction: Phi(difference / SE - z_{a/2}).

    Arguments and errors are those of `detectable_difference`; the difference is at least 0.
    """
    at_least(n, 1, "the number of questions")
    at_least(difference, 0, "the difference")
    error = sqrt((variance or PairVariance()).of(*repeats) / n)
    if error == 0:
        return 1.0 if difference > 0 else 0.0
    return NormalDist().cdf(difference / error - two_sided(level))


def _reach(power: float, level: float) -> float:
    """z_{a/2} + z_b, which must be above 0."""
    reach = two_sided(level) + NormalDist().inv_cdf(share(power, "the power"))
    if reach <= 0:
        raise InputError(f"a power of {power:g} is no more than chance at the level {level:g}")
    return reach
