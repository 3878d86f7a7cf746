"""Approval: the answer that the most ballots approve of wins."""

from __future__ import annotations

from fractions import Fraction

from contemplate.voting.rule import BallotForm, Count, Poll, evened, leaders, leads, total_weight


class Approval:
    """Each ballot approves of any number of answers, and the most approvals win, by weight.

    Where an answer did not stand on all ballots, its approvals are its share of those that had it, times all of them.
    The margin is the lead over the next as a share of the weight of all ballots.

    References:
        Brams and Fishburn, Approval Voting, 1978; on panels of models arXiv:2502.19130.
    """

    name = "approval"
    summary = "each ballot approves of any number of answers, and the most approvals win"
    reference = "arXiv:2502.19130"
    form: BallotForm = "approval"
    weighted = True
    default_threshold = None

    def count(self, poll: Poll) -> Count:
        """Count the votes of a poll."""
        tally = [Fraction(0)] * poll.options
        for vote in poll.votes:
            for option in vote.named:
                tally[option] += vote.weight
        scores = evened(poll, tally)
        return Count(scores, leaders(scores), leads=leads(scores, total_weight(poll)))
