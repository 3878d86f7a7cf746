"""Votes and stop tests over recorded samples, averaged over random orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from math import fsum, sqrt
from typing import Literal

from contemplate.errors import InputError
from contemplate.recorded.records import Votes
from contemplate.reliability import Estimate, learn
from contemplate.seeds import derive, rng
from contemplate.settling import Draws, SettledTest, stopping_point
from contemplate.types import Answer, Ballot, Value
from contemplate.voting import decide

Ties = Literal["first-seen", "fraction", "any"]
"""What a tied vote is worth: that of the answer drawn first; the share of the tied answers that is right; 1 if any of them is."""


class Score(Value):
    """How a way to decide did.

    Attributes:
        accuracy: the share of questions decided rightly, in [0, 1], averaged over orders.
        error: its standard error over the questions.
        samples: how many samples a question took, abstentions included.
        samples_error: its standard error over the questions.
        orders: how many random orders of the samples were averaged.
    """

    questions: int
    accuracy: float
    error: float
    samples: float
    samples_error: float
    orders: int = 1


def single(questions: Sequence[Votes]) -> Score:
    """One sample a question: the mean over all of them."""
    rights = [fsum(_right(votes, place) for place in votes.classes) / len(votes.classes) for votes in questions]
    return _score(rights, [1.0] * len(rights))


def oracle(questions: Sequence[Votes]) -> Score:
    """Any of the samples is right: what the best possible choice among them would reach."""
    return _score([float(any(_right(votes, place) for place in votes.classes)) for votes in questions], _all(questions))


def majority(questions: Sequence[Votes], k: int, *, orders: int = 20, seed: int = 0, ties: Ties = "first-seen") -> Score:
    """The plurality vote of k samples, drawn without replacement.

    Raises:
        InputError: a question has fewer than k samples, or k or `orders` is below 1.
    """
    fewest = min((len(votes.classes) for votes in questions), default=k)
    if not 1 <= k <= fewest:
        raise InputError(f"a vote of {k} samples can't be had: it takes at least 1, and a question has {fewest}")

    def one(votes: Votes, drawn: tuple[int | None, ...], _: int) -> tuple[float, int]:
        return credit(votes, drawn[:k], ties), k

    return _over_orders(questions, one, orders, seed)


def stopped(
    questions: Sequence[Votes], test: SettledTest, *, orders: int = 20, seed: int = 0, ties: Ties = "first-seen"
) -> Score:
    """Sampling one at a time until `test` fires or the record ends, then the plurality vote of what was drawn.

    The record's end is the cap that the test is told. Orders are the same for every test, so that tests can be compared in pairs.
    """
    known: dict[tuple[int | None, ...], int] = {}

    def one(votes: Votes, drawn: tuple[int | None, ...], order: int) -> tuple[float, int]:
        end = _stop(test, drawn, derive(seed, votes.id, order), known)
        return credit(votes, drawn[:end], ties), end

    return _over_orders(questions, one, orders, seed)


def best_by_score(questions: Sequence[Votes]) -> Score:
    """The sample of the highest score decides alone, the first of several; an abstention never does.

    Raises:
        InputError: a sample has no score.
    """
    rights = []
    for votes in questions:
        scores = _given(votes, votes.scores, "score")
        readable = [place for place, answer in enumerate(votes.classes) if answer is not None]
        best = max(readable, key=lambda place: scores[place], default=None)
        rights.append(0.0 if best is None else _right(votes, votes.classes[best]))
    return _score(rights, _all(questions))


def weighted(questions: Sequence[Votes], weigh: Callable[[Sequence[float]], Sequence[float]] | None = None) -> Score:
    """The weighted vote of all samples; a tie is worth the share of the tied answers that is right.

    Args:
        questions: whose samples have weights, or scores.
        weigh: makes weights of one question's scores, as `lambda scores: softmax(scores, 0.5)`; None takes the weights recorded.

    Raises:
        InputError: a sample has no weight, or no score.
    """
    rights = []
    for votes in questions:
        weights = weigh(_given(votes, votes.scores, "score")) if weigh else _given(votes, votes.weights, "weight")
        first = leading(votes.classes, tuple(weights))
        rights.append(fsum(_right(votes, answer) for answer in first) / len(first) if first else 0.0)
    return _score(rights, _all(questions))


def learned(questions: Sequence[Votes], groups: Mapping[str, str] | None = None) -> tuple[Score, Estimate]:
    """The vote in which members weigh what was learned about them from `questions`, without the gold answers.

    A member that answered a question several times has its first answer counted.

    Args:
        questions: whose samples have members.
        groups: of members that are one witness: see `contemplate.reliability.learn`.

    Raises:
        InputError: a sample has no member.
    """
    asked: list[dict[str, int | None]] = []
    for votes in questions:
        answers: dict[str, int | None] = {}
        for member, answer in zip(votes.members, votes.classes, strict=True):
            if member is None:
                raise InputError(f"record {votes.id!r} has a sample without a member, so that nothing can be learned about it")
            answers.setdefault(member, answer)
        asked.append(answers)
    found = learn(asked, groups=groups)
    rights = [_right(votes, winner) for votes, winner in zip(questions, found.winners, strict=True)]
    return _score(rights, [float(len(answers)) for answers in asked]), found


def credit(votes: Votes, drawn: tuple[int | None, ...], ties: Ties) -> float:
    """What the plurality of `drawn` is worth, in [0, 1]; 0 if nothing in it is readable."""
    first = leading(tuple(sorted(answer for answer in drawn if answer is not None)))
    if not first:
        return 0.0
    if ties == "first-seen":
        return _right(votes, min(first, key=drawn.index))
    rights = [_right(votes, answer) for answer in first]
    return max(rights) if ties == "any" else fsum(rights) / len(first)


@lru_cache(maxsize=65_536)
def leading(classes: tuple[int | None, ...], weights: tuple[float, ...] | None = None) -> tuple[int, ...]:
    """The classes that share the first place of a vote, by `contemplate.voting`; none where nobody voted."""
    ballots = []
    for seat, (place, weight) in enumerate(zip(classes, weights or (1.0,) * len(classes), strict=True)):
        answer = None if place is None else Answer(kind="text", text=str(place), value=str(place), how="stated")
        ballots.append(Ballot(seat=str(seat), turn=str(seat), answer=answer, weight=weight))
    decision = decide(ballots, rule="plurality" if weights is None else "weighted", ties="none")
    if decision.winner is not None:
        return (int(decision.winner),)
    return tuple(map(int, decision.ties))


def _over_orders(
    questions: Sequence[Votes], one: Callable[[Votes, tuple[int | None, ...], int], tuple[float, int]], orders: int, seed: int
) -> Score:
    if orders < 1:
        raise InputError(f"an average is over at least 1 order, not {orders}")
    rights, samples = [], []
    for votes in questions:
        outcomes = [one(votes, drawn, order) for order, drawn in enumerate(_orders(votes.id, votes.classes, orders, seed))]
        rights.append(fsum(right for right, _ in outcomes) / orders)
        samples.append(sum(count for _, count in outcomes) / orders)
    return _score(rights, samples, orders)


@lru_cache(maxsize=16_384)
def _orders(name: str, classes: tuple[int | None, ...], orders: int, seed: int) -> tuple[tuple[int | None, ...], ...]:
    """The samples in random orders, the same for every way to decide."""
    draw = rng(seed, "order", name)
    return tuple(tuple(draw.sample(classes, len(classes))) for _ in range(orders))


def _stop(test: SettledTest, drawn: tuple[int | None, ...], seed: int, known: dict[tuple[int | None, ...], int]) -> int:
    """Where sampling ends, as a length; `known` says it for patterns of answers that came up before."""
    if test.rule == "random":
        return stopping_point(test, Draws(drawn, len(drawn), seed)) or len(drawn)
    pattern = _renumbered(drawn)
    if pattern not in known:
        known[pattern] = stopping_point(test, Draws(pattern, len(pattern))) or len(pattern)
    return known[pattern]


def _renumbered(drawn: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """Classes as they appear, so that the same pattern is decided once."""
    names: dict[int, int] = {}
    return tuple(None if answer is None else names.setdefault(answer, len(names)) for answer in drawn)


def _right(votes: Votes, answer: int | None) -> float:
    if votes.right is None:
        raise InputError(f"record {votes.id!r} has no gold answer, so that nothing can be called right")
    return float(answer in votes.right)


def _given(votes: Votes, numbers: tuple[float | None, ...], what: str) -> list[float]:
    found = [number for number in numbers if number is not None]
    if len(found) != len(votes.classes):
        raise InputError(f"record {votes.id!r} has a sample without a {what}")
    return found


def _all(questions: Sequence[Votes]) -> list[float]:
    return [float(len(votes.classes)) for votes in questions]


def _score(rights: Sequence[float], samples: Sequence[float], orders: int = 1) -> Score:
    if not rights:
        raise InputError("there are no questions to decide")
    (accuracy, error), (mean, spread) = _mean(rights), _mean(samples)
    return Score(questions=len(rights), accuracy=accuracy, error=error, samples=mean, samples_error=spread, orders=orders)


def _mean(numbers: Sequence[float]) -> tuple[float, float]:
    """The mean, and its standard error."""
    n = len(numbers)
    mean = fsum(numbers) / n
    return mean, sqrt(fsum((number - mean) ** 2 for number in numbers) / (n * max(n - 1, 1)))
