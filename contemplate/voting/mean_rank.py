"""The mean rank of candidates over rankings."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def mean_ranks(rankings: Sequence[Sequence[T]], candidates: Sequence[T]) -> Mapping[T, float]:
    """The mean rank of each candidate, from 1 (always first) to their number (always last).

    Candidates that a ranking does not name share its last places, as in every rule here: with four candidates and two of
    them named, the other two are at 3.5 both. It orders the candidates as Borda's rule does.

    Args:
        rankings: at least one, best first; what is no candidate in them is passed over, what stands twice counts once.
        candidates: all of them.
    """
    totals = dict.fromkeys(candidates, Fraction(0))
    for ranking in rankings:
        named = [candidate for candidate in dict.fromkeys(ranking) if candidate in totals]
        shared = Fraction(len(named) + 1 + len(totals), 2)
        ranks = dict.fromkeys(totals, shared) | {candidate: Fraction(rank) for rank, candidate in enumerate(named, 1)}
        for candidate, rank in ranks.items():
            totals[candidate] += rank
    return {candidate: float(total / len(rankings)) for candidate, total in totals.items()}
