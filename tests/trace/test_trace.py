"""A trace is made from what a ledger keeps, and says the same as the one of the run."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import networkx as nx
import pytest

from contemplate import Orchestrator, ScriptedBackend
from contemplate.trace import Trace
from contemplate.trace.course import Course
from contemplate.types import Turn


async def test_stored_turns_make_the_trace_of_the_run(tmp_path: Path) -> None:
    """Turn by turn and edge by edge; only clocks are not kept."""
    async with Orchestrator(["m"], backend=ScriptedBackend(lambda _: "Answer: 4"), ledger=tmp_path / "l.db") as orchestrator:
        outcome = await orchestrator.solve("2 + 2?", "multiagent-debate", answer="number")
        trace = Trace.of(await orchestrator.ledger.turns(outcome.run))

    assert outcome.trace.canonical() == trace.canonical()
    assert list(outcome.trace.edges(data="kind")) == list(trace.edges(data="kind"))
    assert outcome.trace.stored == trace.stored
    assert trace.clock(trace.turns[0].id) is None


def test_a_course_and_its_graph_are_one() -> None:
    """What is laid out and spoken later is in both; nothing is seen that was not laid out."""
    course = Course()
    course.lay_out("1", ())
    graph = Trace.over(course)
    course.lay_out("2", [("1", "saw")])
    turn = Turn(id="2", step="2", verb="revise", seat="seat-1")
    course.record(turn, None)

    assert Trace.over(course) is graph is Trace.over(graph)
    assert (list(graph.edges(data="kind")), graph.nodes["2"]["turn"], graph.turns) == ([("1", "2", "saw")], turn, [turn])
    assert nx.is_directed_acyclic_graph(graph)
    assert [*graph.predecessors("2")] == [*course.predecessors("2")] == [*course][:1] == ["1"]
    with pytest.raises(ValueError, match="never laid out"):
        course.lay_out("3", [("9", "saw")])


async def test_an_outcome_has_one_graph_however_it_is_copied(tmp_path: Path) -> None:
    """And goes through pickle with its turns."""
    async with Orchestrator(["m"], backend=ScriptedBackend(lambda _: "Answer: 4"), ledger=tmp_path / "l.db") as orchestrator:
        outcome = await orchestrator.solve("2 + 2?", "multiagent-debate", answer="number")
    other = outcome.altered(detail="so")

    assert other.trace is outcome.trace is replace(outcome, detail="so").trace
    assert (other.detail, replace(other, detail=outcome.detail)) == ("so", outcome)
    again = pickle.loads(pickle.dumps(outcome))  # noqa: S301 - our own
    assert again.trace.canonical() == outcome.course.canonical()


def test_what_is_missing_is_pending() -> None:
    """A run that was cut short may lack a turn that another one saw."""
    reviser = Turn(id="2.revise/seat-1", step="2.revise", verb="revise", seat="seat-1")
    trace = Trace.of([(reviser, (("1.propose/seat-1", "revised"),))])

    assert [reviser] == trace.turns
    assert [("1.propose/seat-1", "revised")] == trace.saw(reviser.id)
    assert trace.turn("1.propose/seat-1") is None


def test_an_id_that_stands_twice_is_refused() -> None:
    """It would be one node."""
    turn = Turn(id="1.propose/seat-1", step="1.propose", verb="propose", seat="seat-1")

    with pytest.raises(ValueError, match="two turns are called"):
        Trace.of([(turn, ()), (turn, ())])
