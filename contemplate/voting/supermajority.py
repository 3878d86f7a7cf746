"""Supermajority: at least a given share of the votes, two thirds by default."""

from __future__ import annotations

from fractions import Fraction

from contemplate.voting.rule import BallotForm, Count, Poll, first_choices, leaders, plain, reach


class Supermajority:
    """An answer wins with at least the threshold's share of the votes that were cast; 2 of 3 are two thirds.

    With a threshold of one half or less several answers can reach it; then the one with the most votes wins, and of
    several with the most votes none does.

    References:
        arXiv:2502.19130 compares this rule with other decision protocols of panels.
    """

    name = "supermajority"
    summary = "an answer wins with at least two thirds of the votes, or another threshold, abstentions left out"
    reference = "arXiv:2502.19130"
    form: BallotForm = "choice"
    weighted = False
    default_threshold = Fraction(2, 3)

    def count(self, poll: Poll) -> Count:
        """Count the votes of a poll."""
        threshold = self.default_threshold if poll.threshold is None else poll.threshold
        scores = first_choices(poll)
        first = leaders(scores)
        cast = reach(poll, first)
        if max(scores) < threshold * cast:
            return Count(scores, first, f"no answer has {plain(threshold)} of the {cast} votes (the most is {max(scores)})")
        return Count(scores, first, f"{len(first)} answers share the most votes" if len(first) > 1 else None)
