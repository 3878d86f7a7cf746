"""How likely each answer is the right one, given what the witnesses said and what is known of them.

If answer `a` is the truth, each vote is for `a` with a chance p that is drawn for the question, p ~ Beta(s m, s (1 - m)), where m
is the panel's mean accuracy and s the constant `SPREAD`; the other votes fall on wrong answers, of which there is no end, by a
Chinese restaurant process of a concentration that is learned (`Knowledge.scatter`), so that mistakes cluster. With n votes, c of
them for `a`,

    log P(votes | a) = log B(c + s m, n - c + s (1 - m)) + log CRP(the other counts) + constants.

As that concentration is at least SPREAD, of two answers the one with more votes is the likelier one, whatever m is. Votes of
members who are better or worse than the panel's mean weigh more or less than 1 (`Panel.weight`), and copies count by their
effective number. A verdict of a critic on an answer brings its log-likelihood ratio, again by effective numbers, and nothing if
the critic is not known to be better than chance.

So where nothing is known, the order of the answers is that of their votes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, lgamma, log

from contemplate.voting.witnesses.evidence import Evidence
from contemplate.voting.witnesses.knowledge import Knowledge
from contemplate.voting.witnesses.panel import Panel

SPREAD = 2.0
"""How alike questions are in difficulty: the concentration of a question's p; at 2 and m = 1/2 every p is as likely as any."""


def posterior(evidence: Evidence, knowledge: Knowledge) -> tuple[float, ...]:
    """The chance of each standing answer to be right, in the order of its class, and last that of all that do not stand."""
    return read(evidence, knowledge).chances()


@dataclass(frozen=True)
class Reading:
    """Evidence, read with what is known of its witnesses.

    Attributes:
        votes: the effective votes of each answer.
        scatter: how widely mistakes scatter; at least `SPREAD`, or few votes could outweigh many.
        signs: the log-likelihood ratio that verdicts bring to each answer, in nats.
        panel: those who voted, or are to.
        closed: whether all possible answers stand, so that none is unseen.
    """

    votes: tuple[float, ...]
    scatter: float
    signs: tuple[float, ...]
    panel: Panel
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
        right, wrong = SPREAD * self.panel.accuracy, SPREAD * (1 - self.panel.accuracy)
        found = []
        for votes, sign in zip(self.votes, self.signs, strict=True):
            others = max(total - votes, 0.0)
            own = lgamma(votes + right) - lgamma(votes) if votes > 0 else float("-inf")
            found.append(own + lgamma(others + wrong) - lgamma(others + self.scatter) + sign)
        unseen = float("-inf") if self.closed and found else lgamma(right) + lgamma(total + wrong) - lgamma(total + self.scatter)
        return [*found, unseen + log(self.scatter)]

    def likelihood(self, truth: int | None) -> float:
        """The logarithm of the chance of these votes, but for what neither the panel's accuracy nor the scatter moves.

        Args:
            truth: the class of the right answer where that is known, the number of standing answers if none of them is right.
        """
        if truth is None:
            logs = self.logs()
            top = max(logs)
            found = top + log(sum(exp(value - top) for value in logs))
        else:
            logs = replace(self, closed=False).logs()
            found = logs[truth if truth < len(self.votes) and self.votes[truth] > 0 else -1]
        given = sum(votes > 0 for votes in self.votes)
        right, wrong = SPREAD * self.panel.accuracy, SPREAD * (1 - self.panel.accuracy)
        return found + (given - 1) * log(self.scatter) + lgamma(self.scatter) - lgamma(right) - lgamma(wrong)


def read(evidence: Evidence, knowledge: Knowledge) -> Reading:
    """The evidence as the posterior sees it; witnesses of whom nothing is known are taken as `Knowledge` says."""
    panel = Panel(evidence.samples, knowledge)
    votes = [0.0] * evidence.answers
    for name, counts in evidence.samples.items():
        each = panel.effective_vote(name, sum(counts))
        for answer, count in enumerate(counts):
            votes[answer] += each * count
    signs = [0.0] * evidence.answers
    for name, verdicts in evidence.verdicts.items():
        critic = knowledge.critics.get(name)
        if critic is not None and (rates := critic.rates) is not None:
            for answer in range(evidence.answers):
                signs[answer] += sign(rates, critic.correlation, verdicts.accepts[answer], verdicts.rejects[answer])
    return Reading(tuple(votes), knowledge.scatter, tuple(signs), panel, closed=evidence.alternatives == evidence.answers)


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
