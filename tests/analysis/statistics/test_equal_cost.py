"""Accuracy against cost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.analysis.statistics import AtCost, CostPoint, accuracy_at_cost, mixed_scores, pareto_front

POINTS = st.lists(st.builds(CostPoint, st.sampled_from("abc"), st.integers(0, 6), st.integers(0, 6)), max_size=12)


def test_between_two_settings() -> None:
    """Linear between the nearest settings, whatever lies farther off."""
    points = [CostPoint("k=10", 10, 0.8), CostPoint("k=1", 1, 0.5), CostPoint("k=5", 5, 0.7)]
    assert AtCost(4, 0.25 * 0.5 + 0.75 * 0.7, "k=1", "k=5", 0.75) == accuracy_at_cost(points, 4)
    assert AtCost(5, 0.7, "k=5", "k=5", 0.0) == accuracy_at_cost(points, 5)


def test_nothing_is_extrapolated() -> None:
    """Below the cheapest and above the dearest there is no figure."""
    points = [CostPoint("k=1", 1, 0.5), CostPoint("k=5", 5, 0.7)]
    assert (None, None) == (accuracy_at_cost(points, 0.9), accuracy_at_cost(points, 5.1))


def test_equal_costs_count_as_one() -> None:
    """With their mean accuracy, and both names."""
    points = [CostPoint("b", 1, 0.4), CostPoint("a", 1, 0.6), CostPoint("c", 3, 0.9)]
    assert AtCost(2, 0.5 * 0.5 + 0.5 * 0.9, "a / b", "c", 0.5) == accuracy_at_cost(points, 2)


def test_mixed_scores_have_that_accuracy() -> None:
    """Question by question, they average to what `accuracy_at_cost` says."""
    cheaper, dearer = [1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 1.0]
    found = accuracy_at_cost([CostPoint("k=1", 1, 0.25), CostPoint("k=3", 3, 0.75)], 1.5)
    assert found is not None
    scores = mixed_scores(cheaper, dearer, found.weight)
    assert (1.0, 0.25, 0.0, 0.25) == scores
    assert found.accuracy == pytest.approx(sum(scores) / 4)


@given(POINTS)
def test_front_is_what_nothing_beats(points: list[CostPoint]) -> None:
    """Against the definition, pair by pair."""

    def beaten(point: CostPoint) -> bool:
        return any(
            other.cost <= point.cost
            and other.accuracy >= point.accuracy
            and (other.cost, other.accuracy) != (point.cost, point.accuracy)
            for other in points
        )

    def by_cost(point: CostPoint) -> tuple[float, float, str]:
        return point.cost, -point.accuracy, point.name

    assert sorted((point for point in points if not beaten(point)), key=by_cost) == list(pareto_front(points))
