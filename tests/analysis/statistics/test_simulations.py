"""Intervals hold the truth as often as they claim, and tests find what is not there no oftener than they may.

What has few outcomes is summed up over all of them; the rest is drawn, seeded. See docs/statistics.md for the tables.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import pytest

import interval_coverage as simulations

NOISE = 2.6
"""Standard errors of a simulation that a figure may lie off by chance: one in a hundred."""


def assert_covers(rate: Any) -> None:
    """The rate is within a point of 95 %, as far as the simulation can tell."""
    assert 0.94 - NOISE * rate.error <= rate.value <= 0.96 + NOISE * rate.error


@pytest.mark.parametrize("n", [20, 50, 100, 500])
def test_wilson_covers(n: int) -> None:
    """On average over accuracies from 5 to 95 %, from 20 questions on; exact."""
    average, least = simulations.over_accuracies(simulations.wilson_interval, n)
    assert 0.94 <= average <= 0.96
    assert least > 0.92


def test_wilson_covers_every_accuracy() -> None:
    """At each of them, with 500 questions; exact."""
    assert simulations.over_accuracies(simulations.wilson_interval, 500)[1] >= 0.94


def test_t_interval_needs_more() -> None:
    """On average it covers from 100 questions on, and with 20 it does not; exact."""
    assert simulations.over_accuracies(simulations.t_interval, 20)[0] < 0.94
    assert 0.94 <= simulations.over_accuracies(simulations.t_interval, 200)[0] <= 0.96


def test_mcnemar_is_exact() -> None:
    """Whatever the number of discordant questions, at most 5 % by the exact p; by mid-p at most 8 %; exact."""
    found = [simulations.mcnemar_given(discordant) for discordant in range(201)]
    assert max(exact for exact, _ in found) <= 0.05
    assert 0.05 < max(middle for _, middle in found) < 0.08
    assert all(exact <= middle for exact, middle in found)
    assert simulations.mcnemar_rate(200, 0.25) <= simulations.mcnemar_rate(200, 0.25, mid_p=True) <= 0.05


def test_a_quick_look() -> None:
    """A few hundred draws of each kind, which would find an interval that is far off."""
    for trial in (simulations.clustered, simulations.question_by_question, simulations.paired("percentile")):
        assert_covers(simulations.simulated(trial, 60, 200))
    for trial in (simulations.groups_ignored, simulations.samples_as_questions):
        assert simulations.simulated(trial, 60, 200).value < 0.9
    wrong = simulations.simulated(simulations.randomisation_differs, 30, 150)
    assert wrong.value <= 0.05 + NOISE * wrong.error


@pytest.mark.slow
def test_clustered_interval_covers() -> None:
    """From 20 groups on; the plain interval of the same questions does not."""
    assert_covers(simulations.simulated(simulations.clustered, 20, 6000))
    assert_covers(simulations.simulated(simulations.clustered, 100, 6000))
    assert simulations.simulated(simulations.groups_ignored, 100, 1000).value < 0.87


@pytest.mark.slow
def test_question_means_cover() -> None:
    """From 50 questions on; samples taken for questions do not."""
    assert_covers(simulations.simulated(simulations.question_by_question, 50, 8000))
    assert_covers(simulations.simulated(simulations.question_by_question, 100, 8000))
    assert simulations.simulated(simulations.samples_as_questions, 100, 1000).value < 0.87


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["t", "percentile", "bca"])
def test_paired_intervals_cover(kind: str) -> None:
    """With 100 questions, a quarter of them discordant; Student's t with 20 as well."""
    assert_covers(simulations.simulated(simulations.paired(kind), 100, 8000))
    if kind == "t":
        assert_covers(simulations.simulated(simulations.paired(kind), 20, 8000))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("trial", "n"),
    [("randomisation_differs", 12), ("randomisation_differs", 50), ("t_differs", 12), ("groups_differ", 30), ("any_differ", 100)],
)
def test_false_positives_are_at_most_the_level(trial: str, n: int) -> None:
    """The randomisation test, over questions and over groups, the paired t-test, and McNemar's over all pairs of four by Holm."""
    rate = simulations.simulated(getattr(simulations, trial), n, 2000)
    assert rate.value <= 0.05 + NOISE * rate.error


@pytest.mark.slow
def test_groups_ignored_find_what_is_not_there() -> None:
    """McNemar's test on grouped questions, as a warning."""
    assert simulations.simulated(simulations.ungrouped_differ, 30, 2000).value > 0.07


@pytest.mark.slow
def test_equal_length_covers() -> None:
    """Of a judge that only likes length, where one strategy is the longer nine times in ten."""
    found = simulations.simulated(simulations.at_equal_length(0, 3, 1.28), 50, 100)
    assert found.value >= 0.95 - NOISE * sqrt(0.95 * 0.05 / 100)
