"""Answers that change from one round to the next: from wrong to right, and from right to wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from contemplate.analysis.statistics.checks import right_or_wrong, same_length
from contemplate.analysis.statistics.paired import discordant_p
from contemplate.errors import InputError


@dataclass(frozen=True, slots=True)
class Flips:
    """The changes that a round made to the answers.

    Attributes:
        to_right: wrong before, right after.
        to_wrong: right before, wrong after.
        stayed_right: right before and after.
        stayed_wrong: wrong before and after.
        missing: without a reading before or after (a seat that failed, say); in no other count.
        p: McNemar's exact two-sided p-value of to_right against to_wrong, in [0, 1].
        mid_p: the mid-p value, less conservative.
    """

    to_right: int
    to_wrong: int
    stayed_right: int
    stayed_wrong: int
    missing: int
    p: float
    mid_p: float

    @property
    def n(self) -> int:
        """The number of questions counted: all but the missing."""
        return self.to_right + self.to_wrong + self.stayed_right + self.stayed_wrong


def flips(before: Sequence[float | None], after: Sequence[float | None]) -> Flips:
    """Count flips, with the exact test that a round turns as many to the wrong as to the right.

    Give the panel's decision on each question, once before and once after the round: these are independent. The seats of a
    panel are not, so that for them the counts are fair and the p-values too small.

    Args:
        before: right (1, True), wrong (0, False; an abstention is wrong) or None, where there is nothing to count.
        after: the same after the round, in the same order.

    Raises:
        InputError: not the same number on both sides, or a value that is none of these.
    """
    same_length(before, after, "before and after a round")
    both = [(one, other) for one, other in zip(before, after, strict=True) if one is not None and other is not None]
    if not both:
        return Flips(0, 0, 0, 0, len(before), 1.0, 1.0)
    was, is_now = right_or_wrong([one for one, _ in both], "before"), right_or_wrong([other for _, other in both], "after")
    pairs = list(zip(was, is_now, strict=True))
    to_right, to_wrong = pairs.count((False, True)), pairs.count((True, False))
    p, mid_p = discordant_p(to_right, to_wrong)
    return Flips(to_right, to_wrong, pairs.count((True, True)), pairs.count((False, False)), len(before) - len(both), p, mid_p)


def flips_by_round(rounds: Sequence[Sequence[float | None]]) -> tuple[Flips, ...]:
    """`flips` from each round to the next: one less than there are rounds.

    Args:
        rounds: for each round, at least two of them, what `flips` takes.

    Raises:
        InputError: fewer than two rounds, or rounds of different lengths.
    """
    if len(rounds) < 2:  # noqa: PLR2004 - before and after
        raise InputError("flips take at least two rounds")
    return tuple(flips(before, after) for before, after in pairwise(rounds))
