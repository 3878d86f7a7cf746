"""Borda: points by rank in the rankings, and the most points win."""

from __future__ import annotations

from fractions import Fraction

from contemplate.voting.rule import BallotForm, Count, Poll, leaders, leads, total_weight


class Borda:
    """Of m answers the first on a ballot gets m-1 points, the next m-2, the last 0, times the ballot's weight.

    Answers that a ballot does not name share the last place: the points that are left are split evenly among them. The
    margin is the lead over the next as a share of the most points that an answer can get.

    References:
        Borda, 1781; on panels of models arXiv:2502.19130, whose "ranked" vote is of this kind.
    """

    name = "borda"
    summary = "the first of m ranked answers gets m-1 points, the last 0, and the most points win"
    reference = "arXiv:2502.19130"
    form: BallotForm = "ranking"
    weighted = True
    default_threshold = None

    def count(self, poll: Poll) -> Count:
        """Count the votes of a poll."""
        tally = [Fraction(0)] * poll.options
        for vote in poll.votes:
            left = poll.options - len(vote.named)
            points = dict.fromkeys(range(poll.options), Fraction(left - 1, 2))
            points.update({option: Fraction(poll.options - rank) for rank, option in enumerate(vote.named, 1)})
            for option, given in points.items():
                tally[option] += vote.weight * given
        scores = tuple(tally)
        return Count(scores, leaders(scores), leads=leads(scores, (poll.options - 1) * total_weight(poll)))
