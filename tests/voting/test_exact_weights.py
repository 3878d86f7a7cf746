"""Weights and points count as the decimals that they were written as."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.types import Answer, Ballot, Points
from contemplate.voting import decide
from contemplate.voting.forms import as_written


def answer(value: str) -> Answer:
    """A stated text."""
    return Answer(kind="text", text=value, value=value, how="stated")


def weighted(*weights: tuple[str, float]) -> list[Ballot]:
    """A ballot for each answer, with its weight."""
    return [
        Ballot(turn=f"1.propose/seat-{place}", seat=f"seat-{place}", answer=answer(value), weight=weight)
        for place, (value, weight) in enumerate(weights, 1)
    ]


@pytest.mark.parametrize(
    "weights",
    [
        [("a", 0.1), ("a", 0.2), ("b", 0.3)],
        [("a", 0.7), ("a", 0.1), ("b", 0.8)],
        [("b", 1.1), ("a", 0.4), ("a", 0.7)],
        [("a", 0.1)] * 10 + [("b", 1)],
        [("a", 1e-3), ("a", 2e-3), ("b", 3e-3)],
    ],
)
def test_equal_sums_tie(weights: list[tuple[str, float]]) -> None:
    """0.1 + 0.2 is 0.3, whoever comes first."""
    assert set(decide(weighted(*weights), rule="weighted").ties) == {"a", "b"}


def test_points() -> None:
    """The points of ballots likewise."""
    ballots = [
        Ballot(turn="1", seat="seat-1", points=(Points(answer=answer("a"), points=0.1), Points(answer=answer("b"), points=0.3))),
        Ballot(turn="2", seat="seat-2", points=(Points(answer=answer("a"), points=0.2), Points(answer=answer("c"), points=0.2))),
    ]

    assert set(decide(ballots, rule="cumulative").ties) == {"a", "b"}


@given(st.decimals(min_value=0, max_value=1000, places=4, allow_nan=False))
def test_any_decimal(written: object) -> None:
    """What is written with four places is that number exactly."""
    assert as_written(float(written)) == Fraction(str(written))  # type: ignore[arg-type]
