"""A run that was cut short: what needs its outcome says how to go on with it, in the same words everywhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import pytest

from contemplate import Orchestrator, Request, ScriptedBackend
from contemplate.errors import InputError
from contemplate.inspect import write_log

NEEDS_AN_OUTCOME: dict[str, Callable[[Orchestrator, str], Awaitable[object]]] = {
    "replay": lambda orchestrator, run: orchestrator.replay(run),
    "fork": lambda orchestrator, run: orchestrator.fork(run, rule="majority"),
    "credit": lambda orchestrator, run: orchestrator.credit(run),
    "audit_steps": lambda orchestrator, run: orchestrator.audit_steps(run),
    "estimate_credit": lambda orchestrator, run: orchestrator.estimate_credit(run),
    "write_log": lambda orchestrator, run: write_log(orchestrator, [run], "run.eval"),
}


@pytest.mark.parametrize("asked", NEEDS_AN_OUTCOME)
async def test_how_to_go_on(asked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its state, and the command."""

    async def wait(_: Request) -> str:
        await anyio.sleep(60)
        return "never said"

    monkeypatch.chdir(tmp_path)
    async with Orchestrator(["m"], backend=ScriptedBackend(wait), ledger=":memory:") as orchestrator:
        with anyio.move_on_after(0.2):
            await orchestrator.solve("6 * 7?", "self-consistency")
        ((record),) = await orchestrator.runs()
        with pytest.raises(InputError) as caught:
            await NEEDS_AN_OUTCOME[asked](orchestrator, record.run)

    assert f"run {record.run} is interrupted, not finished; go on with it first: contemplate resume {record.run}" == str(
        caught.value
    )
    assert not list(tmp_path.iterdir())
