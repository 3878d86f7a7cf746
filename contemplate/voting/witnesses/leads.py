"""Who of two members is right more often, learned from questions that both answered, without right answers.

Each member's accuracy is uncertain as nobody knows which answers are right. That doubt is the same for all who answered a
question, and has no part in their difference on it. So two members are compared question by question: a vote of each is held
against every pair of votes of two *different* members that agree on an answer, the two votes themselves left out. What two
members agree on is likely right; what one member says twice may be a mistake that it repeats, and says nothing.

Every member has the same weight in that, however often it was asked: else whoever gives more of the answers to a question is
found right more often. So two members who are alike, in how often they are right and in how they err, are as likely to be found
ahead, one as the other, whether they make the same mistakes or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import fsum, sqrt
from typing import NamedTuple

from contemplate.voting.witnesses.evidence import Counts, Lesson
from contemplate.voting.witnesses.knowledge import Lead

EVEN = 4
"""Questions added for every two members, on each of which one of them alone is right, as often the one as the other.

Without them a few questions would teach much.
"""


class _Held(NamedTuple):
    """Two members, held against what is agreed on in one question.

    Attributes:
        lead: how much more often the first gives what is agreed on, weighed by that.
        agreed: how far anything is, in [0, 1]; 1 where the right answer is known.
        alike: the chances that two votes of the first are for the same answer, two of the second, and one of each; None where
            either gave only one.
    """

    lead: float
    agreed: float
    alike: tuple[float, float, float] | None = None


def leads(lessons: Sequence[Lesson]) -> dict[str, dict[str, Lead]]:
    """The lead of every member over each that is named after it and answered some of the same questions.

    Args:
        lessons: what the members answered; where the truth is given, they are held against it alone.
    """
    names = dict.fromkeys(name for lesson in lessons for name in lesson.evidence.samples)
    held: dict[str, dict[str, list[_Held]]] = {}
    for lesson in lessons:
        samples = lesson.evidence.samples
        votes = {name: _Votes.of(samples[name]) for name in names if any(samples.get(name, ()))}
        for (name, one), (other, two) in combinations(votes.items(), 2):
            outside = [each for its, each in votes.items() if its not in {name, other}] if lesson.truth is None else []
            found = _held(one, two, outside) if lesson.truth is None else _known(one, two, lesson.truth)
            held.setdefault(name, {}).setdefault(other, []).append(found._replace(alike=_alike(one, two)))
    return {name: {other: _lead(rows) for other, rows in over.items()} for name, over in held.items()}


class _Votes(NamedTuple):
    """The votes of a member on one question.

    Attributes:
        shares: of each answer.
        twice: the chance that two of them, of two at least, both are for an answer; None where there is only one.
    """

    shares: Sequence[float]
    twice: Sequence[float] | None

    @classmethod
    def of(cls, counts: Counts) -> _Votes:
        """Those that are so many for each answer."""
        made = sum(counts)
        pairs = made * (made - 1)
        return cls([count / made for count in counts], [count * (count - 1) / pairs for count in counts] if pairs else None)


def _known(one: _Votes, two: _Votes, truth: int) -> _Held:
    return _Held(one.shares[truth] - two.shares[truth] if truth < len(one.shares) else 0.0, 1.0)


def _held(one: _Votes, two: _Votes, outside: Sequence[_Votes]) -> _Held:
    """Two members, held against every pair of votes of two members that agree, every two members weighing the same.

    Each vote that is held against them is another than these, so that a member who gave one vote is no part of a pair.

    Args:
        one: the votes of the first.
        two: those of the second.
        outside: those of all others.
    """
    several = one.twice is not None and two.twice is not None
    among = len(outside) + 2 if several else len(outside)
    pairs = among * (among - 1) / 2
    if not pairs:
        return _Held(0.0, 0.0)
    lead = agreed = 0.0
    for answer, (first, second) in enumerate(zip(one.shares, two.shares, strict=True)):
        shares = [votes.shares[answer] for votes in outside]
        others = fsum(shares)
        outsiders = (others**2 - fsum(share**2 for share in shares)) / 2
        lead += (first - second) * outsiders
        agreed += outsiders
        if one.twice is not None and two.twice is not None:
            # A vote of either may be one of the two that agree, if the one that is held against them is another.
            lead += others * (one.twice[answer] - two.twice[answer])
            lead += one.twice[answer] * second - first * two.twice[answer]
            agreed += others * (first + second) + first * second
    return _Held(lead / pairs, agreed / pairs)


def _alike(one: _Votes, two: _Votes) -> tuple[float, float, float] | None:
    if one.twice is None or two.twice is None:
        return None
    return fsum(one.twice), fsum(two.twice), fsum(a * b for a, b in zip(one.shares, two.shares, strict=True))


def _lead(held: Sequence[_Held]) -> Lead:
    """The ratio of what is found to what could be, with its standard error; questions are taken for independent."""
    rows = [*held, *(_Held(sign, 1.0) for sign in (1.0, -1.0) for _ in range(EVEN // 2))]
    agreed = fsum(row.agreed for row in rows)
    lead = fsum(row.lead for row in rows) / agreed
    error = sqrt(fsum((row.lead - lead * row.agreed) ** 2 for row in rows)) / agreed
    alike = [row.alike for row in held if row.alike is not None]
    if not alike:
        return Lead(lead=lead, error=error, questions=len(held))
    own, others, agreement = (min(fsum(each) / len(alike), 1.0) for each in zip(*alike, strict=True))
    return Lead(lead=lead, error=error, questions=len(held), repeats=(own, others), agreement=agreement)
