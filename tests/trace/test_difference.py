"""Two traces are compared turn by turn, by id."""

from __future__ import annotations

from contemplate.trace import Difference, Trace
from contemplate.types import CallRef, Turn

ONE = Turn(id="1.propose/seat-1", step="1.propose", verb="propose", seat="seat-1", text="a")
TWO = Turn(id="1.propose/seat-2", step="1.propose", verb="propose", seat="seat-2", text="b")


def trace(*turns: Turn) -> Trace:
    """Turns that saw nothing."""
    return Trace.of((turn, ()) for turn in turns)


def test_a_trace_does_not_differ_from_itself() -> None:
    """No difference is an empty list."""
    assert [] == trace(ONE, TWO).diff(trace(ONE, TWO))


def test_fields_that_differ_are_named() -> None:
    """In one line, too."""
    (difference,) = trace(ONE, TWO).diff(trace(ONE, TWO.model_copy(update={"text": "c", "draw": 1})))

    assert Difference(TWO.id, ("draw", "text")) == difference
    assert "turn 1.propose/seat-2: draw, text" == str(difference)


def test_what_was_seen_is_compared() -> None:
    """Words that went another way are another run."""
    reading = Trace.of([(ONE, ()), (TWO, ((ONE.id, "saw"),))])

    assert [Difference(TWO.id, ("sees",))] == trace(ONE, TWO).diff(reading)


def test_a_turn_that_one_of_them_lacks() -> None:
    """Is the only difference: those after it are compared with their like."""
    assert [Difference(ONE.id, only="this")] == trace(ONE, TWO).diff(trace(TWO))
    assert [Difference(ONE.id, only="other")] == trace(TWO).diff(trace(ONE, TWO))
    assert "turn 1.propose/seat-1: only in the other trace" == str(Difference(ONE.id, only="other"))


def test_another_order_is_a_difference() -> None:
    """Layout order is part of what a replay reproduces."""
    assert [Difference(ONE.id, ("place",)), Difference(TWO.id, ("place",))] == trace(ONE, TWO).diff(trace(TWO, ONE))


def test_calls_that_an_earlier_version_did_not_write_down_are_not_compared() -> None:
    """Of a repaired turn it kept the last key alone."""
    whole = ONE.model_copy(update={"calls": (CallRef(key="k1", model="m"), CallRef(key="k2", model="m"))})
    earlier = ONE.model_copy(update={"calls": (CallRef(), CallRef(key="k2", model="m"))})

    assert [] == trace(whole).diff(trace(earlier))
    assert [] == trace(earlier).diff(trace(whole))
