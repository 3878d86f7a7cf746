"""Majorities by pairs of answers, for the rules that go by them."""

from __future__ import annotations

from fractions import Fraction

from contemplate.voting.rule import Poll, Vote, total_weight

Matrix = tuple[tuple[Fraction, ...], ...]
"""In row x and column y, the weight of the votes that put x above y."""


def preferences(poll: Poll, *, unranked_last: bool = True) -> Matrix:
    """Count who is put above whom.

    Args:
        poll: of rankings.
        unranked_last: a ranking puts those it names above those it does not; if not, a ranking of two or more says nothing
            about others. Between two that it does not name no vote prefers either, and of those that did not stand on it it says
            nothing.
    """
    above = [[Fraction(0)] * poll.options for _ in range(poll.options)]
    for vote in poll.votes:
        for x, below in _below(vote, poll.options, unranked_last=unranked_last):
            for y in below:
                above[x][y] += vote.weight
    return tuple(map(tuple, above))


def _below(vote: Vote, options: int, *, unranked_last: bool) -> list[tuple[int, list[int]]]:
    """Each class that a vote names, with those that it puts below."""
    others = unranked_last or len(vote.named) == 1
    unnamed = sorted(set(range(options)) - set(vote.named) - vote.absent) if others else []
    return [(x, [*vote.named[rank:], *unnamed]) for rank, x in enumerate(vote.named, 1)]


def narrowest_leads(above: Matrix, poll: Poll) -> tuple[Fraction, ...]:
    """Each class's narrowest majority over another, as a share of the weight of all votes; 0 if it lost or tied a pair."""
    whole, options = total_weight(poll), range(poll.options)
    return tuple(
        max(min((above[x][y] - above[y][x] for y in options if y != x), default=whole), Fraction(0)) / (whole or 1)
        for x in options
    )
