"""Weights of voters: each formula against its definition, and what must hold for any input."""

from __future__ import annotations

from math import exp, inf, log
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.errors import InputError
from contemplate.voting.weights import (
    Scored,
    bottom_groups,
    discrimination,
    fit_temperature,
    group_confidences,
    keep,
    lowest_group,
    mean_confidence,
    percentile,
    recalibrated,
    sequence_probability,
    softmax,
    tail_confidence,
)

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40)


def test_softmax_by_hand() -> None:
    """Twice the odds for log 2 more, at temperature 1; four times at a half."""
    assert [1 / 3, 2 / 3] == pytest.approx(softmax([0.0, log(2)], 1.0))
    assert [1 / 5, 4 / 5] == pytest.approx(softmax([0.0, log(2)], 0.5))


def test_softmax_between_voting_and_the_surest() -> None:
    """Infinite temperature weighs all alike, a very low one takes the surest sample, without overflow."""
    assert [0.25] * 4 == softmax([5, -1e300, 3, 1e3], inf)
    assert [0.0, 1.0, 0.0] == softmax([1e6, 2e6, -1e6], 1e-3)
    assert [] == softmax([], 1.0)
    with pytest.raises(InputError, match="above 0"):
        softmax([1.0], 0.0)


@given(NUMBERS, st.floats(1e-3, 1e3))
def test_softmax_is_a_distribution(confidences: list[float], temperature: float) -> None:
    """Weights are not negative, add up to 1, and stand in the order of the confidences."""
    weights = softmax(confidences, temperature)

    assert sum(weights) == pytest.approx(1)
    assert sorted(weights) == [weight for _, weight in sorted(zip(confidences, weights, strict=True))]


def group(*samples: tuple[float, int | None, bool]) -> list[Scored]:
    """A held-out question."""
    return [Scored(*sample) for sample in samples]


def test_fit_temperature_lets_a_sure_minority_win() -> None:
    """The right sample is .8 surer than two wrong ones: it wins below 0.8 / log 2, and the highest such temperature is taken."""
    question = group((0.9, 0, True), (0.1, 1, False), (0.1, 1, False))

    assert fit_temperature([question]) == pytest.approx(1.0)
    assert max(t for t in (1.0, 1.1, 1.2) if t < 0.8 / log(2)) == fit_temperature([question], [1.0, 1.1, 1.2])


def test_fit_temperature_stays_with_plain_voting_where_confidence_misleads() -> None:
    """The surest samples are wrong; nothing beats the count."""
    question = group((0.9, 0, False), (0.1, 1, True), (0.2, 1, True), (0.5, None, False))

    assert inf == fit_temperature([question])
    with pytest.raises(InputError, match="at least one held-out question"):
        fit_temperature([])


@pytest.mark.parametrize(
    ("stated", "expected"),
    [(1.0, 1.0), (0.99, 0.8), (0.9, 0.8), (0.89, 0.5), (0.8, 0.5), (0.79, 0.3), (0.61, 0.3), (0.6, 0.1), (0.0, 0.1)],
)
def test_recalibrated_at_its_steps(stated: float, expected: float) -> None:
    """Each border of the published function, .6 itself among the lowest."""
    assert expected == recalibrated(stated)


def test_sequence_probability() -> None:
    """The geometric mean, or the product; an empty reply has none."""
    chosen = [log(0.5), log(0.125)]

    assert sequence_probability(chosen) == pytest.approx(0.25)
    assert sequence_probability(chosen, normalised=False) == pytest.approx(0.0625)
    assert sequence_probability([]) == 0.0
    assert exp(0) == sequence_probability([0.0, 0.0])


def test_measures_of_a_trace_by_hand() -> None:
    """Windows of two over five tokens."""
    trace = [4.0, 2.0, 1.0, 3.0, 8.0]

    assert [3.0, 1.5, 2.0, 5.5] == group_confidences(trace, 2)
    assert 1.5 == lowest_group(trace, 2)
    assert 1.5 == bottom_groups(trace, 2)
    assert 1.75 == bottom_groups(trace, 2, share=0.5)
    assert 5.5 == tail_confidence(trace, 2)
    assert 3.6 == mean_confidence(trace)


def test_a_short_trace_is_one_group() -> None:
    """Shorter than the window: its mean, in every measure; an empty one is 0."""
    assert [2.0] == group_confidences([1.0, 3.0])
    assert {2.0} == {lowest_group([1.0, 3.0]), bottom_groups([1.0, 3.0]), tail_confidence([1.0, 3.0])}
    assert {0.0} == {measure([]) for measure in (lowest_group, bottom_groups, tail_confidence, mean_confidence)}
    with pytest.raises(InputError, match="at least 1 token"):
        group_confidences([1.0], 0)


@given(st.lists(st.floats(0, 40), min_size=1, max_size=60), st.integers(1, 20))
def test_groups_are_sliding_means(trace: list[float], window: int) -> None:
    """As if each were computed afresh."""
    width = min(window, len(trace))
    expected = [fmean(trace[place : place + width]) for place in range(len(trace) - width + 1)]

    assert group_confidences(trace, window) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([1, 2, 3, 4], 50, 2.5), ([1, 2, 3, 4], 90, 3.7), ([4, 1, 3, 2], 10, 1.3), ([7], 33, 7), ([1, 2], 100, 2), ([1, 2], 0, 1)],
)
def test_percentile_interpolates_linearly(values: list[float], percent: float, expected: float) -> None:
    """Figures of numpy.percentile."""
    assert percentile(values, percent) == pytest.approx(expected)


@given(NUMBERS, st.floats(0, 100), st.floats(0, 100))
def test_percentiles_rise(values: list[float], one: float, other: float) -> None:
    """From the least to the greatest value."""
    low, high = (percentile(values, percent) for percent in sorted((one, other)))

    assert min(values) <= low <= high + 1e-9
    assert high <= max(values) + 1e-9


def test_keep_takes_the_best_and_all_ties() -> None:
    """The top tenth of ten is one and a bit; equal scores stay together."""
    assert [False] * 9 + [True] == keep(list(range(10)), 10)
    assert [False] + [True] * 9 == keep(list(range(10)), 90)
    assert [True, True, True] == keep([1.0, 1.0, 1.0], 10)
    assert [] == keep([], 10)
    with pytest.raises(InputError, match="between 0 and 100"):
        keep([1.0], 101)
    with pytest.raises(InputError, match="no values"):
        percentile([], 50)


def test_discrimination_is_within_a_question() -> None:
    """Three of four pairs in order, one tied; across questions nothing is compared."""
    first = group((0.9, 0, True), (0.5, 1, False), (0.9, 2, False), (0.1, None, False))
    second = group((0.2, 0, True), (0.1, 1, False), (0.0, 1, False))

    assert 0.75 == discrimination([first, second])
    assert discrimination([group((0.9, 0, True))]) is None
