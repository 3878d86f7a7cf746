"""Whether a critic's word is to be trusted: the tests that it must pass before it counts for anything.

What the votes say is right is only likely so. A critic that tells right from wrong accepts what they favour more often, and so
does one that merely echoes what is popular, whose word is worth nothing. What tells the two apart: at most one answer to a
question is right. Where a good critic accepts one answer it rejects the others *more than their popularity explains*, so that
of two answers its verdicts are opposed. An echo's, a chance's and a stubborn critic's are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, groupby
from math import sqrt

from contemplate.voting.witnesses.regression import Line, Row, line_through

_SURE = 3.0
"""Standard errors by which acceptance of right answers must exceed that of wrong ones."""

_EXCLUSIVE = 1.64
"""Standard errors by which verdicts on two answers must be opposed: one in twenty is so by chance."""

_KEPT = 0.5
"""How much of the difference must be there in each half of the questions."""

_KNOWN = 40
"""Verdicts on answers whose truth is known from which on these alone are looked at."""

_LEAST = 20
"""Fewer answers that a critic was asked about say nothing."""


@dataclass(frozen=True)
class Heard:
    """The verdicts of one critic on one answer.

    Attributes:
        question: the number of the question.
        answer: the class of the answer.
        accepts: how many accept it.
        made: how many there are.
        chance: that it is right, by the votes alone, or 0 or 1 where that is known.
        popularity: the share of all votes that it has, or is expected to have.
        votes: how many votes there are to the question.
        known: whether it is known if it is right.
    """

    question: int
    answer: int
    accepts: int
    made: int
    chance: float
    popularity: float
    votes: int
    known: bool

    @property
    def share_accepted(self) -> float:
        """The share of the verdicts that accept it."""
        return self.accepts / self.made


def doubt(rows: Sequence[Heard]) -> str | None:
    """The reason why a critic's word counts for nothing; None if it is to be trusted."""
    known = [row for row in rows if row.known]
    calibrated = sum(row.made for row in known) >= _KNOWN
    rows = known if calibrated else rows
    if len(rows) < _LEAST:
        return f"only {len(rows)} answers were judged"
    line = _told_apart(rows, calibrated=calibrated)
    if line is None:
        return "the answers judged are too much alike"
    gap = line.slopes[1]
    if gap <= 0:
        return "it accepts wrong answers as readily as right ones"
    if gap < _SURE * line.error(_slope(line)):
        return "it is not clearly better than chance"
    return None if calibrated else _held_by_halves(rows, gap) or _echo(rows, gap)


def _held_by_halves(rows: Sequence[Heard], gap: float) -> str | None:
    """The doubt that what the votes seem to show is an accident of some of the questions; None if each half shows it."""
    for half in (0, 1):
        part = _told_apart([row for row in rows if row.question % 2 == half], calibrated=False)
        if part is None or part.slopes[1] < _KEPT * gap:
            return "half of the questions do not show it"
    return None


def _told_apart(rows: Sequence[Heard], *, calibrated: bool) -> Line | None:
    """How acceptance follows from being right; where that is known, popularity is told apart from it."""
    return line_through(
        [Row(row.question, (1.0, row.chance, *((row.popularity,) if calibrated else ())), row.share_accepted) for row in rows]
    )


def _slope(line: Line) -> list[float]:
    return [float(index == 1) for index in range(len(line.slopes))]


def _echo(rows: Sequence[Heard], gap: float) -> str | None:
    """The doubt that a critic only repeats what is popular; None if its verdicts exclude each other as those of a good one do."""
    curve = line_through([Row(row.question, _powers(row.popularity), row.share_accepted) for row in rows])
    slope = line_through([Row(row.question, (1.0, row.popularity), row.share_accepted) for row in rows])
    if curve is None or slope is None:
        return "the answers judged are too much alike"
    terms = [_opposition(list(group), curve, slope.slopes[1]) for _, group in groupby(rows, key=lambda row: row.question)]
    explained = sum(wanted for _, wanted in terms)
    if not explained:
        return "no question has two answers that were judged"
    square = sum(found for found, _ in terms) / explained
    error = sqrt(sum((found - square * wanted) ** 2 for found, wanted in terms)) / explained
    if square < _EXCLUSIVE * error or square < gap * gap / 2:
        return "it may only repeat what is popular"
    return None


def _opposition(rows: Sequence[Heard], curve: Line, slope: float) -> tuple[float, float]:
    """How far the verdicts on the answers to one question are opposed, and how far those of a perfect critic would be.

    The second times the square of how much more readily a critic accepts right answers than wrong ones is what the first can be
    expected to be. Each pair of answers weighs as much as it can be expected to show.

    Args:
        rows: the answers to the question.
        curve: how acceptance follows from popularity, its square with it.
        slope: the same along a line.
    """
    rests = [row.share_accepted - curve.at(_powers(row.popularity)) for row in rows]
    found = wanted = 0.0
    for (one, rest), (other, its_rest) in combinations(zip(rows, rests, strict=True), 2):
        weight = one.chance * other.chance
        # Shares of a few votes miss the true popularities, which an echo goes by: its verdicts are opposed by so much, too.
        echoed = slope**2 * one.popularity * other.popularity / (one.votes + 3)
        found += weight * (-rest * its_rest - echoed)
        wanted += weight * weight
    return found, wanted


def _powers(popularity: float) -> tuple[float, ...]:
    return (1.0, popularity, popularity * popularity)
