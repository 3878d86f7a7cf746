"""Each measure on a run that was worked out by hand."""

from __future__ import annotations

from collections.abc import Iterable
from math import log2
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate import Orchestrator, ScriptedBackend
from contemplate.analysis.measures import (
    Change,
    Diversity,
    Influence,
    Uptake,
    agreement,
    changes,
    diversity,
    entropy,
    flags,
    independence,
    measure,
    persuasion,
    repeated_steps,
    resemblance,
    uptake,
)
from contemplate.trace import Trace
from contemplate.types import Answer, Decision, EdgeKind, Failure, Question, Request, Turn

Sees = Iterable[tuple[str, EdgeKind]]


def said(turn_id: str, value: str | None = None, text: str | None = None, **fields: Any) -> Turn:
    """A turn; it failed where it has neither an answer nor anything else."""
    step, _, rest = turn_id.partition("/")
    seat = next((part for part in rest.split("/") if part.startswith("seat-")), "")
    number = int(rest.split("/")[0]) if rest[:1].isdigit() else 0
    if value is not None:
        fields |= {"answer": Answer(kind="text", text=value, value=value, how="stated"), "text": text or f"{turn_id}: {value}"}
    elif not fields:
        fields = {"status": "failed", "failure": Failure(kind="no-answer", message="no")}
    return Turn(**{"id": turn_id, "step": step, "verb": step.partition(".")[2], "seat": seat, "round": number, **fields})


def traced(*turns: Turn | tuple[Turn, Sees]) -> Trace:
    """A trace of turns, some with what they saw."""
    return Trace.of((one, ()) if isinstance(one, Turn) else (one[0], tuple(one[1])) for one in turns)


P1, P2, P3 = "1.propose/seat-1", "1.propose/seat-2", "1.propose/seat-3"
R1, R2, R3 = "2.revise/1/seat-1", "2.revise/1/seat-2", "2.revise/1/seat-3"


def debate() -> Trace:
    """Three seats answer a, b, b; the first one goes over to b, the last one to c, which nobody had said."""
    return traced(
        said(P1, "a"),
        said(P2, "b"),
        said(P3, "b"),
        (said(R1, "b"), [(P1, "revised"), (P2, "saw"), (P3, "saw")]),
        (said(R2, "b"), [(P2, "revised"), (P1, "saw"), (P3, "saw")]),
        (said(R3, "c"), [(P3, "revised"), (P1, "saw"), (P2, "saw")]),
    )


def test_agreement_and_entropy_by_round() -> None:
    """Two of three say b, before and after; one bit and a half would be three answers of four."""
    spread = 2 / 3 * log2(3 / 2) + 1 / 3 * log2(3)

    assert (2 / 3, 2 / 3) == agreement(debate())
    assert entropy(debate()) == pytest.approx((spread, spread))


def test_a_round_without_answers_has_no_agreement() -> None:
    """All revisions failed."""
    trace = traced(said(P1, "a"), (said(R1), [(P1, "revised")]))

    assert (1.0, None) == agreement(trace)
    assert (0.0, None) == entropy(trace)


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=8))
def test_entropy_is_within_its_bounds(answers: list[str]) -> None:
    """0 exactly where all agree, at most log2 of the number of answers."""
    trace = traced(*(said(f"1.propose/seat-{number}", value) for number, value in enumerate(answers, 1)))
    (spread,), (agreed,) = entropy(trace), agreement(trace)

    assert spread is not None
    assert -1e-9 <= spread <= log2(len(set(answers))) + 1e-9
    assert (spread < 1e-9) == (agreed == 1) == (len(set(answers)) == 1)


def test_diversity_of_first_answers() -> None:
    """Two of the three pairs differ, in their answers and in their words."""
    trace = traced(said(P1, "a", "as I say"), said(P2, "b", "so it is"), said(P3, "b", "so it is"))

    assert diversity(trace) == Diversity(answers=2 / 3, wording=pytest.approx(2 / 3))
    assert diversity(traced(said(P1, "a"))) is None


def test_independence_of_first_votes() -> None:
    """Who has read others is not independent, nor is who says the same in the same words."""
    alone, copy = said(P1, "a", "so a"), said(P2, "a", "so a")
    reader = (said(P3, "a", "yes, a"), [(P1, "saw")])

    assert 1.0 == independence(debate())
    assert pytest.approx(1 / 3) == independence(traced(alone, copy, reader))
    assert independence(traced(said(P1))) is None


def test_flips_are_right_or_wrong() -> None:
    """Where the gold answer is known and can be read."""
    gold = Question(text="?", gold="b")
    first, last = changes(debate(), gold)

    assert Change("seat-1", P1, R1, "a", "b", (P2, P3), was_right=False, is_right=True) == first
    assert (True, False) == (last.was_right, last.is_right)
    assert {(None, None)} == {(one.was_right, one.is_right) for one in changes(debate())}
    assert {None} == {one.is_right for one in changes(debate(), Question(text="?", kind="number", gold="many"))}


