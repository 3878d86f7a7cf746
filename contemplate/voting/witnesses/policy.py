"""Which call is worth most next: the one that can be expected to leave least doubt for its tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import exp, log
from typing import Annotated, Literal

from pydantic import Field

from contemplate.types import Value
from contemplate.voting.witnesses.evidence import Evidence
from contemplate.voting.witnesses.knowledge import Knowledge
from contemplate.voting.witnesses.panel import Panel
from contemplate.voting.witnesses.posterior import SPREAD, Reading, read, sign


class Offer(Value):
    """A call that could be made.

    Attributes:
        kind: a fresh "sample" of a member, a "revision", which is a sample of a member that has read something, or a "verdict".
        witness: the name of the member or critic.
        about: the class of the answer that the verdict is about.
        tokens: what it can be expected to cost, in any unit that all offers share, above 0.
    """

    kind: Literal["sample", "revision", "verdict"]
    witness: str
    about: Annotated[int, Field(ge=0)] | None = None
    tokens: Annotated[float, Field(gt=0)] = 1.0


UNSEEN = 20
"""How many answers an unseen one is taken to be one of."""

_LEAST = 1e-9
"""Expected falls of entropy that differ by less are the same, so that rounding decides nothing."""


def best_next(evidence: Evidence, knowledge: Knowledge, offers: Sequence[Offer]) -> Offer | None:
    """The offer with the largest expected fall of the posterior's entropy per token; of equals the first sample, then the first.

    A verdict of a critic of whom nothing good is known is never worth anything, and so is never chosen before a sample. A
    revision is considered only if its member is known to be better than that of every sample on offer.

    Returns:
        None where nothing is offered that can tell anything.
    """
    now = read(evidence, knowledge)
    before = now.chances()
    doubt = _entropy(before)
    ranked = sorted(offers, key=lambda offer: offer.kind != "sample")
    best, most = None, _LEAST
    for offer in ranked:
        if offer.kind == "revision" and not _proven(offer, offers, now.panel):
            continue
        fall = (doubt - _expected(offer, evidence, knowledge, now, before, doubt)) / offer.tokens
        if fall > most * (1 + _LEAST):
            best, most = offer, fall
    return best or next((offer for offer in ranked if offer.kind == "sample"), None)


def _proven(offer: Offer, offers: Sequence[Offer], panel: Panel) -> bool:
    """Whether a revision is known to be better than a fresh sample."""
    fresh = max((panel.weight(other.witness) for other in offers if other.kind == "sample"), default=1.0)
    return panel.weight(offer.witness) > fresh


def _expected(
    offer: Offer, evidence: Evidence, knowledge: Knowledge, now: Reading, before: Sequence[float], doubt: float
) -> float:
    """The entropy that can be expected after the call."""
    if offer.kind != "verdict":
        outcomes = _after_sample(offer, evidence, now, before)
        return sum(chance * _entropy(after) for chance, after in outcomes if chance > 0)
    critic = knowledge.critics.get(offer.witness)
    rates = None if critic is None else critic.rates
    if critic is None or rates is None or offer.about is None:
        return doubt
    known = evidence.verdicts.get(offer.witness)
    said = (known.accepts[offer.about], known.rejects[offer.about]) if known else (0, 0)
    return _after_verdict(rates, critic.correlation, said, before[offer.about], doubt)


def _after_verdict(rates: tuple[float, float], correlation: float, said: tuple[int, int], belief: float, doubt: float) -> float:
    """The entropy that can be expected after a verdict.

    Args:
        rates: of the critic.
        correlation: of its verdicts on one answer.
        said: how often it has accepted and rejected this one.
        belief: the chance that the answer is right.
        doubt: the entropy now.
    """
    if not 0 < belief < 1:
        return doubt
    accepts, rejects = said
    made = accepts + rejects
    # What it said before it will say again, the more so the more its verdicts are correlated.
    again = made * correlation / (1 + (made - 1) * correlation) if made else 0.0
    right, wrong = (again * accepts / max(made, 1) + (1 - again) * rate for rate in rates)
    accepted = belief * right + (1 - belief) * wrong
    was = sign(rates, correlation, accepts, rejects)
    others = doubt + belief * log(belief)
    left = 0.0
    for chance, more in ((accepted, (accepts + 1, rejects)), (1 - accepted, (accepts, rejects + 1))):
        odds = belief * exp(sign(rates, correlation, *more) - was)
        whole = 1 - belief + odds
        left += chance * (others + (1 - belief) * log(whole) - odds * log(odds / whole)) / whole
    return left


def _after_sample(
    offer: Offer, evidence: Evidence, now: Reading, before: Sequence[float]
) -> Iterator[tuple[float, Sequence[float]]]:
    """What a member may answer, with its chance, and the posterior then."""
    panel, name = now.panel, offer.witness
    counts = evidence.samples.get(name, (0,) * evidence.answers)
    made = sum(counts)
    then = panel.effective_vote(name, made + 1)
    shift = then - panel.effective_vote(name, made)
    others = [votes + shift * count for votes, count in zip(now.votes, counts, strict=True)]
    total, odds = sum(now.votes), _odds(panel.taken_accuracy(name)) / _odds(panel.accuracy)
    held = [*now.votes, 0.0]
    right = [_tilted((votes + SPREAD * panel.accuracy) / (total + SPREAD), odds) for votes in held]
    for answer, votes in enumerate(now.votes):
        chance = before[answer] * right[answer] + sum(
            belief * (1 - right[truth]) * votes / (total - held[truth] + now.scatter)
            for truth, belief in enumerate(before)
            if truth != answer
        )
        yield chance, replace(now, votes=tuple(other + then * (answer == index) for index, other in enumerate(others))).chances()
    if not now.closed:
        chance = before[-1] * right[-1] + sum(
            belief * (1 - right[truth]) * now.scatter / (total - held[truth] + now.scatter) for truth, belief in enumerate(before)
        )
        yield chance, replace(now, votes=(*others, then), signs=(*now.signs, 0.0)).chances()


def _odds(chance: float) -> float:
    return chance / (1 - chance)


def _tilted(chance: float, odds: float) -> float:
    """The chance whose odds are so many times those of `chance`."""
    return chance * odds / (1 - chance + chance * odds)


def _entropy(chances: Sequence[float]) -> float:
    """The doubt that is left, in nats; an unseen answer is one of `UNSEEN`, so that to rule out all others is not to know."""
    return chances[-1] * log(UNSEEN) - sum(chance * log(chance) for chance in chances if chance > 0)
