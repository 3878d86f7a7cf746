"""From a count to a decision: what all rules share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

from contemplate.errors import InputError
from contemplate.seeds import rng
from contemplate.types import Answer, Decision, Tally
from contemplate.voting.rule import Count, leads
from contemplate.voting.tabulation import Tabulation

TieRule = Literal["first-seen", "random", "none", "judge"]
"""How a tie is broken. "judge" leaves it standing, as "none" does: breaking it takes a model's word."""


@dataclass(frozen=True)
class Terms:
    """What holds for every vote, whatever the rule.

    Attributes:
        rule: the name of the rule.
        quorum: how many ballots must say something, at least 1.
        seed: for the draw that breaks a tie.
    """

    rule: str
    quorum: int
    ties: TieRule
    seed: int

    def __post_init__(self) -> None:
        """Check them."""
        if self.quorum < 1:
            raise InputError(f"the quorum is {self.quorum}; it must be at least 1")
        if self.ties not in get_args(TieRule):
            raise InputError(f"a tie can be broken 'first-seen', 'random', by a 'judge' or 'none', not {self.ties!r}")


def conclude(tabulation: Tabulation, count: Count, terms: Terms, confidence: Callable[[int], Fraction]) -> Decision:
    """Break a tie, and say what a count came to.

    Args:
        roll: whose ballots were counted.
        count: what the rule found.
        terms: of the vote.
        confidence: in a class, should it win; in [0, 1].
    """
    reason = _no_quorum(tabulation, terms) or count.refusal
    chosen = None if reason else _first(tabulation, count, terms)
    if chosen is None and reason is None:
        by_judge = "; a judge is to break the tie" if terms.ties == "judge" else ""
        reason = f"{len(count.first)} answers share the first place{by_judge}"
    tied = len(count.first) > 1
    ahead = count.leads or leads(count.scores, sum(count.scores, Fraction(0)))
    return Decision(
        rule=f"{terms.rule} ({count.outcome})" if count.outcome and chosen is not None else terms.rule,
        winner=None if chosen is None else tabulation.options[chosen].text,
        value=None if chosen is None else tabulation.options[chosen].value,
        tally=_tally(tabulation, count),
        margin=0.0 if chosen is None else float(ahead[chosen]),
        ties=tuple(tabulation.options[option].text for option in count.first) if tied else (),
        tie_break=(terms.ties if chosen is not None else "none") if tied else None,
        abstentions=tabulation.silent,
        dissent=() if chosen is None else tabulation.dissenters(chosen),
        confidence=0.0 if chosen is None else float(confidence(chosen)),
        quorum=terms.quorum,
        merges=tabulation.merges,
        reason=reason,
    )


def _no_quorum(tabulation: Tabulation, terms: Terms) -> str | None:
    if len(tabulation.cast) >= terms.quorum:
        return None
    return f"{len(tabulation.cast)} of {len(tabulation.ballots)} seats gave an answer, the quorum is {terms.quorum}"


def _first(tabulation: Tabulation, count: Count, terms: Terms) -> int | None:
    """The class that wins, after a tie was broken; None if it is left standing."""
    if len(count.first) == 1:
        return count.first[0]
    if terms.ties in {"none", "judge"}:
        return None
    if terms.ties == "first-seen":
        return min(count.first)
    by_value = {_name(tabulation.options[option]): option for option in count.first}
    names = sorted(by_value)
    return by_value[rng(terms.seed, "tie", *names).choice(names)]


def _name(answer: Answer) -> str:
    return f"{answer.kind}:{answer.value}"


def _tally(tabulation: Tabulation, count: Count) -> tuple[Tally, ...]:
    second = count.shares[0][1] if count.shares else count.scores
    order = sorted(range(len(count.scores)), key=lambda option: (-count.scores[option], -second[option], option))
    return tuple(
        Tally(
            answer=tabulation.options[option].text,
            votes=tabulation.size(option),
            weight=_finite(count.scores[option]),
            seats=tabulation.backers(option),
            shares={name: float(shares[option]) for name, shares in count.shares},
        )
        for option in order
    )


def _finite(score: Fraction) -> float:
    """`score` as a float; a sum of weights beyond the largest float is that float."""
    try:
        return float(score)
    except OverflowError:
        return 1.7976931348623157e308
