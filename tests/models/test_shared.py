"""A ledger that several machines share: whoever pays for the same call second takes the first one's reply."""

from __future__ import annotations

from contemplate import Completion, Orchestrator, Request, ScriptedBackend
from contemplate.ledger import open_ledger


async def test_the_first_reply_stands(address: str) -> None:
    """Another machine stores a reply while ours is on its way: the trace has theirs, and replays."""
    ours, theirs = await open_ledger(address), await open_ledger(address)

    async def answer(request: Request) -> str:
        await theirs.store("their-call", request, Completion(text="Answer: 1"), None)
        return "Answer: 2"

    async with Orchestrator(["m"], backend=ScriptedBackend(answer), ledger=ours) as orchestrator:
        outcome = await orchestrator.solve("1?", "single", answer="number")
        replay = await orchestrator.replay(outcome.run)
        difference = replay.difference
    for ledger in (ours, theirs):
        await ledger.aclose()

    assert (outcome.answer, difference) == ("1", None)
