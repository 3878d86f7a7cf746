"""Scores of judges put together: by hand, and what holds whatever they give."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.types import Criterion
from contemplate.voting.assessing import Reading, assessed, faults, weighted

TWO = (Criterion(name="correct", weight=3), Criterion(name="short", weight=1))
SHOWN = ("x", "y")


def reading(judge: str, **scored: dict[str, float]) -> Reading:
    """What a judge gave to x and y."""
    return Reading(judge, SHOWN, scored)


def test_orders_then_judges_then_criteria() -> None:
    """One judge in two orders counts as much as another in one; the spread is over the single readings."""
    readings = [
        reading("seat-1", x={"correct": 10, "short": 2}),
        reading("seat-1", x={"correct": 6, "short": 4}),
        reading("seat-2", x={"correct": 2, "short": 9}),
    ]
    found = assessed("x", "seat-3", readings, TWO)

    assert [judge.scores for judge in found.judges] == [{"correct": 8.0, "short": 3.0}, {"correct": 2.0, "short": 9.0}]
    assert found.scores == {"correct": 5.0, "short": 6.0}
    assert found.mean == (3 * 5 + 6) / 4
    assert found.spread == 8 - 3.75


def test_what_is_missing_counts_for_nothing() -> None:
    """A criterion without scores is left out of the weights, and a reply without any has no mean."""
    found = assessed("x", "", [reading("seat-1", x={"short": 4})], TWO)

    assert (found.scores, found.mean, found.spread) == ({"short": 4.0}, 4.0, None)
    assert assessed("y", "", [reading("seat-1", x={"short": 4})], TWO).mean is None
    assert weighted({}, TWO) is None


def test_what_is_not_shown_has_no_scores() -> None:
    """A judge can't score what it did not read."""
    assert assessed("z", "", [Reading("seat-1", SHOWN, {"z": {"short": 4}})], TWO).judges == ()


def test_faults() -> None:
    """Missing scores, numbers off the scale, and all alike; each judge once."""
    alike = {"correct": 7.0, "short": 7.0}
    readings = [
        reading("seat-1", x=alike, y=alike),
        reading("seat-1", x=alike, y=alike),
        reading("seat-2"),
        Reading("seat-3", SHOWN, {"x": {"short": 4}}, ("47 for 'correct' is not from 1 to 10",)),
        reading("seat-4", x={"correct": 1, "short": 2}, y=alike),
    ]

    assert faults(readings, TWO) == (
        "seat-1 gave 7 for everything, which tells nothing apart",
        "seat-2 gave none of 4 scores",
        "seat-3: 47 for 'correct' is not from 1 to 10",
        "seat-3 gave 1 of 4 scores",
    )


SCORES = st.fixed_dictionaries({}, optional={"correct": st.floats(1, 10), "short": st.floats(1, 10)})


@given(st.lists(st.tuples(st.sampled_from(["seat-1", "seat-2", "seat-3"]), SCORES), max_size=8), st.randoms())
def test_whatever_they_give(given: list[tuple[str, dict[str, float]]], random: object) -> None:
    """Means stay on the scale, and the order in which judges spoke changes none."""
    readings = [reading(judge, x=scores) for judge, scores in given]
    shuffled = [*readings]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = assessed("x", "", readings, TWO), assessed("x", "", shuffled, TWO)

    assert one.mean == (None if other.mean is None else pytest.approx(other.mean, abs=1e-5))
    assert one.mean is None or 1 <= one.mean <= 10
    assert one.spread is None or 0 <= one.spread <= 9