def test_persuasion_says_who_moves_whom() -> None:
    """Seat 1 was moved by both that held b; seat 3 by nobody; nobody is moved by those who agree with him."""
    assert (
        Influence("seat-1", "seat-2", 1, 0, 0),
        Influence("seat-1", "seat-3", 1, 0, 0),
        Influence("seat-2", "seat-1", 1, 1, 0.5),
        Influence("seat-3", "seat-1", 1, 1, 0.5),
    ) == persuasion(debate())


def test_uptake_of_critiques() -> None:
    """Of three that found fault one was never read, and one of the two that were changed the answer."""
    flawed = [said(f"2.critique/seat-3/on-seat-{number}", verdict="flawed") for number in (1, 2)]
    unread = said("2.critique/seat-2/on-seat-1", verdict="flawed")
    trace = traced(
        said(P1, "a"),
        said(P2, "b"),
        (flawed[0], [(P1, "criticised")]),
        (flawed[1], [(P2, "criticised")]),
        (unread, [(P1, "criticised")]),
        (said("3.revise/seat-1", "c"), [(P1, "revised"), (flawed[0].id, "saw")]),
        (said("3.revise/seat-2", "b"), [(P2, "revised"), (flawed[1].id, "saw")]),
    )

    assert Uptake(3, 2, 1) == uptake(trace)
    assert 0.5 == uptake(trace).share
    assert uptake(debate()).share is None


# --- failures -----------------------------------------------------------------------------------------

LONG = "First take four and double it, which makes eight, then add two, and so the answer is ten in all."


def test_repeated_steps() -> None:
    """The same words again, or nearly; a critique of another answer is another task."""
    again = said(R1, "10", LONG.replace("in all", "in  ALL"))
    other = said(R2, "10", "No: four times two is eight, and that is the answer.")
    twice = [said(f"3.critique/seat-1/on-seat-{number}", text="Fine.\nVerdict: sound", verdict="sound") for number in (1, 2)]
    trace = traced(
        said(P1, "10", LONG),
        said(P2, "8", LONG),
        (again, [(P1, "revised")]),
        (other, [(P2, "revised")]),
        (twice[0], [(R1, "criticised")]),
        (twice[1], [(R2, "criticised")]),
    )

    assert ((R1, P1),) == repeated_steps(trace)


def test_ignored_input() -> None:
    """Seat 1 read another answer and said its own again in the same words; seat 2 had nothing against it."""
    trace = traced(
        said(P1, "10", LONG),
        said(P2, "8", "Eight."),
        (said(R1, "10", LONG), [(P1, "revised"), (P2, "saw")]),
        (said(R2, "8", "Eight."), [(P2, "revised")]),
    )

    assert [("step repetition", R1), ("step repetition", R2), ("ignored input", R1)] == [
        (flag.kind, flag.turn) for flag in flags(trace)
    ]
    assert "1.propose/seat-2" in flags(trace)[-1].why


@pytest.mark.parametrize(("stopped", "early"), [("budget", True), ("deadline", True), ("completed", False), (None, False)])
def test_premature_end(stopped: str | None, early: bool) -> None:
    """A run that was cut short."""
    assert early == ("premature end" in [flag.kind for flag in flags(debate(), stopped)])


def test_no_verification() -> None:
    """Nobody judged, or nobody judged the answer that won."""
    decision = Decision(rule="plurality", winner="b", value="b", tally=(), margin=0)
    vote = said("9.vote", decision=decision)
    first, second = said(P1, "a"), said(P2, "b")
    check = said("2.verify/seat-3/on-seat-1", verdict="sound")

    def found(*turns: Turn | tuple[Turn, Sees]) -> list[str]:
        return [flag.why for flag in flags(traced(*turns)) if flag.kind == "no verification"]

    assert ["nobody judged any answer before it won"] == found(first, second, vote)
    assert ["answers were judged, but not the one that won"] == found(first, second, (check, [(P1, "criticised")]), vote)
    assert [] == found(first, second, (check, [(P2, "criticised")]), vote)
    assert [] == found(first, second)


# --- wording and the whole ----------------------------------------------------------------------------


@given(st.text(), st.text())
def test_resemblance_is_symmetric(one: str, other: str) -> None:
    """And 1 for a text and itself."""
    assert resemblance(one, other) == resemblance(other, one)
    assert 1 == resemblance(one, one)
    assert 0 <= resemblance(one, other) <= 1


async def test_all_measures_of_a_run() -> None:
    """As JSON values, by the names of the functions."""

    def reply(request: Request) -> str:
        return f"Answer: {request.draw if len(request.messages) < 3 else 7}"

    async with Orchestrator(["m"], backend=ScriptedBackend(reply), ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve(Question(text="?", kind="number", gold="7"), "multiagent-debate")
    found = measure(outcome.trace, outcome.question, outcome.stopped)
    row = found.to_dict()

    assert [1 / 3, 1.0] == [one["agreement"] for one in row["rounds"]]
    assert [False, False, False] == [flip["was_right"] for flip in row["flips"]]
    assert {"faulted": 0, "read": 0, "taken": 0, "share": None} == row["uptake"]
    assert ["no verification"] == [flag["kind"] for flag in row["flags"]]
    assert set(row) == {"rounds", "independence", "diversity", "flips", "persuasion", "uptake", "repeated_steps", "flags"}
