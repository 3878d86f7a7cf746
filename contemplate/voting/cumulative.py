"""Cumulative: each ballot shares out points, and the most points win."""

from __future__ import annotations

from fractions import Fraction

from contemplate.voting.rule import BallotForm, Count, Poll, evened, leaders


class Cumulative:
    """Each ballot gives up to 10 points, to one answer or several; the most points win, times the ballots' weights.

    Where an answer did not stand on all ballots, its points are its mean over those that had it, times all of them.
    The margin is the lead over the next as a share of all points given.

    References:
        arXiv:2502.19130 compares this rule with other decision protocols of panels.
    """

    name = "cumulative"
    summary = "each ballot shares out up to 10 points, and the most points win"
    reference = "arXiv:2502.19130"
    form: BallotForm = "points"
    weighted = True
    default_threshold = None

    def count(self, poll: Poll) -> Count:
        """Count the votes of a poll."""
        tally = [Fraction(0)] * poll.options
        for vote in poll.votes:
            for option, points in zip(vote.named, vote.points, strict=True):
                tally[option] += vote.weight * points
        scores = evened(poll, tally)
        return Count(scores, leaders(scores))
