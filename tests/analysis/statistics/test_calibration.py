"""Calibration of confidence."""

from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.analysis.statistics import calibration, wilson
from contemplate.analysis.statistics.calibration import Binning
from contemplate.seeds import rng

ROWS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)
BINNINGS = st.sampled_from(["width", "mass"])


def test_by_hand() -> None:
    """Two bins: .9, .8 (both right) and .6 (wrong) in one, .2 (wrong) in the other."""
    found = calibration([0.9, 0.8, 0.6, 0.2], [1, 1, 0, 0], bins=2)
    lower, upper = found.bins
    assert (0, 0.5, 1, 0.2) == (lower.low, lower.high, lower.n, lower.confidence)
    assert (0.5, 1, 3) == (upper.low, upper.high, upper.n)
    assert wilson(2, 3) == upper.accuracy
    assert (3 * abs(2 / 3 - 2.3 / 3) + 0.2) / 4 == pytest.approx(found.ece)
    assert (0.1**2 + 0.2**2 + 0.6**2 + 0.2**2) / 4 == pytest.approx(found.brier.score)
    assert 0.25 == found.brier.uncertainty


@given(ROWS, st.integers(1, 20), BINNINGS)
def test_the_parts_make_the_whole(rows: list[tuple[float, bool]], bins: int, binning: Binning) -> None:
    """Every question is in one bin, and the Brier score is the sum of its parts, however one bins."""
    said, was = map(list, zip(*rows, strict=True))
    found = calibration(said, was, bins=bins, binning=binning)
    assert len(rows) == found.n == sum(row.n for row in found.bins)
    assert len(found.bins) <= bins
    parts = found.brier
    assert parts.reliability - parts.resolution + parts.uncertainty == pytest.approx(parts.score, abs=1e-9)
    assert sum((confidence - right) ** 2 for confidence, right in rows) / len(rows) == pytest.approx(parts.score, abs=1e-12)
    for row in found.bins:
        assert row.low - 1e-12 <= row.confidence <= row.high + 1e-12
    assert 0 <= found.ece <= 1


@given(ROWS, st.integers(1, 20), BINNINGS)
def test_equal_confidences_share_a_bin(rows: list[tuple[float, bool]], bins: int, binning: Binning) -> None:
    """Each question twice fills the same bins twice."""
    said, was = map(list, zip(*rows, strict=True))
    once, twice = (calibration(said * times, was * times, bins=bins, binning=binning) for times in (1, 2))
    assert [2 * row.n for row in once.bins] == [row.n for row in twice.bins]
    assert once.ece == pytest.approx(twice.ece)


def test_edges() -> None:
    """A bin of equal width holds its lower edge; the last one holds 1 as well."""
    found = calibration([0.0, 0.1, 0.3, 0.7, 1.0], [1] * 5)
    assert [(0.0, 1), (0.1, 1), (0.3, 1), (0.7, 1), (0.9, 1)] == [(row.low, row.n) for row in found.bins]


def test_equal_mass() -> None:
    """A hundred different confidences in ten bins are ten in each."""
    said = [place / 100 for place in range(100)]
    assert [10] * 10 == [row.n for row in calibration(said, [1] * 100, binning="mass").bins]


def test_a_true_confidence_has_the_error_of_chance() -> None:
    """Mean ECE of perfectly calibrated confidences is what `ece_by_chance` says; one that boasts lies far above."""
    source = rng(0, "calibration")
    true = []
    for _ in range(60):
        said = [source.random() for _ in range(300)]
        true.append(calibration(said, [source.random() < confidence for confidence in said]))
    by_chance = sum(found.ece_by_chance for found in true) / 60
    assert by_chance == pytest.approx(sum(found.ece for found in true) / 60, rel=0.06)
    said = [source.random() for _ in range(300)]
    boasting = calibration([sqrt(confidence) for confidence in said], [source.random() < confidence for confidence in said])
    assert boasting.ece > 2 * boasting.ece_by_chance
