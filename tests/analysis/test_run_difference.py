"""Two runs side by side."""

from __future__ import annotations

import json

from contemplate import Orchestrator, Question, Request, ScriptedBackend
from contemplate.orchestration.options import RunOptions

SUM = Question(text="What is 6 * 7?", kind="number")


def say(request: Request) -> str:
    """A number of the draw's own."""
    return f"Answer: {40 + request.draw}"


async def test_a_fork_beside_its_run() -> None:
    """What was set, what came of it, and where each seat first differs."""
    async with Orchestrator(["m"], backend=ScriptedBackend(say), ledger=":memory:") as orchestrator:
        whole = await orchestrator.carry_out(SUM, "multiagent-debate", RunOptions(parameters={"rounds": 3}))
        fork = await orchestrator.fork(whole.run, edits={"2.revise/1/seat-2": "Answer: 7"}, rule="weighted")
        found = await orchestrator.diff(whole.run, fork.run)
        same = await orchestrator.diff(whole.run, whole.run)

    assert {"forked_from", "changes.edits.2.revise/1/seat-2", "changes.rule", "strategy.steps.3.rule"} == set(found.settings)
    assert (None, whole.run) == found.settings["forked_from"]
    assert [("seat-2", "2.revise/1/seat-2", "41", "7")] == [
        (one.seat, one.turn, one.this, one.other) for one in found.seats if one.seat == "seat-2"
    ]
    assert {"edited", "text", "answer"} <= set(next(one for one in found.seats if one.seat == "seat-2").fields)
    assert (whole.run, fork.run) == (found.this.run, found.other.run)
    assert (9, 3) == (found.this.usage.calls, found.other.usage.calls)
    assert json.loads(json.dumps(found.to_dict()))["this"]["answer"] == whole.answer
    assert ({}, (), 0, True) == (same.settings, same.seats, same.turns, same.same_answer)


async def test_runs_of_other_strategies_and_models() -> None:
    """Turns that only one has are differences, too."""
    async with Orchestrator(["m"], backend=ScriptedBackend(say), ledger=":memory:") as orchestrator:
        one = await orchestrator.carry_out(SUM, "self-consistency", RunOptions(seed=1))
        other = await orchestrator.carry_out(SUM, "single", RunOptions(models=("n",)))
        found = await orchestrator.diff(one.run, other.run)

    assert {"models", "strategy.name", "seed"} <= set(found.settings)
    assert (["m"], ["n"]) == found.settings["models"]
    missing = next(seat for seat in found.seats if seat.seat == "seat-3")
    assert ((), "42", None) == (missing.fields, missing.this, missing.other)
