"""Two strategies on the same questions: the difference of their means, and McNemar's test."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import fsum, nan, sqrt

from contemplate.analysis.statistics.checks import Interval, finite, right_or_wrong, same_length
from contemplate.analysis.statistics.means import mean
from contemplate.errors import InputError


@dataclass(frozen=True, slots=True)
class McNemar:
    """McNemar's exact test on two strategies that are right or wrong on the same questions.

    Attributes:
        both: questions that both got right.
        neither: questions that both got wrong.
        b: questions that only the first got right.
        c: questions that only the second got right.
        p: the exact two-sided p-value, in [0, 1].
        mid_p: the mid-p value, in [0, 1]: less conservative, its false positive rate is only about its level.
    """

    both: int
    neither: int
    b: int
    c: int
    p: float
    mid_p: float


@dataclass(frozen=True, slots=True)
class Difference:
    """The mean of the first less that of the second, question by question.

    Attributes:
        value: in the unit of the scores.
        standard_error: of the difference, from the paired differences; not a number for one question alone.
        interval: by Student's t.
        p: two-sided, by the same t, in [0, 1]; not a number for one question alone.
        correlation: of the two strategies' scores over questions, in [-1, 1]; not a number where one of them never varies.
        n: questions.
        clusters: independent groups of questions; as many as questions where there are no groups.
    """

    value: float
    standard_error: float
    interval: Interval
    p: float
    correlation: float
    n: int
    clusters: int


def discordant_p(b: int, c: int) -> tuple[float, float]:
    """The exact two-sided p-value and the mid-p value for discordant counts b and c.

    p = min(1, 2 sum_{i <= min(b, c)} C(b + c, i) / 2^(b + c)); the mid-p counts the observed outcome half. (5, 15) gives .0414.

    Raises:
        InputError: a count below 0.

    References:
        Q. McNemar, Psychometrika 12 (1947); M. W. Fagerland, S. Lydersen, P. Laake: The McNemar test for binary matched-pairs
        data: mid-p and asymptotic are better than exact conditional, BMC Medical Research Methodology 13 (2013).
    """
    if b < 0 or c < 0:
        raise InputError(f"discordant counts are {b} and {c}, but can't be below 0")
    total, fewer = b + c, min(b, c)
    last = tail = 1  # C(total, i), and their sum up to i: each from the one before, as whole numbers
    for index in range(1, fewer + 1):
        last = last * (total - index + 1) // index
        tail += last
    return min(1.0, 2 * tail / 2**total), (2 * tail - last) / 2**total


def mcnemar(first: Sequence[float], second: Sequence[float]) -> McNemar:
    """McNemar's exact test: do two strategies differ on the same questions?

    For independent questions, each asked once. For repeats, other scores or questions in groups take `randomisation`.

    Args:
        first: right (1, True) or wrong (0, False) for each question.
        second: the same for the other strategy, in the same order.

    Raises:
        InputError: not the same number on both sides, or a score that is neither right nor wrong.
    """
    same_length(first, second, "two strategies")
    pairs = list(zip(right_or_wrong(first, "the first strategy"), right_or_wrong(second, "the second strategy"), strict=True))
    b, c = pairs.count((True, False)), pairs.count((False, True))
    p, mid_p = discordant_p(b, c)
    return McNemar(pairs.count((True, True)), pairs.count((False, False)), b, c, p, mid_p)


def differences(first: Sequence[float], second: Sequence[float]) -> tuple[float, ...]:
    """First less second, for each question.

    Raises:
        InputError: not the same number on both sides, none, or a score that is no finite number.
    """
    same_length(first, second, "two strategies")
    pairs = zip(finite(first, "the first strategy"), finite(second, "the second strategy"), strict=True)
    return tuple(one - other for one, other in pairs)


def paired_difference(
    first: Sequence[float], second: Sequence[float], *, groups: Sequence[Hashable] | None = None, level: float = 0.95
) -> Difference:
    """The mean of the first strategy less that of the second, with the standard error of paired differences.

    Without groups the paired t-test.

    Var(A - B) = Var(A) + Var(B) - 2 Cov(A, B), over questions or, with groups, over groups of them.

    Args:
        first: one score a question; for several samples a question, their `question_means`.
        second: the same for the other strategy, in the same order.
        groups: for each question the group it belongs to, if they come in groups.
        level: the confidence level, in (0, 1).

    Raises:
        InputError: not the same number on both sides, or scores or groups that `mean` would not take.

    References:
        arXiv:2411.00640.
    """
    found = mean(differences(first, second), groups=groups, level=level)
    return Difference(
        found.value,
        found.standard_error,
        found.interval,
        found.p,
        _correlation(first, second),
        found.n,
        found.clusters,
    )


def _residuals(scores: Sequence[float]) -> list[float]:
    """The difference of each score from their mean."""
    centre = fsum(scores) / len(scores)
    return [score - centre for score in scores]


def _correlation(first: Sequence[float], second: Sequence[float]) -> float:
    """Pearson's correlation, or not a number where one side never varies."""
    left, right = _residuals(first), _residuals(second)
    scale = sqrt(fsum(x * x for x in left) * fsum(y * y for y in right))
    return max(-1.0, min(1.0, fsum(x * y for x, y in zip(left, right, strict=True)) / scale)) if scale else nan
