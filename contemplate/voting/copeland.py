"""Copeland: one answer against another, and the most pairs won wins."""

from __future__ import annotations

from fractions import Fraction

from contemplate.voting.pairs import narrowest_leads, preferences
from contemplate.voting.rule import BallotForm, Count, Poll, leaders


class Copeland:
    """An answer gets a point for each other one that a majority puts below it, and half a point where as many do as don't.

    Majorities are by weight, and among the ballots that prefer one of the two. An answer that beats every other (the Condorcet
    winner) wins. The margin is the winner's narrowest lead in a pair, as a share of the weight of all ballots; 0 if it lost one.

    References:
        Copeland, 1951; Brandt et al. (eds.), Handbook of Computational Social Choice, 2016, chapter 3.
        arXiv:2502.19130 compares votes by ranking with other decision protocols of panels.
    """

    name = "copeland"
    summary = "the answer that beats the most others in pairwise majorities wins; a drawn pair counts half"
    reference = "Copeland 1951; Handbook of Computational Social Choice, 2016, ch. 3"
    form: BallotForm = "ranking"
    weighted = True
    default_threshold = None

    def count(self, poll: Poll) -> Count:
        """Count the votes of a poll."""
        above, options = preferences(poll), range(poll.options)
        scores = tuple(
            sum(
                (Fraction((above[x][y] > above[y][x]) - (above[x][y] < above[y][x]) + 1, 2) for y in options if y != x),
                Fraction(0),
            )
            for x in options
        )
        return Count(scores, leaders(scores), leads=narrowest_leads(above, poll))
