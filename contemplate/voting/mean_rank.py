"""The mean rank of candidates over rankings."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from fractions import Fraction
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def mean_ranks(
    rankings: Sequence[Sequence[T]], candidates: Sequence[T], batches: Sequence[Collection[T]] | None = None
) -> Mapping[T, float]:
    """The mean rank of each candidate, from 1 (always first) to their number (always last).

    Candidates that a ranking does not name share its last places, as in every rule here: with four candidates and two of
    them named, the other two are at 3.5 both. It orders the candidates as Borda's rule does.

    A ranking of some of the candidates says nothing of the others. Its ranks are stretched to go from 1 to the number of all
    candidates, and a candidate's mean is over the rankings that could name it: so one is neither better nor worse off for
    standing in fewer or smaller batches. A batch of one ranks nothing.

    Args:
        rankings: at least one, best first; what is no candidate in them is passed over, what stands twice counts once.
        candidates: all of them.
        batches: for each ranking, the candidates that it is of; None: all of them, for each.

    Returns:
        Of those alone that some ranking could name.
    """
    ranks: dict[T, list[Fraction]] = {candidate: [] for candidate in candidates}
    for number, ranking in enumerate(rankings):
        batch = [candidate for candidate in ranks if batches is None or candidate in batches[number]]
        for candidate, rank in _ranks(ranking, batch, len(ranks)).items():
            ranks[candidate].append(rank)
    return {candidate: float(sum(found, Fraction(0)) / len(found)) for candidate, found in ranks.items() if found}


def _ranks(ranking: Sequence[T], batch: Sequence[T], of: int) -> dict[T, Fraction]:
    """The rank of each candidate of a batch, stretched to go from 1 to `of`; none where there is nothing to rank."""
    if len(batch) == 1 < of:
        return {}
    named = [candidate for candidate in dict.fromkeys(ranking) if candidate in batch]
    shared = Fraction(len(named) + 1 + len(batch), 2)
    ranks = dict.fromkeys(batch, shared) | {candidate: Fraction(rank) for rank, candidate in enumerate(named, 1)}
    stretch = Fraction(of - 1, len(batch) - 1) if len(batch) > 1 else Fraction(1)
    return {candidate: 1 + (rank - 1) * stretch for candidate, rank in ranks.items()}
