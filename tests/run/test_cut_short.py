"""A run that its deadline cuts short, wherever that is, and its replay."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from contemplate import Budget, Orchestrator, Request, ScriptedBackend
from contemplate.run import PendingTurn
from contemplate.seeds import rng
from contemplate.types import Turn


async def slowly(request: Request) -> str:
    """One of three answers, within 20 ms."""
    draw = rng(0, request.key)
    await anyio.sleep(draw.random() / 50)
    return f"Answer: {draw.randrange(3)}"


@pytest.mark.parametrize("strategy", ["contemplating", "adaptive-consistency", "multiagent-debate"])
async def test_a_replay_ends_where_the_run_ended(tmp_path: Path, strategy: str) -> None:
    """No turn more and none less, and all that was laid out is on record."""
    async with Orchestrator(["a", "b"], backend=ScriptedBackend(slowly), ledger=tmp_path / "l.db") as orchestrator:
        for number in range(30):
            budget = Budget(seconds=0.002 + number / 1000)
            outcome = await orchestrator.solve(f"Question {number}?", strategy, answer="number", budget=budget, seed=number)
            replay = await orchestrator.replay(outcome.run)

            assert replay.difference is None
            assert list(outcome.trace) == [turn.id for turn in outcome.trace.turns]


async def test_nothing_is_read_once_a_run_is_cut_short() -> None:
    """Not even a turn that is over: else a step would go on to lay out more."""
    over = PendingTurn(Turn(id="1.propose/seat-1", step="1.propose", verb="propose", seat="seat-1"))
    over.finish(over.outline)
    assert over.outline == await over

    with anyio.CancelScope() as scope:
        scope.cancel()
        await over
    assert scope.cancelled_caught
