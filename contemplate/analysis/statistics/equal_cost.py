"""Accuracy against cost: what a strategy reaches for the same money, and which settings nothing beats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import fsum

from contemplate.analysis.statistics.checks import at_least, finite, same_length
from contemplate.errors import InputError


@dataclass(frozen=True, slots=True)
class CostPoint:
    """One setting of a strategy.

    Attributes:
        name: what it is called in tables.
        cost: mean cost a question, at least 0, in the unit that all points share (calls, tokens, US dollars, seconds).
        accuracy: or another score, where more is better.
    """

    name: str
    cost: float
    accuracy: float

    def __post_init__(self) -> None:
        at_least(self.cost, 0, f"the cost of {self.name!r}")
        finite([self.accuracy], f"the accuracy of {self.name!r}")


@dataclass(frozen=True, slots=True)
class AtCost:
    """The accuracy of a strategy at a cost, linear between its two nearest settings.

    It is what one gets by asking each question with the dearer setting with chance `weight`, and with the cheaper one otherwise.

    Attributes:
        cost: as asked for.
        accuracy: (1 - weight) of the cheaper one's, plus weight of the dearer one's.
        cheaper: the name of the setting at or below that cost; where several cost the same, their names joined by " / ".
        dearer: the name of the setting at or above that cost.
        weight: in [0, 1].
    """

    cost: float
    accuracy: float
    cheaper: str
    dearer: str
    weight: float


def accuracy_at_cost(points: Iterable[CostPoint], cost: float) -> AtCost | None:
    """The accuracy of one strategy at a cost, or None where the cost is outside of its settings': nothing is extrapolated.

    Settings of the same cost count as one, with their mean accuracy.

    Args:
        points: the settings of one strategy, at least one, in any order.
        cost: in the unit of the points.

    Raises:
        InputError: no points, or a cost that is no finite number of at least 0.
    """
    at_least(cost, 0, "the cost")
    settings = _merged(points)
    if not settings:
        raise InputError("accuracy at a cost takes at least one setting of the strategy")
    below = [point for point in settings if point.cost <= cost]
    above = [point for point in settings if point.cost >= cost]
    if not below or not above:
        return None
    low, high = below[-1], above[0]
    weight = 0.0 if low.cost == high.cost else (cost - low.cost) / (high.cost - low.cost)
    return AtCost(cost, (1 - weight) * low.accuracy + weight * high.accuracy, low.name, high.name, weight)


def mixed_scores(cheaper: Sequence[float], dearer: Sequence[float], weight: float) -> tuple[float, ...]:
    """The expected score of each question at a cost between two settings: for intervals and tests at equal cost.

    Args:
        cheaper: one score a question.
        dearer: the same for the dearer setting, in the same order.
        weight: that of the dearer one, in [0, 1], from `AtCost`.

    Raises:
        InputError: not the same number on both sides, or a weight outside of its range.
    """
    same_length(cheaper, dearer, "two settings")
    if not 0 <= weight <= 1:
        raise InputError(f"the weight is {weight!r}, but must be in [0, 1]")
    pairs = zip(finite(cheaper, "the cheaper setting"), finite(dearer, "the dearer setting"), strict=True)
    return tuple((1 - weight) * low + weight * high for low, high in pairs)


def pareto_front(points: Iterable[CostPoint]) -> tuple[CostPoint, ...]:
    """The points that no other beats: none is at least as cheap and as accurate, and better in one of the two.

    In order of cost. Equal points are all kept.
    """
    ordered = sorted(points, key=lambda point: (point.cost, -point.accuracy, point.name))
    front: list[CostPoint] = []
    for point in ordered:
        if not front or point.accuracy > front[-1].accuracy or _same(point, front[-1]):
            front.append(point)
    return tuple(front)


def _same(one: CostPoint, other: CostPoint) -> bool:
    return (one.cost, one.accuracy) == (other.cost, other.accuracy)


def _merged(points: Iterable[CostPoint]) -> list[CostPoint]:
    """The settings in order of cost, one for each cost."""
    ordered = sorted(points, key=lambda point: (point.cost, point.name))
    merged = []
    for cost, settings in groupby(ordered, key=lambda point: point.cost):
        same = list(settings)
        merged.append(CostPoint(" / ".join(point.name for point in same), cost, fsum(p.accuracy for p in same) / len(same)))
    return merged
