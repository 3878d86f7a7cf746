"""Shares of questions: how sure one is, and the chance that one of k samples is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, fsum, isfinite, sqrt

from contemplate.analysis.statistics.checks import Interval, right_or_wrong, two_sided
from contemplate.errors import InputError


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share of n questions.

    Attributes:
        successes: how many; a fraction where ties count in part.
        n: out of how many independent questions.
        value: successes / n, in [0, 1].
        interval: the Wilson interval, within [0, 1].
    """

    successes: float
    n: int
    value: float
    interval: Interval


def wilson(successes: float, n: int, *, level: float = 0.95) -> Proportion:
    """A share with its Wilson score interval.

    It holds for independent questions, each asked once. For several samples a question or questions in groups take
    `contemplate.analysis.statistics.mean`, which does not take samples for new questions.

    Args:
        successes: in [0, n].
        n: questions, at least 1.
        level: the confidence level, in (0, 1).

    Raises:
        InputError: numbers outside of their ranges.

    References:
        E. B. Wilson: Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
    """
    z = two_sided(level)
    if n < 1:
        raise InputError(f"a proportion of {n} questions has no value")
    if not isfinite(successes) or not 0 <= successes <= n:
        raise InputError(f"{successes!r} of {n} is no proportion")
    p = successes / n
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    centre, scale = p + z * z / (2 * n), 1 + z * z / n
    # At the ends the interval reaches 0 or 1 exactly, which the rounding of the two terms would miss.
    low = 0.0 if successes == 0 else max(0.0, (centre - half) / scale)
    high = 1.0 if successes == n else min(1.0, (centre + half) / scale)
    return Proportion(successes, n, p, Interval(low, high, level))


def pass_at_k(n: int, right: int, k: int) -> float:
    """The chance that at least one of k samples is right, from n stored samples of which `right` are: without bias.

    1 - C(n - right, k) / C(n, k).

    Args:
        n: stored samples of one question, at least k.
        right: in [0, n].
        k: at least 1.

    Raises:
        InputError: numbers outside of their ranges.

    References:
        arXiv:2107.03374.
    """
    if not 0 <= right <= n:
        raise InputError(f"{right} right of {n} samples can't be")
    if not 1 <= k <= n:
        raise InputError(f"pass@{k} needs at least {max(k, 1)} samples of each question, and k at least 1; there are {n}")
    return (comb(n, k) - comb(n - right, k)) / comb(n, k)


def mean_pass_at_k(samples: Sequence[Sequence[float]], k: int) -> float:
    """The mean of `pass_at_k` over questions.

    Args:
        samples: for each question its stored samples, each right (1, True) or wrong (0, False); at least k of them.
        k: at least 1.

    Raises:
        InputError: no question, one with fewer than k samples, or a sample that is neither right nor wrong.
    """
    if len(samples) == 0:
        raise InputError("samples: there are none")
    counts = [(len(row), sum(right_or_wrong(row, f"samples of question {index + 1}"))) for index, row in enumerate(samples)]
    return fsum(pass_at_k(n, right, k) for n, right in counts) / len(samples)
