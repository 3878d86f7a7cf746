"""Simulated panels: with critics of any worth they are not worse than self-consistency, and with good ones far better.

A small version of the benchmark whose table is in docs/evidence.md.
"""

from __future__ import annotations

import pytest

from simulated_panels import Cell, Sort, play, table

pytestmark = pytest.mark.slow

WORTHLESS = [Sort(0.5, 0.5, 0.95), Sort(0.2, 0.2, 0.7), Sort(0.9, 0.2, 0.3), Sort(0, 0, 0.7, echo=True)]


@pytest.mark.parametrize("sort", WORTHLESS, ids=str)
@pytest.mark.parametrize("accuracy", [0.45, 0.6])
def test_worthless_critics_cost_nothing(sort: Sort, accuracy: float) -> None:
    """At most a point against self-consistency with as many calls, and what chance allows."""
    cell = Cell.of([play(sort, accuracy, seed, 100) for seed in range(8)])

    assert cell.gain > -1 - 2 * cell.error
    assert cell.calls <= 12


@pytest.mark.parametrize("accuracy", [0.45, 0.6])
def test_good_critics_are_worth_six_points(accuracy: float) -> None:
    """Sensitivity and specificity .8, repeats correlated .3, learned over 200 questions without any right answer."""
    cell = Cell.of([play(Sort(0.8, 0.8, 0.3), accuracy, seed, 100) for seed in range(8)])

    assert cell.gain > 6 - 2 * cell.error
    assert cell.calls <= 12


def test_the_table_has_a_cell_for_each_accuracy() -> None:
    """What the command prints: first the panels that learned nothing."""
    rows = list(table(seeds=2, questions=5, workers=1, sorts=[Sort(0.5, 0.5, 0)]))

    assert [name for name, _ in rows] == ["nothing learned", ".5/.5, 0"]
    assert [len(cells) for _, cells in rows] == [2, 2]
