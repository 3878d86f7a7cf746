"""Votes: ballots in, one decision out, by one of several rules.

A rule is one file with one class (`contemplate.voting.rule` says what it must have); `decide` does what all of them share, and
`weigh` decides by several kinds of evidence. Answers are counted by meaning (`contemplate.answers.classes`), an abstention is
never a vote, and a tie is never broken by the order in which replies arrived: what counts is the order of the ballots given,
or a seed. `contemplate.voting.forms` says how a ballot is read that has another form than the rule asks for.

The weights of ballots count in every rule but those that go by heads: plurality (`weighted` is the same by weight), majority,
supermajority, unanimity and hybrid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from contemplate.errors import InputError, UnknownNameError
from contemplate.errors.boundary import boundary
from contemplate.installed import installed, installed_names
from contemplate.types import Ballot, Decision
from contemplate.voting.approval import Approval
from contemplate.voting.borda import Borda
from contemplate.voting.copeland import Copeland
from contemplate.voting.cumulative import Cumulative
from contemplate.voting.decision import Terms, TieRule
from contemplate.voting.election import elect
from contemplate.voting.evidence import weigh
from contemplate.voting.forms import Judged
from contemplate.voting.hybrid import Hybrid
from contemplate.voting.instant_runoff import InstantRunoff
from contemplate.voting.majority import Majority
from contemplate.voting.pairwise import Pairwise
from contemplate.voting.plurality import Plurality
from contemplate.voting.ranked_pairs import RankedPairs
from contemplate.voting.rule import BallotForm, Count, Poll, Rule, Vote
from contemplate.voting.supermajority import Supermajority
from contemplate.voting.unanimity import Unanimity
from contemplate.voting.weighted import Weighted

__all__ = ["RULES", "BallotForm", "Count", "Poll", "Rule", "TieRule", "Vote", "decide", "find_rule", "rule_names", "weigh"]

_RULES: tuple[Rule, ...] = (
    *(Plurality(), Majority(), Supermajority(), Unanimity(), Weighted(), Hybrid()),
    *(Approval(), Borda(), Copeland(), RankedPairs(), InstantRunoff(), Cumulative(), Pairwise()),
)

RULES: Mapping[str, Rule] = MappingProxyType({rule.name: rule for rule in _RULES})
"""The rules that contemplate brings, by name. Others are found through the entry point group `contemplate.rules`."""


def rule_names() -> tuple[str, ...]:
    """The names of all rules: ours, and then those that installed packages declare."""
    return (*RULES, *(name for name in installed_names("contemplate.rules") if name not in RULES))


def find_rule(name: str) -> Rule:
    """The rule of that name: one of ours, or one that an installed package declares.

    Raises:
        UnknownNameError: there is none.
        InputError: what a package declares can't be imported, or is no rule.
    """
    return RULES[name] if name in RULES else _installed_rule(name)


@lru_cache(maxsize=64)
def _installed_rule(name: str) -> Rule:
    """A rule that a package declares, or its class; looked for once, since a table of decisions counts many thousand times."""
    found = installed("contemplate.rules", name)
    if found is None:
        raise UnknownNameError("voting rule", name, rule_names())
    rule = None
    with boundary(f"the voting rule {name!r} of an installed package") as caught:
        rule = found() if isinstance(found, type) else found
    if not isinstance(rule, Rule):
        raise InputError(str(caught.error or f"the voting rule {name!r} of an installed package is no `contemplate.voting.Rule`"))
    return rule


def decide(
    ballots: Sequence[Ballot],
    *,
    rule: str = "plurality",
    threshold: float | None = None,
    quorum: int = 1,
    ties: TieRule = "random",
    seed: int = 0,
    judged: Judged = (),
) -> Decision:
    """Count `ballots`, in the order of the seats: one for each seat, or for each comparison.

    Args:
        ballots: one that says nothing in the form that the rule asks for abstains.
        rule: the name of one (`rule_names`).
        threshold: the share of the votes that the winner needs, in (0, 1], for the rules that take one.
        quorum: how many ballots must say something, at least 1.
        ties: how a tie for the first place is broken: the answer seen first in `ballots`, one drawn at random (whoever
            voted for it, and in whatever order), none, or by a judge: then none wins here, and the reason says so.
        seed: for the draw.
        judged: pairs of canonical values of texts that a model judged to say the same.

    Raises:
        UnknownNameError: there is no such rule.
        InputError: the threshold, the quorum, a weight or points are out of range, or the rule takes no threshold.
    """
    return elect(find_rule(rule), ballots, threshold, Terms(rule, quorum, ties, seed), judged)
