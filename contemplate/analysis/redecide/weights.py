"""The weights of each question's samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from contemplate.analysis.records import Votes, learned
from contemplate.analysis.redecide.configurations import BEST, Configuration
from contemplate.analysis.redecide.deciding import Weights
from contemplate.errors import InputError
from contemplate.voting.weights import recalibrated, softmax


def weights_of(questions: Sequence[Votes], configuration: Configuration) -> list[Weights]:
    """The weights of the samples of each question; what is not read weighs nothing.

    "learned" goes by how reliable the members are, as their answers to all `questions` show without the gold answers; several
    samples of a member share its weight.

    Raises:
        InputError: a sample lacks what the weights come from, or its score is below 0 where a vote can't be.
    """
    match configuration.weights:
        case None | "equal":
            return [None] * len(questions)
        case "learned":
            return _learned(questions)
        case "weight":
            return [_of(votes, votes.weights, "weight") for votes in questions]
        case "recalibrated":
            return [tuple(map(recalibrated, _of(votes, votes.weights, "weight"))) for votes in questions]
        case "softmax":
            return [_softmax(votes, configuration.temperature) for votes in questions]
        case _:
            found = [_of(votes, votes.scores, "score") for votes in questions]
            if configuration.rule != BEST:
                _check_signs(questions, found)
            return [*found]


def _of(votes: Votes, given: Sequence[float | None], what: str) -> tuple[float, ...]:
    weights = []
    for number, (answer, weight) in enumerate(zip(votes.classes, given, strict=True), 1):
        if answer is not None and weight is None:
            raise InputError(f"question {votes.id!r}: sample {number} has no {what}, and votes are to weigh by it")
        weights.append(0.0 if answer is None or weight is None else weight)
    return tuple(weights)


def _softmax(votes: Votes, temperature: float) -> tuple[float, ...]:
    scores = _of(votes, votes.scores, "score")
    readable = [index for index, answer in enumerate(votes.classes) if answer is not None]
    powers = dict(zip(readable, softmax([scores[index] for index in readable], temperature), strict=True))
    return tuple(powers.get(index, 0.0) for index in range(len(scores)))


def _check_signs(questions: Sequence[Votes], found: Sequence[tuple[float, ...]]) -> None:
    for votes, scores in zip(questions, found, strict=True):
        for number, score in enumerate(scores, 1):
            if score < 0:
                raise InputError(
                    f"question {votes.id!r}: sample {number} has the score {score:g}, and no vote weighs less than 0; "
                    f"softmax takes any score, and so does the rule {BEST!r}"
                )


def _learned(questions: Sequence[Votes]) -> list[Weights]:
    without_gold = [Votes(votes.id, votes.classes, frozenset(), members=votes.members) for votes in questions]
    members = {member.member: member for member in learned(without_gold)[1].members}
    weights: list[Weights] = []
    for votes in questions:
        copies = Counter(votes.members)
        alternatives = len(set(votes.classes) - {None})
        weights.append(tuple(members[name or ""].vote(alternatives) / copies[name] for name in votes.members))
    return weights
