"""Programs within a run: its deadline, its budget, and its record."""

from __future__ import annotations

import time

import pytest

from contemplate import Budget, Compute, Orchestrator, Program, ScriptedBackend, Strategy, Turn, Vote, solve
from contemplate.errors import ReplayError
from contemplate.run.replaying import RecordedRun
from stage import Stage

ONE = Strategy(steps=[Compute(seats=1), Vote()])
FOREVER = "```python\nwhile True: pass\n```"


async def test_a_deadline_ends_a_program() -> None:
    """With the turn that waits for it, long before its own time is over."""
    began = time.monotonic()
    outcome = await solve(
        "6 * 7?", ONE, answer="number", backend=ScriptedBackend([FOREVER]), ledger=":memory:", budget=Budget(seconds=0.5)
    )

    assert outcome.stopped == "deadline"
    assert [turn.status for turn in outcome.trace.turns if turn.seat] == ["cancelled"]
    assert time.monotonic() - began < 4


async def test_a_budget_may_not_reach_for_a_second_program(stage: Stage) -> None:
    """The turn fails, as any whose call is not made."""
    show = await stage(ONE, {"programmer": ["```python\nprint(1 / 0)\n```"]}, budget=Budget(calls=1))
    failure = show.turn("1.compute/seat-1").failure

    assert show.calls == 1
    assert failure is not None
    assert failure.kind == "budget"


async def test_a_program_that_others_wrote_is_run_once_more_in_a_new_run() -> None:
    """The ledger keeps replies, and what a program printed belongs to its run."""
    backend = ScriptedBackend(["```python\nprint(42)\n```"])
    async with Orchestrator(["m"], backend=backend, ledger=":memory:") as orchestrator:
        first = await orchestrator.solve("6 * 7?", ONE, answer="number")
        second = await orchestrator.solve("6 * 7?", ONE, answer="number")

    assert second.usage.calls == 0
    assert [turn.programs for turn in first.trace.turns] == [turn.programs for turn in second.trace.turns]


async def test_every_call_of_a_turn_is_counted_that_the_ledger_answers() -> None:
    """That of the program which failed, and that of the one which mends it."""
    backend = ScriptedBackend(["```python\nprint(1 / 0)\n```", "```python\nprint(42)\n```"])
    async with Orchestrator(["m"], backend=backend, ledger=":memory:") as orchestrator:
        first = await orchestrator.solve("6 * 7?", ONE, answer="number")
        second = await orchestrator.solve("6 * 7?", ONE, answer="number")

    assert (2, 0) == (first.usage.calls, first.usage.cached_calls)
    assert (0, 2) == (second.usage.calls, second.usage.cached_calls)


def test_a_replay_takes_the_program_on_record() -> None:
    """And does not go on where there is none of its code."""
    ran = Program(code="print(42)", output="42\n")
    recorded = RecordedRun({"t": Turn(id="t", step="1.compute", verb="compute", programs=(ran,))})

    assert recorded.program("t", "print(42)") == ran
    with pytest.raises(ReplayError, match="turn t is on record without the program that it runs"):
        recorded.program("t", "print(43)")


def test_turns_without_programs_are_stored_as_they_were() -> None:
    """The field is left out, and comes back where it is not."""
    ran = Program(code="x", failed="error", error="line 1: NameError: name 'x' is not defined")
    without = Turn(id="t", step="1.propose", verb="propose")
    with_one = without.model_copy(update={"programs": (ran,)})

    assert "programs" not in without.model_dump(mode="json")
    assert "programs" not in without.model_dump_json()
    assert Turn.model_validate_json(with_one.model_dump_json()) == with_one
