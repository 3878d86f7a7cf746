"""The results of deciding again: a row for each configuration."""

from __future__ import annotations

from contemplate.analysis.redecide.configurations import TieValue
from contemplate.types import Value


class RedecisionRow(Value):
    """The results of one configuration. What needs gold answers is None without them.

    Attributes:
        rule: with its threshold, if one was given.
        weights: what votes weigh; None under a rule that goes by heads.
        stop: the stop test with its figures; "full" for none.
        k: the most samples drawn; None for all.
        ties: what a tie comes to.
        accuracy: the share of questions decided rightly, in [0, 1], averaged over orders.
        low: the lower end of its 95 % Wilson interval.
        high: the upper end.
        error: the standard error of the accuracy over questions; None of one question.
        order_error: what of that uncertainty comes from the random orders: the standard error of their mean; None where nothing
            was left to chance.
        any_right: the chance that any of k samples is right, what the best choice among them would reach; over all draws of k,
            or in the order on record.
        samples: how many samples a question takes.
        samples_error: its standard error over questions; None of one question.
        abstentions: the share of decisions that came to no answer, in [0, 1]; none of them is right.
        agreement: the share of the samples drawn that stand behind the answer, in [0, 1].
        unanimous: the share of decisions in which all samples drawn gave one answer, in [0, 1].
        as_all: the share of decisions with the answer of the plurality of all samples, or one that shares its first
            place, in [0, 1].
    """

    rule: str
    weights: str | None
    stop: str
    k: int | None
    ties: TieValue
    accuracy: float | None
    low: float | None
    high: float | None
    error: float | None
    order_error: float | None
    any_right: float | None
    samples: float
    samples_error: float | None
    abstentions: float
    agreement: float
    unanimous: float
    as_all: float


class Redecision(Value):
    """The rows of samples that were decided again, and what they are of.

    Attributes:
        source: where the samples come from.
        questions: how many there are.
        samples: of all questions together.
        fewest: samples of a question.
        most: samples of a question.
        unreadable: samples that gave no answer; they are paid for, get no vote, and agree with nothing.
        gold: whether there are gold answers to hold the decisions against.
        orders: random orders that were averaged; 0 for the order on record.
        seed: everything random comes from it.
        rows: one for each configuration.
    """

    source: str
    questions: int
    samples: int
    fewest: int
    most: int
    unreadable: int
    gold: bool
    orders: int
    seed: int
    rows: tuple[RedecisionRow, ...]
