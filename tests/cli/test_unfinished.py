"""A run that was cut short, in a ledger that was named: what needs its outcome says the command that goes on with it there."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from command import Cli
from contemplate import Conversation, Orchestrator, Request, ScriptedBackend


async def cut_short(ledger: Path) -> str:
    """The id of a run that was interrupted, the first turn of a conversation."""

    async def wait(_: Request) -> str:
        await anyio.sleep(60)
        return "never said"

    async with Orchestrator(["m"], backend=ScriptedBackend(wait), ledger=ledger) as orchestrator:
        with anyio.move_on_after(0.5):
            await Conversation(orchestrator, "self-consistency").ask("6 * 7?")
        ((record),) = await orchestrator.runs()
        return record.run


@pytest.mark.parametrize(
    "asked",
    [
        "replay {run}",
        "fork {run} --rule majority",
        "fork {run} --rule majority --estimate",
        "credit {run}",
        "credit {run} --estimate",
        "audit-steps {run}",
        "redecide {run}",
        "export {run} -o run.eval",
        "chat --resume last",
    ],
)
def test_the_command_finds_it(asked: str, cli: Cli, home: Path) -> None:
    """With the ledger and the project that were typed."""
    (home / "our project").mkdir()
    run = anyio.run(cut_short, home / "l.db")
    location = ("--ledger", "l.db", "--project", "our project")

    said = cli(*asked.format(run=run).split(), *location)

    again = f"contemplate resume {run} --ledger l.db --project 'our project'"
    assert f"contemplate: run {run} is interrupted, not finished; go on with it first: {again}\n" == said.err
    assert 2 == said.status
