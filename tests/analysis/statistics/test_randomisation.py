"""The paired randomisation test."""

from __future__ import annotations

from itertools import product
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contemplate.analysis.statistics import discordant_p, randomisation
from contemplate.seeds import rng

QUICK = settings(max_examples=40, deadline=None)
PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=9)


@pytest.fixture(scope="module")
def scipy_stats() -> Any:
    """Loaded when a test needs it, for it takes seconds."""
    from scipy import stats  # type: ignore[import-untyped]

    return stats


@QUICK
@given(PAIRS)
def test_by_the_definition(pairs: list[tuple[int, int]]) -> None:
    """The share of all exchanges whose difference is as large, gone through one by one."""
    d = [(x - y) / 3 for x, y in pairs]
    sums = [sum(sign * x for sign, x in zip(signs, d, strict=True)) for signs in product((-1, 1), repeat=len(d))]
    expected = sum(abs(found) >= abs(sum(d)) - 1e-12 for found in sums) / len(sums)
    found = randomisation([x / 3 for x, _ in pairs], [y / 3 for _, y in pairs], seed=1)
    assert expected == pytest.approx(found.p)
    assert found.exact
    assert 0 < found.p <= 1


@pytest.mark.parametrize(("b", "c"), [(0, 0), (3, 0), (5, 5), (1, 9), (4, 12)])
def test_exact_is_mcnemar(b: int, c: int) -> None:
    """For right and wrong, with few discordant questions."""
    first, second = [1] * b + [0] * c + [1, 0], [0] * b + [1] * c + [1, 0]
    assert discordant_p(b, c)[0] == randomisation(first, second, seed=1).p


@pytest.mark.parametrize(("b", "c"), [(5, 15), (20, 30), (61, 112), (9, 8)])
def test_drawn_is_near_mcnemar(b: int, c: int) -> None:
    """With more of them, within four standard errors of the draws."""
    expected = discordant_p(b, c)[0]
    found = randomisation([1] * b + [0] * c, [0] * b + [1] * c, seed=1, draws=20_000)
    assert not found.exact
    assert expected == pytest.approx(found.p, abs=4 * (expected * (1 - expected) / 20_000) ** 0.5 + 1e-4)


def test_drawn_agrees_with_scipy(scipy_stats: Any) -> None:
    """Scores of any kind."""
    source = rng(0, "scipy")
    first = [source.random() for _ in range(60)]
    second = [score + source.gauss(0.04, 0.2) for score in first]
    theirs = scipy_stats.permutation_test(
        (np.array(first), np.array(second)),
        lambda x, y, axis: np.mean(x - y, axis=axis),
        permutation_type="samples",
        n_resamples=20_000,
        vectorized=True,
        rng=np.random.default_rng(1),
    )
    assert theirs.pvalue == pytest.approx(randomisation(first, second, seed=1, draws=20_000).p, abs=0.012)


@QUICK
@given(st.lists(st.floats(-1, 1), min_size=1, max_size=40), st.randoms(use_true_random=False), st.booleans())
def test_order_and_side_do_not_matter(d: list[float], source: Random, grouped: bool) -> None:
    """Questions in another order, or the two strategies exchanged, give the same p."""
    groups = [0, 1, *(place // 3 for place in range(len(d)))][: len(d)] if grouped and len(d) > 1 else None
    places = source.sample(range(len(d)), len(d))
    zeros = [0.0] * len(d)
    found = randomisation(d, zeros, seed=1, draws=1000, groups=groups)
    exchanged = randomisation(zeros, d, seed=1, draws=1000, groups=groups)
    shuffled = randomisation(
        [d[place] for place in places], zeros, seed=1, draws=1000, groups=[groups[place] for place in places] if groups else None
    )
    assert found.p == exchanged.p == shuffled.p
    assert found.value == -exchanged.value == shuffled.value


def test_groups_are_exchanged_whole() -> None:
    """Three groups of four, all for the first: 2 of 8 exchanges are as large, where twelve single questions gave 2 of 4096."""
    first, second = [1] * 12, [0] * 12
    assert 0.25 == randomisation(first, second, seed=1, groups="aaaabbbbcccc").p
    assert 2 / 4096 == randomisation(first, second, seed=1).p


def test_never_zero() -> None:
    """A hundred questions all for the first: the least p that so many draws allow."""
    assert 1 / 10_001 == randomisation([1] * 100, [0] * 100, seed=1).p
