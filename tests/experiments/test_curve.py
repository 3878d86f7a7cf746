"""The curve of votes of k samples: against an independent count over all orders, and in experiments."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from contemplate.analysis.statistics import mean
from contemplate.experiments.curve import Samples, vote_curve, vote_scores

RUNS = some.lists(some.none() | some.integers(0, 2), min_size=1, max_size=5).map(
    lambda classes: [None if place is None else (place, place / 2) for place in classes]
)


def _expected(run: Samples, k: int) -> float:
    """The mean over all orders of the score of what leads among the first k, the one seen first where several do."""
    worth = []
    for order in permutations(run):
        counts = Counter(sample for sample in order[:k] if sample is not None)
        most = max(counts.values(), default=0)
        worth.append(next((sample[1] for sample in order[:k] if sample is not None and counts[sample] == most), 0.0))
    return sum(worth) / len(worth)


@given(RUNS)
def test_it_is_the_mean_over_orders(run: list[tuple[int, float] | None]) -> None:
    """Of one question 60 times over, each time with orders of its own: 1,200 random ones against all."""
    curve = vote_curve(vote_scores([[run]] * 60, seed=3))

    assert [found.value for found in curve] == pytest.approx([_expected(run, k) for k in range(1, len(run) + 1)], abs=0.08)


def test_all_samples_are_the_vote_itself() -> None:
    """Without a tie the last point is what the vote came to, whatever the order."""
    questions = [[[(0, 1.0), (0, 1.0), (1, 0.0)]], [[(0, 0.0), None, (0, 0.0)]], [[None, None, (0, 1.0)]]]

    assert vote_curve(vote_scores(questions))[-1] == mean([1.0, 0.0, 1.0])


def test_repeats_are_averaged_and_failures_are_wrong() -> None:
    """A question is the mean of its runs; one that failed has no samples."""
    (found,) = vote_curve(vote_scores([[[(0, 1.0)], []], [[(0, 1.0)], [(0, 1.0)]]]), groups=["a", "b"])

    assert found == mean([0.5, 1.0], groups=["a", "b"])


def test_it_ends_where_samples_do() -> None:
    """At the fewest samples of a run; none without any."""
    assert [len(scores) for scores in vote_scores([[[(0, 1.0)] * 4], [[(0, 1.0)] * 2]])] == [2, 2]
    assert vote_curve(vote_scores([[[]]])) == ()
