"""A panel, by what is known of its members: whose votes weigh more, and whose less."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from math import copysign, fsum, log

from contemplate.voting.witnesses.knowledge import EDGE, Knowledge

HEAVIEST = 3.0
"""The most that one member's vote can weigh, in votes of the panel's mean member."""

_ALTERNATIVES = 5
"""How many answers a vote is taken to choose from where votes of members are weighed against each other."""


def known_lead(name: str, other: str, knowledge: Knowledge) -> float:
    """How much more often one member is right than another, two standard errors nearer to 0, which is that nothing is known."""
    if name not in knowledge.members or other not in knowledge.members:
        return 0.0
    lead = knowledge.lead(name, other)
    return _surely(lead.lead, lead.error)


def known_worth(name: str, other: str, knowledge: Knowledge) -> float:
    """The same, but 0 also where one is behind who errs in other ways, so that its votes still better the other's."""
    sure = known_lead(name, other, knowledge)
    ahead = knowledge.lead(other, name)
    return 0.0 if sure < 0 and ahead.lead < ahead.leeway else sure


class Panel:
    """The members of a panel, in the light of what is known of them."""

    def __init__(self, names: Collection[str], knowledge: Knowledge) -> None:
        """Look at the members of these names, each once."""
        self._names = names
        self._knowledge = knowledge
        self._taken: dict[str, float] = {}

    @cached_property
    def accuracy(self) -> float:
        """The mean accuracy of its members."""
        each = [self._knowledge.accuracy_of(name)[0] for name in self._names]
        return fsum(each) / len(each) if each else self._knowledge.accuracy

    def taken_accuracy(self, name: str) -> float:
        """The accuracy that a witness is taken to have who is on the panel or could be: the panel's, and its sure lead over that.

        The lead over the panel is the mean of those over its members, and its standard error at most the mean of theirs.
        """
        if name not in self._taken:
            lead = self._lead(name) if self._names and name in self._knowledge.members else 0.0
            self._taken[name] = min(max(self.accuracy + lead, EDGE), 1 - EDGE) if lead else self.accuracy
        return self._taken[name]

    def _lead(self, name: str) -> float:
        over = [self._knowledge.lead(name, other) for other in self._names]
        return _surely(fsum(one.lead for one in over) / len(over), fsum(one.error for one in over) / len(over))

    def weight(self, name: str) -> float:
        """What a vote weighs, in votes of its mean member, from 0 to `HEAVIEST`; 1 unless its member clearly differs."""
        taken, usual = self.taken_accuracy(name), _log_odds(self.accuracy)
        if taken == self.accuracy or usual <= 0:
            return 1.0
        return min(max(_log_odds(taken) / usual, 0.0), HEAVIEST)

    def effective_vote(self, name: str, samples: int) -> float:
        """What each of so many samples of a member weighs, in votes of the mean member; copies by their effective number."""
        member = self._knowledge.members.get(name)
        correlation = 0.0 if member is None else member.correlation
        return self.weight(name) / (1 + max(samples - 1, 0) * correlation)


def _surely(lead: float, error: float) -> float:
    """A lead two standard errors nearer to 0."""
    return copysign(max(abs(lead) - 2 * error, 0.0), lead)


def _log_odds(accuracy: float) -> float:
    return log(accuracy * (_ALTERNATIVES - 1) / (1 - accuracy))
