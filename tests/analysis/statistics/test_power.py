"""Power, and the variance it takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.analysis.statistics import (
    PairVariance,
    detectable_difference,
    observed_variance,
    pair_variance,
    paired_difference,
    power_of,
    question_means,
    questions_needed,
    right_or_wrong_variance,
)
from contemplate.seeds import rng


def test_about_a_thousand_questions_find_three_points() -> None:
    """The cited paper's example: omega^2 = 1/9, 3 points, 80 % power at the level .05: 969."""
    assert 969 == questions_needed(0.03)
    assert 0.8 == pytest.approx(power_of(969, 0.03), abs=0.001)


def test_a_hundred_questions_find_nine_points() -> None:
    """In words, as it stands in reports."""
    found = detectable_difference(100)
    assert "with 100 questions you would see a difference of 9.3 points (80% power, 95% level)" == str(found)
    assert "with 1,000 questions you would see a difference of 3.0 points (80% power, 95% level)" == str(
        detectable_difference(1000)
    )
    assert "with 20 questions you would see a difference of 34 points (99.5% power, 95% level)" == str(
        detectable_difference(20, power=0.995)
    )


@given(st.floats(0.001, 0.5), st.floats(0.01, 1), st.floats(0.1, 0.99), st.sampled_from([0.9, 0.95, 0.99]))
def test_there_and_back(difference: float, between: float, power: float, level: float) -> None:
    """So many questions find the difference, and one question less does not."""
    variance = PairVariance(between)
    n = questions_needed(difference, variance, power=power, level=level)
    assert detectable_difference(n, variance, power=power, level=level).difference <= difference * (1 + 1e-9)
    assert power_of(n, difference, variance, level=level) >= power - 1e-9
    if n > 1:
        assert detectable_difference(n - 1, variance, power=power, level=level).difference > difference
        assert power_of(n - 1, difference, variance, level=level) < power


def test_repeats_lessen_the_part_within() -> None:
    """omega^2 + sigma_A^2 / K_A + sigma_B^2 / K_B."""
    variance = PairVariance(0.1, 0.2, 0.3)
    assert 0.1 + 0.2 / 4 + 0.3 / 2 == pytest.approx(variance.of(4, 2))
    assert questions_needed(0.05, variance) == questions_needed(0.05, PairVariance(0.6))
    assert questions_needed(0.05, variance, repeats=(4, 2)) == questions_needed(0.05, PairVariance(0.3))


def test_nothing_varies() -> None:
    """Without variance one question is enough, and no difference is never found."""
    assert 1 == questions_needed(0.5, PairVariance(0))
    assert 1.0 == power_of(1, 0.5, PairVariance(0))
    assert 0.0 == power_of(1, 0, PairVariance(0))


def test_variance_of_right_and_wrong() -> None:
    """From discordant counts, as from the scores themselves but for n - 1."""
    first, second = [1.0] * 15 + [0.0] * 85, [0.0] * 15 + [1.0] * 10 + [0.0] * 75
    counted, observed = right_or_wrong_variance(15, 10, 100), observed_variance(first, second)
    assert 0.25 - 0.05**2 == pytest.approx(counted.between)
    assert counted.between == pytest.approx(observed.between * 99 / 100)
    assert observed.between / 100 == pytest.approx(paired_difference(first, second).standard_error ** 2)


def test_variance_taken_apart_finds_what_was_put_in() -> None:
    """Two strategies of uniform, independent accuracies: 1/6 between questions, 1/6 within each, whatever the repeats."""
    source = rng(0, "pair variance")

    def samples(repeats: int) -> list[list[float]]:
        return [[float(source.random() < p) for _ in range(repeats)] for p in (source.random() for _ in range(10_000))]

    first, second = samples(2), samples(3)
    found = pair_variance(first, second)
    assert (1 / 6, 1 / 6, 1 / 6) == pytest.approx((found.between, found.within_first, found.within_second), rel=0.07)
    observed = paired_difference(question_means(first), question_means(second)).standard_error ** 2 * 10_000
    assert observed == pytest.approx(found.of(2, 3))
