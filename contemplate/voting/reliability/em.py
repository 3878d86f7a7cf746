"""Expectation-maximisation of the one-coin model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, fsum, log

_PASSES = 200
_ENOUGH = 1e-7

Answers = Mapping[str, int]
"""What each member answered to one question, as the class of the answer; members that gave none are left out."""


@dataclass(frozen=True)
class Asked:
    """One question that at least one member answered.

    Attributes:
        answers: the class that each member chose.
        alternatives: how many answers are possible, at least 2.
    """

    answers: Answers
    alternatives: int


@dataclass(frozen=True)
class Fit:
    """The parameters that the algorithm came to.

    Attributes:
        accuracy: of each member, in (0, 1).
        posteriors: for each question, the chance that a class that somebody chose is right.
    """

    accuracy: dict[str, float]
    posteriors: list[dict[int, float]]


def weight(accuracy: float, alternatives: int) -> float:
    """The log-odds that a vote of this accuracy brings to its answer; never against it."""
    return max(0.0, log(accuracy * (alternatives - 1) / (1 - accuracy)))


def fit(questions: Sequence[Asked], voice: Mapping[str, float]) -> Fit:
    """Maximise the likelihood, starting from the vote in which every member has its voice.

    An accuracy is (right + 1) / (answered + 2), so that nobody is ever certain.
    """
    posteriors = [_vote(question, voice) for question in questions]
    accuracy: dict[str, float] = {}
    for _ in range(_PASSES):
        before, accuracy = accuracy, _accuracies(questions, posteriors, voice)
        posteriors = [_posterior(question, accuracy, voice) for question in questions]
        if before and max(abs(accuracy[member] - before[member]) for member in accuracy) < _ENOUGH:
            break
    return Fit(accuracy, posteriors)


def _vote(question: Asked, voice: Mapping[str, float]) -> dict[int, float]:
    shares: dict[int, list[float]] = {}
    for member, answer in question.answers.items():
        shares.setdefault(answer, []).append(voice[member])
    sums = {answer: fsum(parts) for answer, parts in shares.items()}
    whole = fsum(sums.values())
    return {answer: part / whole for answer, part in sums.items()}


def _accuracies(
    questions: Sequence[Asked], posteriors: Sequence[Mapping[int, float]], members: Mapping[str, float]
) -> dict[str, float]:
    right, answered = dict.fromkeys(members, 1.0), dict.fromkeys(members, 2)
    for question, posterior in zip(questions, posteriors, strict=True):
        for member, answer in question.answers.items():
            right[member] += posterior[answer]
            answered[member] += 1
    return {member: right[member] / answered[member] for member in members}


def _posterior(question: Asked, accuracy: Mapping[str, float], voice: Mapping[str, float]) -> dict[int, float]:
    """The chance of each answer that somebody gave, given everybody's accuracy; all of them equally likely before."""
    parts: dict[int, list[float]] = {}
    for member, answer in question.answers.items():
        parts.setdefault(answer, []).append(voice[member] * weight(accuracy[member], question.alternatives))
    logs = {answer: fsum(part) for answer, part in parts.items()}
    top = max(logs.values())
    odds = {answer: exp(value - top) for answer, value in logs.items()}
    whole = fsum(odds.values())
    return {answer: chance / whole for answer, chance in odds.items()}
