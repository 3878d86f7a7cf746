"""The paired bootstrap over questions."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise, product
from math import fsum, isnan
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contemplate.analysis.statistics import bootstrap_difference, bootstrap_mean, mean, quantile
from contemplate.analysis.statistics.bootstrap import Method
from contemplate.analysis.statistics.resampling import Unit, resampled_means
from contemplate.seeds import rng

METHODS: tuple[Method, Method] = ("percentile", "bca")
SCORES = st.lists(st.sampled_from([0.0, 1 / 3, 0.5, 1.0]), min_size=2, max_size=20)
QUICK = settings(max_examples=25, deadline=None)


@pytest.fixture(scope="module")
def scipy_stats() -> Any:
    """Loaded when a test needs it, for it takes seconds."""
    from scipy import stats  # type: ignore[import-untyped]

    return stats


def exact_means(scores: list[float]) -> list[float]:
    """The means of all n^n resamples."""
    return [fsum(drawn) / len(scores) for drawn in product(scores, repeat=len(scores))]


@pytest.mark.parametrize("scores", [[0, 0, 1, 1, 1], [0.1, 0.9, 0.4, 0.35, 0.77], [0, 0, 0, 0, 1]])
def test_resamples_are_distributed_as_all_of_them(scipy_stats: Any, scores: list[float]) -> None:
    """Each mean comes about as often as among all resamples: a chi-squared test on 20,000 draws."""
    every = Counter(round(value, 9) for value in exact_means(scores))
    drawn = Counter(round(value, 9) for value in resampled_means([(score, 1) for score in scores], 20_000, Random(1)))
    assert set(drawn) <= set(every)
    whole = len(scores) ** len(scores)
    kinds = sorted(every, key=every.__getitem__)
    rare = [kind for kind in kinds if every[kind] / whole * 20_000 < 10]
    cells = [rare, *([kind] for kind in kinds if kind not in rare)] if rare else [[kind] for kind in kinds]
    observed = [sum(drawn[kind] for kind in cell) for cell in cells]
    expected = [sum(every[kind] for kind in cell) / whole * 20_000 for cell in cells]
    assert scipy_stats.chisquare(observed, expected).pvalue > 0.001


def test_counting_and_drawing_agree(scipy_stats: Any) -> None:
    """More than a hundred distinct scores are drawn one by one, fewer are counted: the same distribution."""
    source = rng(0, "agree")
    coarse: list[Unit] = [(source.randrange(100) / 100, 1) for _ in range(200)]
    fine: list[Unit] = [(score + place * 1e-9, 1) for place, (score, _) in enumerate(coarse)]
    counted, drawn = resampled_means(coarse, 2000, Random(1)), resampled_means(fine, 2000, Random(2))
    assert scipy_stats.ks_2samp(counted, drawn).pvalue > 0.001


def test_standard_error_is_that_of_the_formula() -> None:
    """Over many draws it comes near the standard error, with and without groups."""
    source = rng(0, "error")
    groups = [place // 4 for place in range(400)]
    ease = [source.random() for _ in range(100)]
    scores = [float(source.random() < ease[group]) for group in groups]
    for chosen in (None, groups):
        found = bootstrap_mean(scores, groups=chosen, seed=1, draws=20_000)
        assert found.standard_error == pytest.approx(mean(scores, groups=chosen).standard_error, rel=0.03)
        assert found.clusters == (100 if chosen else 400)


@pytest.mark.parametrize("method", METHODS)
def test_intervals_agree_with_scipy(scipy_stats: Any, method: Method) -> None:
    """Skewed scores, 20,000 draws on each side: the ends differ by less than 4 % of the interval."""
    source = rng(0, "scipy")
    scores = [round(source.expovariate(1), 1) for _ in range(40)]
    found = bootstrap_mean(scores, seed=1, draws=20_000, method=method).interval
    name = "BCa" if method == "bca" else method
    theirs = scipy_stats.bootstrap(
        (scores,), np.mean, n_resamples=20_000, method=name, rng=np.random.default_rng(1)
    ).confidence_interval
    width = theirs.high - theirs.low
    assert theirs.low == pytest.approx(found.low, abs=0.04 * width)
    assert theirs.high == pytest.approx(found.high, abs=0.04 * width)


def test_the_two_methods_differ_on_skewed_scores() -> None:
    """BCa leans to the long tail; so that the comparison with scipy says something."""
    scores = [0.0] * 30 + [1.0] * 3 + [10.0]
    plain, corrected = (bootstrap_mean(scores, seed=1, method=method).interval for method in METHODS)
    assert plain.low < corrected.low
    assert plain.high < corrected.high


@QUICK
@given(SCORES, st.integers(0, 2**64), st.sampled_from(METHODS), st.sampled_from([0.5, 0.95, 0.999]))
def test_interval_is_in_order(scores: list[float], seed: int, method: Method, level: float) -> None:
    """It lies within the scores, its ends are in order, and the same seed gives the same."""
    found = bootstrap_mean(scores, seed=seed, draws=1000, method=method, level=level)
    assert min(scores) - 1e-12 <= found.interval.low <= found.interval.high <= max(scores) + 1e-12
    assert found == bootstrap_mean(scores, seed=seed, draws=1000, method=method, level=level)
    assert found.standard_error >= 0


@QUICK
@given(SCORES, st.randoms(use_true_random=False), st.sampled_from(METHODS))
def test_order_does_not_matter(scores: list[float], source: Random, method: Method) -> None:
    """Questions in another order give the very same resamples."""
    shuffled = source.sample(scores, len(scores))
    assert bootstrap_mean(scores, seed=1, draws=1000, method=method) == bootstrap_mean(
        shuffled, seed=1, draws=1000, method=method
    )


@QUICK
@given(SCORES, SCORES, st.sampled_from(METHODS))
def test_exchanging_the_two_mirrors(first: list[float], second: list[float], method: Method) -> None:
    """The interval changes its sign and nothing else."""
    n = min(len(first), len(second))
    one = bootstrap_difference(first[:n], second[:n], seed=1, draws=1000, method=method)
    other = bootstrap_difference(second[:n], first[:n], seed=1, draws=1000, method=method)
    assert one.value == -other.value
    assert (one.interval.low, one.interval.high) == pytest.approx((-other.interval.high, -other.interval.low), abs=1e-9)


def test_surer_is_wider() -> None:
    """A higher level holds a lower one."""
    scores = [0.0] * 12 + [1.0] * 8
    found = [bootstrap_mean(scores, seed=1, level=level).interval for level in (0.5, 0.8, 0.95, 0.99)]
    assert all(outer.low < inner.low and inner.high < outer.high for inner, outer in pairwise(found))


def test_one_question_has_no_interval() -> None:
    """Nothing tells how questions differ."""
    found = bootstrap_mean([1], seed=1)
    assert isnan(found.standard_error)
    assert isnan(found.interval.low)


def test_nothing_varies() -> None:
    """All right: no resample differs, and the interval has no width."""
    for method in METHODS:
        found = bootstrap_mean([1.0] * 9, seed=1, method=method)
        assert (1.0, 1.0, 0.0) == (found.interval.low, found.interval.high, found.standard_error)


def test_groups_are_drawn_whole() -> None:
    """Two groups: a resample is one of them twice, or both."""
    found = bootstrap_mean([0, 0, 1, 1, 1, 1], groups="aabbbb", seed=1, level=0.999)
    assert (0.0, 1.0) == (found.interval.low, found.interval.high)
    assert set(resampled_means([(0, 2), (4, 4)], 1000, Random(1))) == {0.0, 4 / 6, 1.0}
    assert quantile(resampled_means([(0, 2), (4, 4)], 1000, Random(1)), 0.5) == 4 / 6
