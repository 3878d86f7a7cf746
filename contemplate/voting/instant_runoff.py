"""Instant runoff: the answer with the fewest first choices drops out, until one has a majority."""

from __future__ import annotations

from fractions import Fraction

from contemplate.voting.rule import BallotForm, Count, Poll, leads, total_weight


class InstantRunoff:
    """While no answer leads on more than half of the ballots that still name one, the answer with the fewest drops out.

    A ballot counts for the first answer on it that is left, by weight, and no longer once there is none. *Ties for the fewest*:
    of those the answer drops out that had fewer when they last differed; those that never did drop out together. If all that
    are left are level, they share the first place. Only votes already counted decide this, so what a ballot names later
    can't harm what it names earlier. More support can harm: the rule is not monotone.

    The score is an answer's votes when it dropped out, or at the end. The margin is the lead over the next at the end as a
    share of the weight of all ballots.

    References:
        Ware, 1871; Brandt et al. (eds.), Handbook of Computational Social Choice, 2016, chapter 2.
    """

    name = "instant-runoff"
    summary = "the fewest first choices drop out (ties: fewer in the round before, else together) until one answer has a majority"
    reference = "Ware 1871; Handbook of Computational Social Choice, 2016, ch. 2"
    form: BallotForm = "ranking"
    weighted = True
    default_threshold = None

    def count(self, poll: Poll) -> Count:
        """Count the votes of a poll."""
        left = set(range(poll.options))
        history: list[tuple[Fraction, ...]] = [()] * poll.options  # of each class, the latest round first
        while True:
            votes = _first_left(poll, left)
            for option in left:
                history[option] = (votes[option], *history[option])
            top = max(votes[option] for option in left)
            if 2 * top > sum(votes) or all(votes[option] == top for option in left):
                break
            fewest = min(history[option] for option in left)
            left -= {option for option in left if history[option] == fewest}
        scores = tuple(rounds[0] for rounds in history)
        first = tuple(option for option in sorted(left) if votes[option] == top)
        return Count(scores, first, leads=leads(votes, total_weight(poll)))


def _first_left(poll: Poll, left: set[int]) -> tuple[Fraction, ...]:
    """The weight of the ballots on which each class is the first that is left."""
    votes = [Fraction(0)] * poll.options
    for vote in poll.votes:
        choice = next((option for option in vote.named if option in left), None)
        if choice is not None:
            votes[choice] += vote.weight
    return tuple(votes)
