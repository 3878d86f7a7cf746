"""Borda: points by rank in the rankings, and the most points win."""

from __future__ import annotations

from fractions import Fraction

from contemplate.voting.rule import BallotForm, Count, Poll, Vote, evened, leaders, leads, total_weight


class Borda:
    """Of m answers the first on a ballot gets m-1 points, the next m-2, the last 0, times the ballot's weight.

    Answers that a ballot does not name share the last place: the points that are left are split evenly among them. Answers that
    did not stand on a ballot get none from it and lose none by it: its points are stretched to go from m-1 to 0 over those that
    did, and an answer's points are its mean over the ballots that had it, times all of them. A ballot with one answer on it
    ranks nothing: all get the same. The
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
            for option, given in _points(vote, poll.options).items():
                tally[option] += vote.weight * given
        scores = evened(poll, tally)
        return Count(scores, leaders(scores), leads=leads(scores, (poll.options - 1) * total_weight(poll)))


def _points(vote: Vote, options: int) -> dict[int, Fraction]:
    """What a vote gives to each class that stood on its ballot, from 0 to one less than there are classes."""
    batch = [option for option in range(options) if option not in vote.absent]
    left = len(batch) - len(vote.named)
    points = dict.fromkeys(batch, Fraction(left - 1, 2))
    points.update({option: Fraction(len(batch) - rank) for rank, option in enumerate(vote.named, 1)})
    if len(batch) == 1:
        return dict.fromkeys(batch, Fraction(options - 1, 2))
    return {option: given * (options - 1) / (len(batch) - 1) for option, given in points.items()}
