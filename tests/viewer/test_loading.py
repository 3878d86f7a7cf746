"""A run comes out of its ledger with all its prompts, many of which are looked for at the same time."""

from __future__ import annotations

import anyio
import pytest

from contemplate import Orchestrator, ScriptedBackend
from contemplate.types import Request
from contemplate.viewer.loading import load


async def test_prompts_are_looked_for_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every turn has what its agent was asked, and no prompt waits for the one before."""
    backend = ScriptedBackend(lambda _: "Answer: 42")
    async with Orchestrator(["m"], backend=backend, ledger=":memory:") as orchestrator:
        await orchestrator.solve("What is 6 * 7?", "multiagent-debate", answer="number", parameters={"seats": 4})
        ledger = orchestrator.ledger
        look, asking, most = ledger.request, 0, 0

        async def counted(key: str) -> Request | None:
            nonlocal asking, most
            asking += 1
            most = max(most, asking)
            await anyio.lowlevel.checkpoint()
            found = await look(key)
            asking -= 1
            return found

        monkeypatch.setattr(ledger, "request", counted)
        run = await load(ledger, await orchestrator.run("last"))
    asked = {request.messages for request in backend.requests}
    assert run.prompts is not None
    assert asked == {messages for each in run.prompts.values() for messages in each}
    assert 8 == sum(map(len, run.prompts.values())) == most
