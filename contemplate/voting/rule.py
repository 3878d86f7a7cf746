"""Voting rules: a rule scores the classes of answers, and says which of them stand first.

A rule sees a poll, not seats or texts, so that it can't favour anybody. Everything that all rules share (quorum, ties,
dissent, confidence) is done by `contemplate.voting.decide`. All arithmetic is exact: 2 of 3 votes are two thirds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Protocol, runtime_checkable

BallotForm = Literal["choice", "ranking", "approval", "points", "comparison"]
"""What a rule asks of a ballot; `contemplate.voting.forms` says how a ballot of another form is read."""


@dataclass(frozen=True)
class Vote:
    """One ballot that named an answer, read in the form that the rule asks for.

    Attributes:
        named: classes of answers, from 0, each once: the one choice; a ranking, best first; those approved of; or those that
            points are given to.
        weight: as on the ballot, >= 0, exact.
        points: for each of `named`; they sum to at most 10. All are 0 where the rule does not ask for points.
        absent: classes that did not stand on the ballot, as the one that its author alone holds. It says nothing of them: it puts
            them neither above nor below others.
    """

    named: tuple[int, ...]
    weight: Fraction
    points: tuple[Fraction, ...] = ()
    absent: frozenset[int] = frozenset()

    @property
    def choice(self) -> int:
        """The class that is named first."""
        return self.named[0]


@dataclass(frozen=True)
class Poll:
    """The votes that a rule counts: at least one, and abstentions left out.

    Attributes:
        options: how many classes of answers there are.
        threshold: the share of the votes that the winner needs, where the rule takes one and the caller gave one.
    """

    options: int
    votes: tuple[Vote, ...]
    threshold: Fraction | None = None


@dataclass(frozen=True)
class Count:
    """The result of a rule's count.

    Attributes:
        scores: one for each class; the tally's weights.
        first: the classes that share the first place.
        refusal: why none of them wins all the same, if none does.
        leads: how far each class is ahead of the others, in [0, 1]: the margin, should it win. If none are given, it is
            the lead in score over the next as a share of all scores.
        shares: what else was found for each class, in [0, 1], by name; the first of them orders classes of equal score.
        outcome: how the rule came to its result, where it has several ways; it is added to the rule's name.
    """

    scores: tuple[Fraction, ...]
    first: tuple[int, ...]
    refusal: str | None = None
    leads: tuple[Fraction, ...] = ()
    shares: tuple[tuple[str, tuple[Fraction, ...]], ...] = ()
    outcome: str | None = None


@runtime_checkable
class Rule(Protocol):
    """A way to count votes.

    Whatever the ballots are, the tests ask of each rule: who cast a ballot, and what the answers are called, changes nothing; and
    what all who vote put first wins, alone.
    """

    @property
    def name(self) -> str:
        """The name of the rule, as a recipe says it."""
        ...

    @property
    def summary(self) -> str:
        """One line that says who wins."""
        ...

    @property
    def reference(self) -> str:
        """The source that describes the rule, or its use on panels of models."""
        ...

    @property
    def form(self) -> BallotForm:
        """The form of the ballots that it takes."""
        ...

    @property
    def weighted(self) -> bool:
        """Whether the weights of ballots count; if not, each ballot counts 1."""
        ...

    @property
    def default_threshold(self) -> Fraction | None:
        """The share of the votes that the winner needs unless the caller says otherwise; None if the rule takes no threshold."""
        ...

    def count(self, poll: Poll) -> Count:
        """Count the votes of a poll."""
        ...


def first_choices(poll: Poll, *, weighted: bool = False) -> tuple[Fraction, ...]:
    """The votes for each class, or their weights."""
    scores = [Fraction(0)] * poll.options
    for vote in poll.votes:
        scores[vote.choice] += vote.weight if weighted else 1
    return tuple(scores)


def reach(poll: Poll, first: tuple[int, ...]) -> int:
    """The number of votes of which the share counts: those on whose ballots the one class that is first stood; else all."""
    return sum(first[0] not in vote.absent for vote in poll.votes) if len(first) == 1 else len(poll.votes)


def evened(poll: Poll, totals: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Each total as if the class had stood on all ballots and done as well there as on those that had it.

    Where every ballot had every class these are the totals themselves.
    """
    whole = total_weight(poll)
    on = [sum((vote.weight for vote in poll.votes if option not in vote.absent), Fraction(0)) for option in range(poll.options)]
    return tuple(total * whole / weight if weight else total for total, weight in zip(totals, on, strict=True))


def leaders(scores: tuple[Fraction, ...]) -> tuple[int, ...]:
    """The classes with the highest score."""
    top = max(scores)
    return tuple(option for option, score in enumerate(scores) if score == top)


def leads(scores: tuple[Fraction, ...], whole: Fraction) -> tuple[Fraction, ...]:
    """The lead of each score over the next, as a share of `whole`; the only score of all is ahead by 1."""
    if len(scores) <= 1:
        return (Fraction(1),) * len(scores)
    second, top = sorted(scores)[-2:]
    return tuple((top - second) / whole if score == top and whole else Fraction(0) for score in scores)


def total_weight(poll: Poll) -> Fraction:
    """The weight of all votes."""
    return sum((vote.weight for vote in poll.votes), Fraction(0))


def plain(number: Fraction) -> str:
    """A score in words of a message: whole numbers and fractions as they are, long ones as decimals."""
    return str(number) if number.denominator < 100 else f"{float(number):.4g}"  # noqa: PLR2004 - 2/3 reads well, 667/1000 does not
