"""From ballots to a decision: what all rules share."""

from __future__ import annotations

from fractions import Fraction
from math import isfinite
from typing import Literal

from contemplate.answers import classes
from contemplate.errors import InputError
from contemplate.seeds import rng
from contemplate.types import Answer, Ballot, Decision, Tally
from contemplate.voting.rule import Count, Poll, Rule, Vote

TieRule = Literal["first-seen", "random", "none"]

_FINEST_THRESHOLD = 10_000


class Election:
    """One count of ballots by one rule."""

    def __init__(
        self, rule: Rule, ballots: tuple[Ballot, ...], threshold: float | None, quorum: int, ties: TieRule, seed: int
    ) -> None:
        self.rule, self.ballots, self.quorum, self.seed = rule, ballots, quorum, seed
        self.ties: TieRule = ties
        self.threshold = _threshold(rule, threshold)
        if quorum < 1:
            raise InputError(f"the quorum is {quorum}; it must be at least 1")
        if ties not in {"first-seen", "random", "none"}:
            raise InputError(f"a tie can be broken 'first-seen', 'random' or 'none', not {ties!r}")
        for ballot in ballots:
            if not isfinite(ballot.weight):
                raise InputError(f"the ballot of seat {ballot.seat!r} has the weight {ballot.weight}, which is no finite number")
        self.cast = tuple(ballot for ballot in ballots if ballot.answer is not None)
        self.answers = [ballot.answer for ballot in ballots if ballot.answer is not None]
        self.places, self.merges = classes(self.answers)
        self.options = [self.answers[self.places.index(option)] for option in range(max(self.places, default=-1) + 1)]

    def _tie_break(self, *, won: bool) -> TieRule:
        return self.ties if won else "none"

    def decision(self) -> Decision:
        """Count, break a tie, and say what it came to."""
        votes = tuple(Vote(place, Fraction(ballot.weight)) for place, ballot in zip(self.places, self.cast, strict=True))
        count = self.rule.count(Poll(len(self.options), votes, self.threshold)) if votes else Count((), ())
        reason = self._no_quorum() or count.refusal
        chosen = None if reason else self._first(count)
        if chosen is None and reason is None:
            reason = f"{len(count.first)} answers share the first place"
        tied = len(count.first) > 1
        return Decision(
            rule=self.rule.name,
            winner=None if chosen is None else self.options[chosen].text,
            value=None if chosen is None else self.options[chosen].value,
            tally=self._tally(count),
            margin=0.0 if chosen is None else self._margin(count, chosen),
            ties=tuple(self.options[option].text for option in count.first) if tied else (),
            tie_break=self._tie_break(won=chosen is not None) if tied else None,
            abstentions=tuple(ballot.seat for ballot in self.ballots if ballot.answer is None),
            dissent=() if chosen is None else self._seats(chosen, against=True),
            confidence=0.0 if chosen is None else self._confidence(chosen),
            quorum=self.quorum,
            merges=tuple(self.merges),
            reason=reason,
        )

    def _no_quorum(self) -> str | None:
        if len(self.cast) >= self.quorum:
            return None
        return f"{len(self.cast)} of {len(self.ballots)} seats gave an answer, the quorum is {self.quorum}"

    def _first(self, count: Count) -> int | None:
        """The class that wins, after a tie was broken; None if it is left standing."""
        if len(count.first) == 1:
            return count.first[0]
        if self.ties == "none":
            return None
        if self.ties == "first-seen":
            return min(count.first)
        by_value = {self._name(self.options[option]): option for option in count.first}
        names = sorted(by_value)
        return by_value[rng(self.seed, "tie", *names).choice(names)]

    @staticmethod
    def _name(answer: Answer) -> str:
        return f"{answer.kind}:{answer.value}"

    def _seats(self, option: int, *, against: bool = False) -> tuple[str, ...]:
        placed = zip(self.places, self.cast, strict=True)
        return tuple(ballot.seat for place, ballot in placed if (place == option) is not against)

    def _tally(self, count: Count) -> tuple[Tally, ...]:
        order = sorted(range(len(self.options)), key=lambda option: (-count.scores[option], option))
        return tuple(
            Tally(
                answer=self.options[option].text,
                votes=self.places.count(option),
                weight=_finite(count.scores[option]),
                seats=self._seats(option),
            )
            for option in order
        )

    @staticmethod
    def _margin(count: Count, chosen: int) -> float:
        """The winner's lead over the next, as a share of all scores."""
        others = [score for option, score in enumerate(count.scores) if option != chosen]
        return float(max(count.scores[chosen] - max(others, default=Fraction(0)), Fraction(0)) / sum(count.scores))

    def _confidence(self, chosen: int) -> float:
        """The rule of succession over all seats, the weights scaled so that their mean is 1."""
        everything = sum(map(self._weight, self.ballots), Fraction(0))
        placed = zip(self.places, self.cast, strict=True)
        behind = sum((self._weight(ballot) for place, ballot in placed if place == chosen), Fraction(0))
        seats = len(self.ballots)
        return float((behind * seats / everything + 1) / (seats + 2))

    def _weight(self, ballot: Ballot) -> Fraction:
        return Fraction(ballot.weight) if self.rule.weighted else Fraction(1)


def _threshold(rule: Rule, threshold: float | None) -> Fraction | None:
    """The exact fraction that is meant: 0.55 as a float is a little more than 11/20, and would turn away 11 votes of 20."""
    if threshold is None:
        return rule.default_threshold
    if rule.default_threshold is None:
        raise InputError(f"the rule {rule.name!r} takes no threshold; 'supermajority' does")
    if not 0 < threshold <= 1:
        raise InputError(f"the threshold is {threshold}; it must be above 0 and at most 1")
    return Fraction(threshold).limit_denominator(_FINEST_THRESHOLD) or Fraction(1, _FINEST_THRESHOLD)


def _finite(score: Fraction) -> float:
    """`score` as a float; a sum of weights beyond the largest float is that float."""
    try:
        return float(score)
    except OverflowError:
        return 1.7976931348623157e308
