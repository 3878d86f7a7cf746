"""Votes: ballots in, one decision out, by one of several rules.

A rule is one file with one class (`contemplate.voting.rule` says what it must have); `decide` does what all of them share.
Answers are counted by meaning (`contemplate.answers.classes`), an abstention is never a vote, and a tie is never broken by the
order in which replies arrived: what counts is the order of the ballots given, or a seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from contemplate.errors import UnknownNameError
from contemplate.types import Ballot, Decision
from contemplate.voting.decision import Election, TieRule
from contemplate.voting.majority import Majority
from contemplate.voting.plurality import Plurality
from contemplate.voting.rule import Count, Poll, Rule, Vote
from contemplate.voting.supermajority import Supermajority
from contemplate.voting.unanimity import Unanimity
from contemplate.voting.weighted import Weighted

__all__ = ["RULES", "Count", "Poll", "Rule", "TieRule", "Vote", "decide"]

_RULES: tuple[Rule, ...] = (Plurality(), Majority(), Supermajority(), Unanimity(), Weighted())

RULES: Mapping[str, Rule] = MappingProxyType({rule.name: rule for rule in _RULES})
"""The rules by name."""


def decide(
    ballots: Sequence[Ballot],
    *,
    rule: str = "plurality",
    threshold: float | None = None,
    quorum: int = 1,
    ties: TieRule = "random",
    seed: int = 0,
) -> Decision:
    """Count `ballots`, one for each seat, in the order of the seats.

    Args:
        ballots: one a seat; a ballot without an answer abstains.
        rule: one of `RULES`.
        threshold: the share of the votes that the winner needs, in (0, 1], for the rules that take one.
        quorum: how many seats must have given an answer, at least 1.
        ties: how a tie for the first place is broken: the answer seen first in `ballots`, one drawn at random (whoever
            voted for it, and in whatever order), or none.
        seed: for the draw.

    Raises:
        UnknownNameError: there is no such rule.
        InputError: the threshold, the quorum or a weight is out of range, or the rule takes no threshold.
    """
    if rule not in RULES:
        raise UnknownNameError("voting rule", rule, tuple(RULES))
    return Election(RULES[rule], tuple(ballots), threshold, quorum, ties, seed).decision()
