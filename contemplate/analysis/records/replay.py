"""Votes and stop tests over recorded samples, averaged over random orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from math import fsum, sqrt

from contemplate.analysis.records.counting import Ties, credit, is_right, leading
from contemplate.analysis.records.reading import Votes
from contemplate.errors import InputError
from contemplate.seeds import derive, rng
from contemplate.types import Value
from contemplate.voting.reliability import Estimate, learn
from contemplate.voting.stopping import Samples, SettledTest, stopping_point


class Score(Value):
    """The accuracy of a configuration.

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
    rights = [fsum(is_right(votes, index) for index in votes.classes) / len(votes.classes) for votes in questions]
    return _score(rights, [1.0] * len(rights))


def oracle(questions: Sequence[Votes]) -> Score:
    """Any of the samples is right: what the best possible choice among them would reach."""
    return _score([float(any(is_right(votes, index) for index in votes.classes)) for votes in questions], _all(questions))


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
        end = stopped_at(test, drawn, derive(seed, votes.id, order), known)
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
        readable = [index for index, answer in enumerate(votes.classes) if answer is not None]
        best = max(readable, key=lambda index: scores[index], default=None)
        rights.append(0.0 if best is None else is_right(votes, votes.classes[best]))
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
        rights.append(fsum(is_right(votes, answer) for answer in first) / len(first) if first else 0.0)
    return _score(rights, _all(questions))


def learned(questions: Sequence[Votes], groups: Mapping[str, str] | None = None) -> tuple[Score, Estimate]:
    """The vote in which members weigh what was learned about them from `questions`, without the gold answers.

    A member that answered a question several times has its first answer counted.

    Args:
        questions: whose samples have members.
        groups: of members that are one witness: see `contemplate.voting.reliability.learn`.

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
    rights = [is_right(votes, winner) for votes, winner in zip(questions, found.winners, strict=True)]
    return _score(rights, [float(len(answers)) for answers in asked]), found


def _over_orders(
    questions: Sequence[Votes], one: Callable[[Votes, tuple[int | None, ...], int], tuple[float, int]], orders: int, seed: int
) -> Score:
    if orders < 1:
        raise InputError(f"an average is over at least 1 order, not {orders}")
    rights, samples = [], []
    for votes in questions:
        drawn = [tuple(votes.classes[p] for p in indices) for indices in orders_of(votes.id, len(votes.classes), orders, seed)]
        outcomes = [one(votes, classes, order) for order, classes in enumerate(drawn)]
        rights.append(fsum(right for right, _ in outcomes) / orders)
        samples.append(sum(count for _, count in outcomes) / orders)
    return _score(rights, samples, orders)


@lru_cache(maxsize=16_384)
def orders_of(name: str, samples: int, orders: int, seed: int) -> tuple[tuple[int, ...], ...]:
    """The indices of a question's samples in random orders, the same for every configuration."""
    draw = rng(seed, "order", name)
    return tuple(tuple(draw.sample(range(samples), samples)) for _ in range(orders))


def stopped_at(test: SettledTest, drawn: tuple[int | None, ...], seed: int, known: dict[tuple[int | None, ...], int]) -> int:
    """The number of samples after which sampling ends.

    Args:
        test: the stop test.
        drawn: the classes of all samples that could be drawn, in order; their number is the cap that the test is told.
        seed: for the test `random` alone.
        known: what came of patterns of answers that came up before under this test; added to.
    """
    if test.rule == "random":
        return stopping_point(test, Samples(drawn, len(drawn), seed)) or len(drawn)
    pattern = _renumbered(drawn)
    if pattern not in known:
        known[pattern] = stopping_point(test, Samples(pattern, len(pattern))) or len(pattern)
    return known[pattern]


def _renumbered(drawn: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """Classes as they appear, so that the same pattern is decided once."""
    names: dict[int, int] = {}
    return tuple(None if answer is None else names.setdefault(answer, len(names)) for answer in drawn)


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
