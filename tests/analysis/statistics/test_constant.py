"""Where all questions have one score, the interval still has a width, and holds what chance can hide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.analysis.statistics import (
    bootstrap_difference,
    calibration,
    calibration_error_interval,
    constant_interval,
    mean,
    paired_difference,
    wilson,
    with_room,
)
from contemplate.errors import InputError

SIX = [1.0] * 6


@pytest.mark.parametrize("right", [0, 6])
def test_all_right_or_all_wrong_have_wilsons_interval(right: int) -> None:
    """The same interval as by counting."""
    found = with_room(mean([right / 6] * 6), low=0, high=1)
    assert (wilson(right, 6).interval.low, wilson(right, 6).interval.high) == pytest.approx(
        (found.interval.low, found.interval.high)
    )


def test_no_difference_on_six_questions_is_no_proof_of_none() -> None:
    """Both intervals of a difference are the same, and wide; they narrow with more questions."""
    t = with_room(paired_difference(SIX, SIX), low=-1, high=1)
    bootstrap = with_room(bootstrap_difference(SIX, SIX, seed=1, draws=1000), low=-1, high=1)
    assert (-0.3903, 0.3903) == pytest.approx((t.interval.low, t.interval.high), abs=1e-4)
    assert t.interval == bootstrap.interval
    assert 0.0038 == pytest.approx(constant_interval(0, 1000, low=-1, high=1).high, abs=1e-4)


def test_one_question_and_one_group_have_an_interval() -> None:
    """A wide one, where Student's t has none; questions of one group count once."""
    one = with_room(paired_difference([1.0], [0.0]), low=-1, high=1)
    assert (1 - 2 * 0.7935, 1.0) == pytest.approx((one.interval.low, one.interval.high), abs=1e-4)
    grouped = with_room(mean(SIX, groups=["a", "a", "a", "b", "b", "b"]), low=0, high=1)
    assert wilson(2, 2).interval.low == pytest.approx(grouped.interval.low)


def test_what_varies_stays_as_it_is() -> None:
    """Nothing is changed where Student's t has something to go by."""
    found = mean([0.0, 1.0, 1.0])
    assert with_room(found, low=0, high=1) is found


@given(value=st.floats(-1, 1), n=st.integers(1, 10**6))
def test_the_interval_holds_the_value_and_stays_within_the_scores(value: float, n: int) -> None:
    """And it is never a point."""
    found = constant_interval(value, n, low=-1, high=1)
    assert -1 <= found.low <= value <= found.high <= 1
    assert found.low < found.high


def test_a_score_out_of_its_range_is_refused() -> None:
    """In one line."""
    with pytest.raises(InputError, match="the score: number 1 is 2, but must be in"):
        constant_interval(2, 6, low=0, high=1)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40))
def test_the_calibration_error_is_within_what_its_bins_allow(rows: list[tuple[float, bool]]) -> None:
    """And what is allowed is never a point: six right answers of a sure panel do not show that it is calibrated."""
    found = calibration([said for said, _ in rows], [right for _, right in rows])
    allowed = calibration_error_interval(found)
    assert 0 <= allowed.low <= found.ece + 1e-9
    assert found.ece <= allowed.high + 1e-9
    assert allowed.low < allowed.high <= 1 + 1e-9


def test_six_right_answers_of_a_sure_panel() -> None:
    """An error of 0, and up to what Wilson's interval leaves."""
    allowed = calibration_error_interval(calibration(SIX, SIX))
    assert (0.0, 0.3903) == pytest.approx((allowed.low, allowed.high), abs=1e-4)
