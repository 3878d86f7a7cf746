"""The paired randomisation test: do two strategies differ, whatever the scores are?"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from math import fsum

from contemplate.analysis.statistics.checks import at_least, clusters_of
from contemplate.analysis.statistics.paired import differences
from contemplate.seeds import rng

_BITS = 8
"""Signs are drawn a byte at a time: a table for each eight units holds the sum for each of the 256 ways to give them signs."""

_EXACT = 16
"""Up to so many units that differ, all signs are gone through and nothing is drawn."""


@dataclass(frozen=True, slots=True)
class Randomisation:
    """A paired randomisation test of no difference.

    Attributes:
        value: the mean difference, in the unit of the scores.
        p: two-sided, in (0, 1].
        exact: every exchange was gone through; otherwise p comes from `draws` of them.
        draws: seeded draws; 0 where exact.
        n: questions.
        clusters: what was exchanged: groups of questions, or the questions themselves.
    """

    value: float
    p: float
    exact: bool
    draws: int
    n: int
    clusters: int


def randomisation(
    first: Sequence[float],
    second: Sequence[float],
    *,
    seed: int,
    draws: int = 10_000,
    groups: Sequence[Hashable] | None = None,
) -> Randomisation:
    """The paired randomisation test (sign-flip test) on the mean difference.

    If the strategies are exchangeable, the two scores of a question could as well stand the other way round. p is the share of
    such exchanges whose difference is at least as large: (1 + count) / (1 + draws), so that the false positive rate is at most
    the level. For right and wrong, it is McNemar's exact test.

    Args:
        first: one score a question; for several samples a question, their `question_means`.
        second: the same for the other strategy, in the same order.
        seed: the seed of the draws.
        draws: at least 1,000.
        groups: for each question the group it belongs to; groups are then exchanged whole.

    Raises:
        InputError: not the same number on both sides, scores or groups that `mean` would not take, or too few draws.

    References:
        E. S. Edgington, P. Onghena: Randomization tests (2007); (1 + count) / (1 + draws) from B. Phipson, G. K. Smyth (2010).
    """
    at_least(draws, 1000, "the number of draws")
    paired = differences(first, second)
    clusters = clusters_of(len(paired), groups)
    observed = fsum(paired)
    sizes = sorted(abs(fsum(paired[index] for index in cluster)) for cluster in clusters)
    moving = [size for size in sizes if size > 0]
    bar = abs(observed) - 1e-9 * fsum(moving)  # sums of the same scores in another order differ in their last digit
    tables = [_signed_sums(moving[at : at + _BITS]) for at in range(0, len(moving), _BITS)]
    exact = len(moving) <= _EXACT
    if exact:
        p = _reached(map(sum, product(*tables)), bar) / 2 ** len(moving)
    else:
        tables[-1] *= 2**_BITS // len(tables[-1])  # a shorter one repeats itself, so that any byte finds its sum
        source = rng(seed, "randomisation")
        drawn = (
            sum(table[byte] for table, byte in zip(tables, source.randbytes(len(tables)), strict=True)) for _ in range(draws)
        )
        p = (1 + _reached(drawn, bar)) / (1 + draws)
    return Randomisation(observed / len(paired), p, exact, 0 if exact else draws, len(paired), len(clusters))


def _reached(sums: Iterable[float], bar: float) -> int:
    """The number of `sums` that are as far from 0 as the bar."""
    return sum(abs(found) >= bar for found in sums)


def _signed_sums(sizes: Sequence[float]) -> list[float]:
    """The sum for each way of giving signs to these sizes."""
    sums = [0.0]
    for size in sizes:
        sums = [base + sign * size for base in sums for sign in (-1, 1)]
    return sums
