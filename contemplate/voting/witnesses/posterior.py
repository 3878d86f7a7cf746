"""How likely each answer is the right one, given what the witnesses said and what is known of them.

If answer `a` is the truth, each vote is for `a` with a chance p that is drawn for the question, p ~ Beta(s m, s (1 - m)), where m
is the panel's mean accuracy and s the constant `SPREAD`; the other votes fall on wrong answers, of which there is no end, by a
Chinese restaurant process with the constant `SCATTER`, so that mistakes cluster. With n votes, c of them for `a`,

    log P(votes | a) = log B(c + s m, n - c + s (1 - m)) + log CRP(the other counts) + constants.

As SCATTER >= SPREAD, of two answers the one with more votes is the likelier one, whatever m is. Votes of members who are better
or worse than the panel's mean weigh more or less than 1 (`vote_weight`), and copies count by their effective number. A verdict
of a critic on an answer brings its log-likelihood ratio, again by effective numbers, and nothing if the critic is not known to
be better than chance.

So where nothing is known, the order of the answers is that of their votes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import copysign, exp, fsum, hypot, lgamma, log

from contemplate.voting.witnesses.evidence import Counts, Evidence
from contemplate.voting.witnesses.knowledge import Knowledge, Member

SPREAD = 2.0
"""How alike questions are in difficulty: the concentration of a question's p; at 2 and m = 1/2 every p is as likely as any."""

SCATTER = 2.0
"""How widely mistakes scatter; at least `SPREAD`, or few votes could outweigh many."""

HEAVIEST = 3.0
"""The most that one member's vote can weigh, in votes of the panel's mean member."""

_ALTERNATIVES = 5
"""How many answers a vote is taken to choose from where votes of members are weighed against each other."""


def posterior(evidence: Evidence, knowledge: Knowledge) -> tuple[float, ...]:
    """The chance of each standing answer to be right, in the order of its class, and last that of all that do not stand."""
    return read(evidence, knowledge).chances()


@dataclass(frozen=True)
class Reading:
    """Evidence, read with what is known of its witnesses.

    Attributes:
        votes: the effective votes of each answer.
        signs: the log-likelihood ratio that verdicts bring to each answer, in nats.
        accuracy: of the panel on average.
        closed: whether all possible answers stand, so that none is unseen.
    """

    votes: tuple[float, ...]
    signs: tuple[float, ...]
    accuracy: float
    closed: bool

    def chances(self) -> tuple[float, ...]:
        """The posterior: the chance of each answer, and that of an unseen one."""
        logs = self.logs()
        top = max(logs)
        odds = [exp(value - top) for value in logs]
        whole = sum(odds)
        return tuple(value / whole for value in odds)

    def logs(self) -> list[float]:
        """The logarithm of each chance, but for one constant."""
        total = sum(self.votes)
        right, wrong = SPREAD * self.accuracy, SPREAD * (1 - self.accuracy)
        found = []
        for votes, sign in zip(self.votes, self.signs, strict=True):
            others = max(total - votes, 0.0)
            own = lgamma(votes + right) - lgamma(votes) if votes > 0 else float("-inf")
            found.append(own + lgamma(others + wrong) - lgamma(others + SCATTER) + sign)
        unseen = float("-inf") if self.closed and found else lgamma(right) + lgamma(total + wrong) - lgamma(total + SCATTER)
        return [*found, unseen + log(SCATTER)]


def read(evidence: Evidence, knowledge: Knowledge) -> Reading:
    """The evidence as the posterior sees it; witnesses of whom nothing is known are taken as `Knowledge` says."""
    accuracy = panel_accuracy(evidence.samples, knowledge)
    votes = [0.0] * evidence.answers
    for name, counts in evidence.samples.items():
        each = effective_vote(knowledge.members.get(name), sum(counts), accuracy)
        for answer, count in enumerate(counts):
            votes[answer] += each * count
    signs = [0.0] * evidence.answers
    for name, verdicts in evidence.verdicts.items():
        critic = knowledge.critics.get(name)
        if critic is not None and (rates := critic.rates) is not None:
            for answer in range(evidence.answers):
                signs[answer] += sign(rates, critic.correlation, verdicts.accepts[answer], verdicts.rejects[answer])
    return Reading(tuple(votes), tuple(signs), accuracy, closed=evidence.alternatives == evidence.answers)


def panel_accuracy(samples: Mapping[str, Counts], knowledge: Knowledge) -> float:
    """The mean accuracy of the members of a panel."""
    each = [_accuracy(knowledge, name) for name in samples]
    return fsum(each) / len(each) if each else knowledge.accuracy


def _accuracy(knowledge: Knowledge, name: str) -> float:
    member = knowledge.members.get(name)
    return knowledge.accuracy if member is None else member.accuracy


def effective_vote(member: Member | None, samples: int, accuracy: float) -> float:
    """What each of so many samples of a member weighs, in votes of the panel's mean member."""
    if member is None:
        return 1.0
    return vote_weight(member, accuracy) / (1 + max(samples - 1, 0) * member.correlation)


def known_lead(name: str, other: str, knowledge: Knowledge) -> float:
    """How much more often one member is right than another, two standard errors nearer to 0, which is that nothing is known."""
    one, two = knowledge.members.get(name), knowledge.members.get(other)
    if one is None or two is None:
        return 0.0
    lead = one.accuracy - two.accuracy
    return copysign(max(abs(lead) - 2 * hypot(one.error, two.error), 0.0), lead)


def vote_weight(member: Member, accuracy: float) -> float:
    """What a vote of a member weighs on a panel of that mean accuracy, from 0 to `HEAVIEST`; 1 unless it clearly differs."""
    taken, usual = taken_accuracy(member, accuracy), _log_odds(accuracy)
    if taken == accuracy or usual <= 0:
        return 1.0
    return min(max(_log_odds(taken) / usual, 0.0), HEAVIEST)


def taken_accuracy(member: Member | None, accuracy: float) -> float:
    """The accuracy that a member is taken to have: two standard errors nearer to the panel's than it was learned."""
    lead = 0.0 if member is None else member.accuracy - accuracy
    sure = 0.0 if member is None else max(abs(lead) - 2 * member.error, 0.0)
    return accuracy + (sure if lead > 0 else -sure)


def _log_odds(accuracy: float) -> float:
    return log(accuracy * (_ALTERNATIVES - 1) / (1 - accuracy))


def sign(rates: tuple[float, float], correlation: float, accepts: int, rejects: int) -> float:
    """The log-likelihood ratio that verdicts of one critic bring to an answer, in nats.

    Args:
        rates: the chances with which it accepts a right answer and a wrong one.
        correlation: of its verdicts on one answer.
        accepts: how many accept the answer.
        rejects: how many reject it.
    """
    made = accepts + rejects
    if not made:
        return 0.0
    right, wrong = rates
    ratio = accepts * log(right / wrong) + rejects * log((1 - right) / (1 - wrong))
    return ratio * effective(made, correlation) / made


def effective(count: int, correlation: float) -> float:
    """How many independent verdicts so many correlated ones are worth."""
    return count / (1 + (count - 1) * correlation) if count else 0.0
