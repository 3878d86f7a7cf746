"""The forms of a ballot, and what a ballot of one form says where a rule asks for another.

A rule asks for one form: a choice, a ranking, an approval, points, or a comparison. A ballot that has this form is taken at
its word. Any other counts by its **first choice** alone: as the choice of that answer, a ranking that names only it, an
approval of only it, all 10 points for it. The first choice is the ballot's answer, else the first of its ranking, else the
only answer that it approves of, else the answer to which it gives more points than to any other. Nothing else is read into
a ballot: one without a first choice, such as an approval of several answers in a plurality vote, abstains there.

- *Ranking.* It may be partial: answers not named share the last place, but for those that did
  not stand on the ballot (`offered`). Of several that mean the same, the best place counts.
- *Points.* They count as given, but more than 10 on one ballot are scaled down to 10, so that nobody has more say.
  Points for answers that mean the same are added up. A ballot whose points are all 0 has none.
- *Comparison.* A ranking that names two answers compares these two only (one that names more, each pair of them). If its
  answers all mean the same, it compares nothing and abstains. A first choice stands above every other answer of the vote.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from functools import lru_cache
from math import isfinite

from contemplate.answers import classes
from contemplate.errors import InputError
from contemplate.types import Answer, Ballot
from contemplate.voting.rule import BallotForm, Vote

MOST_POINTS = 10
"""What one ballot can give, in all."""

_NONE, _ALL = Fraction(0), Fraction(MOST_POINTS)

Judged = Collection[frozenset[str]]
"""Pairs of canonical values that a model judged to say the same."""

Named = tuple[tuple[Answer, Fraction], ...]
"""What a ballot names, best first where it has an order, each with its points where it has any."""


def check(ballot: Ballot) -> None:
    """See to it that the figures of a ballot can be counted.

    Raises:
        InputError: a weight, or points, that are no finite number.
    """
    if not isfinite(ballot.weight):
        raise InputError(f"the ballot of seat {ballot.seat!r} has the weight {ballot.weight}, which is no finite number")
    for given in ballot.points:
        if not isfinite(given.points):
            raise InputError(f"the ballot of seat {ballot.seat!r} gives {given.points} points, which is no finite number")


def named(ballot: Ballot, form: BallotForm, judged: Judged = ()) -> Named:
    """The answers that `ballot` names when it is read in `form`; nothing if it abstains."""
    if form in {"ranking", "comparison"} and ballot.ranking:
        return tuple((answer, Fraction(0)) for answer in ballot.ranking)
    if form == "approval" and ballot.approved:
        return tuple((answer, Fraction(0)) for answer in ballot.approved)
    if form == "points" and any(given.points for given in ballot.points):
        everything = sum((as_written(given.points) for given in ballot.points), Fraction(0))
        scale = min(Fraction(1), MOST_POINTS / everything)
        return tuple((given.answer, as_written(given.points) * scale) for given in ballot.points)
    first = _first_choice(ballot, judged)
    return () if first is None else ((first, _ALL if form == "points" else _NONE),)


def _first_choice(ballot: Ballot, judged: Judged) -> Answer | None:
    """The one answer that a ballot puts first, or None where no single answer is."""
    if ballot.answer is not None:
        return ballot.answer
    if ballot.ranking:
        return ballot.ranking[0]
    if ballot.approved:
        indices, _ = classes(ballot.approved, judged)
        return None if any(indices) else ballot.approved[0]
    indices, _ = classes([given.answer for given in ballot.points], judged)
    totals = [Fraction(0)] * (max(indices, default=-1) + 1)
    for index, given in zip(indices, ballot.points, strict=True):
        totals[index] += as_written(given.points)
    most = max(totals, default=Fraction(0))
    return ballot.points[indices.index(totals.index(most))].answer if most and totals.count(most) == 1 else None


@lru_cache(maxsize=1024)
def as_written(number: float) -> Fraction:
    """The decimal that somebody wrote, exactly: 0.1 is a tenth, and 0.1 + 0.2 is 0.3."""
    return Fraction(str(float(number)))


def class_vote(said: Named, indices: Sequence[int], weight: Fraction, absent: frozenset[int] = frozenset()) -> Vote:
    """A vote for classes of answers: `indices` are those of what was `said`, in the same order; `absent` did not stand on it."""
    points: dict[int, Fraction] = {}
    for index, (_, given) in zip(indices, said, strict=True):
        points[index] = points[index] + given if index in points else given
    return Vote(tuple(points), weight, tuple(points.values()), absent - points.keys())
