"""Hybrid: consensus where there is one, otherwise a vote."""

from __future__ import annotations

from fractions import Fraction

from contemplate.voting.rule import BallotForm, Count, Poll, first_choices, leaders, reach


class Hybrid:
    """An answer with at least the threshold's share of the votes wins by consensus, otherwise the most votes win.

    The decision says which it was: its rule reads "hybrid (consensus)" or "hybrid (plurality)". A recipe that asks for
    consensus first, and votes after n rounds, repeats its rounds until there is agreement and then uses this rule.

    References:
        arXiv:2502.19130 compares consensus with votes on panels of models.
    """

    name = "hybrid"
    summary = "an answer with two thirds of the votes, or another threshold, wins by consensus; otherwise the most votes win"
    reference = "arXiv:2502.19130"
    form: BallotForm = "choice"
    weighted = False
    default_threshold = Fraction(2, 3)

    def count(self, poll: Poll) -> Count:
        """Count the votes of a poll."""
        threshold = self.default_threshold if poll.threshold is None else poll.threshold
        scores = first_choices(poll)
        first = leaders(scores)
        agreed = len(first) == 1 and max(scores) >= threshold * reach(poll, first)
        return Count(scores, first, outcome="consensus" if agreed else "plurality")
