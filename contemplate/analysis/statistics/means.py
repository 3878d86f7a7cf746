"""A mean over questions, with its standard error: questions in groups, and several samples of each."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import fsum, nan, sqrt

from contemplate.analysis.statistics.checks import Interval, at_least, clusters_of, finite, share
from contemplate.analysis.statistics.student import student_p, student_reach
from contemplate.errors import InputError


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over questions.

    Attributes:
        value: the mean, in the unit of the scores.
        standard_error: in the unit of the scores; not a number for one question alone.
        interval: by Student's t; it may reach beyond the range of the scores.
        p: that the true mean is 0, by the same t: two-sided, in [0, 1]; not a number for one question alone.
        n: questions.
        clusters: independent groups of questions; as many as questions where there are no groups.
    """

    value: float
    standard_error: float
    interval: Interval
    p: float
    n: int
    clusters: int


@dataclass(frozen=True, slots=True)
class Spread:
    """The parts of a score's variance, when each question was asked several times.

    Attributes:
        n: questions.
        repeats: samples a question; where they differ, the harmonic mean.
        between: variance of the questions' own expected scores (unit squared), at least 0: more repeats don't lessen it.
        within: mean variance of the samples of one question (unit squared): K repeats divide it by K.
    """

    n: int
    repeats: float
    between: float
    within: float

    def standard_error(self, repeats: float) -> float:
        """The standard error of the mean with so many samples a question: sqrt((between + within / K) / n)."""
        at_least(repeats, 1, "the number of repeats")
        return sqrt((self.between + self.within / repeats) / self.n)


def question_means(samples: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """One score a question: the mean of its samples. Repeats enter every test through this, never as new questions.

    Raises:
        InputError: no question, one without samples, or a score that is no finite number.
    """
    if len(samples) == 0:
        raise InputError("samples: there are none")
    return tuple(fsum(finite(row, f"samples of question {index + 1}")) / len(row) for index, row in enumerate(samples))


def mean(scores: Sequence[float], *, groups: Sequence[Hashable] | None = None, level: float = 0.95) -> Mean:
    """The mean of one score a question, with its standard error, and an interval and a p-value by Student's t.

    SE^2 = sum (s_i - m)^2 / (n (n - 1)), and for questions in groups
    SE^2 + (1 / n^2) sum_c sum_{i != j in c} (s_i - m)(s_j - m).

    The interval and the p-value hold for few questions and few groups as well: groups of n_c questions count as
    G = n^2 / sum n_c^2 groups of one size (n without groups), t has G - 1 degrees of freedom, at least 1, and is taken of the
    error whose square is G / (G - 1) (1 / n^2) sum_c (sum_{i in c} (s_i - m))^2: without groups SE itself.

    Args:
        scores: one for each question; for several samples a question, their `question_means`.
        groups: for each question the group it belongs to (a passage, a subject, a template), if they come in groups.
        level: the confidence level, in (0, 1).

    Raises:
        InputError: no scores, one that is no finite number, or groups that are not one for each question.

    References:
        arXiv:2411.00640; A. V. Carter, K. T. Schnepel, D. G. Steigerwald: Asymptotic behavior of a t-test robust to cluster
        heterogeneity, Review of Economics and Statistics 99 (2017).
    """
    checked, level = finite(scores, "scores"), share(level, "the confidence level")
    clusters, n = clusters_of(len(checked), groups), len(checked)
    value = fsum(checked) / n
    if n == 1:
        return Mean(value, nan, Interval(nan, nan, level), nan, n, 1)
    degrees = _degrees(clusters)
    error, small_error = _errors([score - value for score in checked], clusters, degrees)
    reach = student_reach(level, degrees) * small_error
    return Mean(value, error, Interval(value - reach, value + reach, level), _p(value, small_error, degrees), n, len(clusters))


def _errors(residuals: Sequence[float], clusters: Sequence[Sequence[int]], degrees: float) -> tuple[float, float]:
    """The clustered standard error of a mean, and the one that t is taken of; without groups the same."""
    n = len(residuals)
    squares = fsum(residual * residual for residual in residuals)
    whole = fsum(fsum(residuals[index] for index in cluster) ** 2 for cluster in clusters)
    clustered = squares / (n * (n - 1)) + (whole - squares) / n**2  # the squares of i = j are in both, and taken off
    return sqrt(max(0.0, clustered)), sqrt(whole * (1 + 1 / degrees)) / n


def _degrees(clusters: Sequence[Sequence[int]]) -> float:
    """G - 1 degrees of freedom for G groups, counted as groups of one size; at least 1."""
    sizes = [len(cluster) for cluster in clusters]
    return max(1.0, sum(sizes) ** 2 / sum(size * size for size in sizes) - 1)


def _p(value: float, error: float, degrees: float) -> float:
    """The two-sided p-value of value / error."""
    if error == 0:
        return 1.0 if value == 0 else 0.0
    return student_p(value / error, degrees)


def spread(samples: Sequence[Sequence[float]]) -> Spread:
    """The variance of repeated scores, taken apart: what differs between questions, and what between samples of one.

    Var(mean) = Var(x) / n + E[sigma^2] / (n K). The part within is the mean of the questions' sample variances; the part between
    is the variance of the question means less within / K, or 0 where chance makes that negative.

    Args:
        samples: for each question the scores of its samples; at least 2 questions, and 2 samples of at least one of them.

    Raises:
        InputError: too few to tell.

    References:
        arXiv:2411.00640.
    """
    means = question_means(samples)
    several = [sample_variance(row) for row in samples if len(row) > 1]
    if len(means) < 2 or not several:  # noqa: PLR2004 - a variance takes two
        raise InputError("a spread takes at least two questions, and two samples of at least one of them")
    within = fsum(several) / len(several)
    inverse = fsum(1 / len(row) for row in samples) / len(samples)
    return Spread(len(means), 1 / inverse, max(0.0, sample_variance(means) - within * inverse), within)


def sample_variance(values: Sequence[float]) -> float:
    """The unbiased sample variance of at least two numbers."""
    centre = fsum(values) / len(values)
    return fsum((value - centre) ** 2 for value in values) / (len(values) - 1)
