"""Recorded samples decided under one configuration, question by question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import fsum

from contemplate.analysis.records import Votes
from contemplate.analysis.records.counting import is_right, leading
from contemplate.analysis.records.replay import orders_of, stopped_at
from contemplate.analysis.redecide.configurations import BEST, Configuration
from contemplate.seeds import derive, rng

Weights = tuple[float, ...] | None
"""Of the samples of one question; None where all weigh the same."""


@dataclass(frozen=True)
class Decided:
    """One question, decided under one configuration: means over the orders, but for `rights`.

    Attributes:
        rights: how far the decision is right, in [0, 1], for each order; empty without a gold answer.
        samples: how many were drawn.
        undecided: the share of orders in which there was no answer, in [0, 1].
        agreement: the share of the samples drawn that stand behind the answer, in [0, 1]; an abstention stands behind nothing.
        unanimous: the share of orders in which all samples drawn gave one answer, in [0, 1].
        as_all: the share of orders with the answer of the plurality of all samples, or one that shares its first place, in
            [0, 1].
    """

    rights: tuple[float, ...]
    samples: float
    undecided: float
    agreement: float
    unanimous: float
    as_all: float

    @property
    def right(self) -> float:
        """The mean of `rights`."""
        return fsum(self.rights) / len(self.rights)


@dataclass(frozen=True)
class Deciding:
    """One configuration, for many questions.

    Attributes:
        configuration: how to decide.
        orders: how many random orders of each question's samples are averaged; 0 takes the samples as they stand.
        seed: everything random comes from it.
    """

    configuration: Configuration
    orders: int
    seed: int
    _stops: dict[tuple[int | None, ...], int] = field(default_factory=dict)

    def __call__(self, votes: Votes, weights: Weights) -> Decided:
        """Decide one question, which has at least k samples."""
        ends = [self._drawn(votes, indices, order) for order, indices in enumerate(self._orders(votes))]
        answers = [self._answers(votes, weights, drawn, order) for order, drawn in enumerate(ends)]
        agreed = [_agreement(votes, chosen, drawn) for chosen, drawn in zip(answers, ends, strict=True)]
        everybody = set(leading(votes.classes))
        n = len(ends)
        return Decided(
            rights=() if votes.right is None else tuple(self._right(votes, chosen) for chosen in answers),
            samples=sum(map(len, ends)) / n,
            undecided=answers.count(()) / n,
            agreement=fsum(agreed) / n,
            unanimous=agreed.count(1.0) / n,
            as_all=fsum(_share(chosen, everybody) if chosen else not everybody for chosen in answers) / n,
        )

    def _orders(self, votes: Votes) -> Sequence[tuple[int, ...]]:
        n = len(votes.classes)
        k = self.configuration.k or n
        if not self.orders:
            return (tuple(range(k)),)
        if k == 1:  # all draws of one sample: nothing is left to chance
            return tuple((index,) for index in range(n))
        return [indices[:k] for indices in orders_of(votes.id, n, self.orders, self.seed)]

    def _drawn(self, votes: Votes, indices: tuple[int, ...], order: int) -> tuple[int, ...]:
        """The indices of the samples that are drawn before the stop test fires."""
        if self.configuration.stop.rule == "full":
            return indices
        seed = derive(self.seed, votes.id, order) if self.configuration.stop.rule == "random" else 0
        return indices[: stopped_at(self.configuration.stop, tuple(votes.classes[index] for index in indices), seed, self._stops)]

    def _answers(self, votes: Votes, weights: Weights, drawn: tuple[int, ...], order: int) -> tuple[int, ...]:
        """The classes that win: one as a rule, several where a tie is left standing, none where nobody wins."""
        configuration, classes = self.configuration, tuple(votes.classes[index] for index in drawn)
        weighed = None if weights is None else tuple(weights[index] for index in drawn)
        if configuration.rule == BEST:
            readable = [(weight, answer) for weight, answer in zip(weighed or (), classes, strict=True) if answer is not None]
            return (max(readable, key=lambda pair: pair[0])[1],) if readable else ()
        first = leading(classes, weighed, configuration.rule, configuration.threshold)
        if len(first) < 2:  # noqa: PLR2004 - two make a tie
            return first
        match configuration.ties:
            case "first-seen":
                return (min(first, key=classes.index),)
            case "random":
                return (rng(self.seed, "tie", votes.id, order).choice(sorted(first)),)
            case "none":
                return ()
            case _:
                return first

    def _right(self, votes: Votes, chosen: tuple[int, ...]) -> float:
        rights = [is_right(votes, answer) for answer in chosen]
        return (max(rights) if self.configuration.ties == "any" else fsum(rights) / len(rights)) if rights else 0.0


def _agreement(votes: Votes, chosen: tuple[int, ...], drawn: tuple[int, ...]) -> float:
    """The share of the samples drawn that stand behind what wins; the mean over what shares the first place."""
    behind = sum(votes.classes[index] in chosen for index in drawn)
    return behind / (len(drawn) * len(chosen)) if chosen else 0.0


def _share(chosen: tuple[int, ...], among: set[int]) -> float:
    return len(among.intersection(chosen)) / len(chosen)
