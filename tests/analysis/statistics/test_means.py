"""Means, groups of questions, and repeats."""

from __future__ import annotations

from math import isnan, sqrt
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.analysis.statistics import mean, question_means, spread
from contemplate.seeds import rng

SCORES = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40)


def test_by_hand() -> None:
    """1, 2, 3, 4: variance 5/3, standard error sqrt(5/12)."""
    found = mean([1, 2, 3, 4])
    assert (2.5, 4, 4) == (found.value, found.n, found.clusters)
    assert sqrt(5 / 12) == pytest.approx(found.standard_error)
    assert 2.5 + 3.182446305 * sqrt(5 / 12) == pytest.approx(found.interval.high)  # t with 3 degrees of freedom


def test_groups_by_the_formula() -> None:
    """The clustered error is the double sum of arXiv:2411.00640, taken literally."""
    source = rng(0, "formula")
    scores, groups = [source.random() for _ in range(30)], [source.randrange(8) for _ in range(30)]
    centre, n = sum(scores) / 30, 30
    plain = sum((score - centre) ** 2 for score in scores) / (n * (n - 1))
    cross = sum(
        (scores[i] - centre) * (scores[j] - centre) for i in range(n) for j in range(n) if i != j and groups[i] == groups[j]
    )
    assert sqrt(plain + cross / n**2) == pytest.approx(mean(scores, groups=groups).standard_error, rel=1e-12)


@given(SCORES, st.randoms(use_true_random=False))
def test_order_does_not_matter(scores: list[float], source: Random) -> None:
    """Questions in another order, with their groups, give the same mean and error."""
    groups = [0, 1, *(source.randrange(5) for _ in scores[2:])]
    places = list(range(len(scores)))
    source.shuffle(places)
    found = mean(scores, groups=groups)
    again = mean([scores[place] for place in places], groups=[groups[place] for place in places])
    assert found.value == again.value
    assert found.standard_error == pytest.approx(again.standard_error, rel=1e-9, abs=1e-6)


@given(SCORES)
def test_groups_of_one_are_no_groups(scores: list[float]) -> None:
    """Each question in a group of its own is the plain mean; which lies in its interval."""
    plain = mean(scores)
    assert plain == mean(scores, groups=list(range(len(scores))))
    assert plain.value in plain.interval


def test_copies_of_questions_tell_nothing_new() -> None:
    """Each question put in three times is as sure, with clusters, as once; without them it seems surer than it is."""
    scores = [1.0, 0, 0, 1, 1, 0, 1, 1] * 25
    groups = list(range(200)) * 3
    once, thrice = mean(scores).standard_error, mean(scores * 3, groups=groups).standard_error
    assert once == pytest.approx(thrice, rel=0.01)
    assert once / sqrt(3) == pytest.approx(mean(scores * 3).standard_error, rel=0.01)


def test_one_question() -> None:
    """It has a mean, and no error that could be told."""
    found = mean([0.5])
    assert 0.5 == found.value
    assert isnan(found.standard_error)
    assert 0.5 not in found.interval


def test_numpy_arrays() -> None:
    """Arrays of floats, integers and booleans are taken as lists are."""
    for kind in (float, np.float32, int, bool):
        assert mean([1, 0, 1]) == mean(np.array([1, 0, 1], dtype=kind), groups=None)  # type: ignore[arg-type]


def test_repeats_become_one_score() -> None:
    """The means of each question's samples."""
    assert (0.5, 1.0, 0.25) == question_means([[1, 0], [1], [0, 0, 1, 0]])


def test_spread_by_hand() -> None:
    """Three questions with two samples each."""
    found = spread([[1, 0], [1, 1], [0, 0]])
    assert (3, 2) == (found.n, found.repeats)
    assert 0.5 / 3 == pytest.approx(found.within)
    assert 0.25 - 0.5 / 3 / 2 == pytest.approx(found.between)
    assert sqrt(0.25 / 3) == pytest.approx(found.standard_error(2))


def test_spread_finds_what_was_put_in() -> None:
    """Uniform accuracies: variance 1/12 between questions, 1/6 within, and the error of more repeats can be told from few."""
    source = rng(0, "spread")
    samples = [
        [float(source.random() < p) for _ in range(source.choice((2, 3, 4)))] for p in (source.random() for _ in range(20_000))
    ]
    found = spread(samples)
    assert 1 / 12 == pytest.approx(found.between, rel=0.05)
    assert 1 / 6 == pytest.approx(found.within, rel=0.05)
    assert mean(question_means(samples)).standard_error == pytest.approx(found.standard_error(found.repeats), rel=1e-9)


def test_no_spread_between_questions_is_not_below_zero() -> None:
    """Where chance makes the variance between questions negative, it is 0."""
    assert 0 == spread([[1, 0], [0, 1]]).between
