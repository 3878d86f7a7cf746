"""Hedging: a straggler is asked for a second time, the first reply counts, and both are in the budget."""

from __future__ import annotations

import time

import pytest

from contemplate import Budget, Orchestrator, Outcome, Retry, Settings
from contemplate.testing import Fault, Faults, FaultServer, Latency

AFTER = 0.15
HANG, SLOW = Fault(kind="hang"), Latency(seconds=0.4)


async def ask(server: FaultServer, hedge: float | None = AFTER, budget: Budget | None = None) -> tuple[Outcome, float]:
    """One call, and the seconds that it took."""
    settings = Settings(retry=Retry(attempts=2, first_wait=0.01, deadline=5, hedge=hedge), timeout=1.5)
    began = time.monotonic()
    async with Orchestrator(["m"], base_url=server.url, ledger=":memory:", settings=settings) as orchestrator:
        outcome = await orchestrator.solve("1?", "single", answer="number", budget=budget)
        run = await orchestrator.ledger.spent(outcome.run)
    assert run == outcome.usage.model_copy(update={"seconds": 0.0})
    return outcome, time.monotonic() - began


async def test_a_straggler_is_overtaken() -> None:
    """The second one answers; the first is cut off, and charged with its worst case."""
    with FaultServer(faults=Faults(at={0: HANG})) as server:
        outcome, seconds = await ask(server)
    assert ("42", 2, 2) == (outcome.answer, server.calls, outcome.usage.calls)
    assert seconds < 1.2
    assert outcome.usage.completion_tokens > 2000


async def test_it_is_off_unless_asked_for() -> None:
    """A straggler is waited for."""
    with FaultServer(latency=SLOW) as server:
        outcome, _ = await ask(server, hedge=None)
    assert ("42", 1, 1) == (outcome.answer, server.calls, outcome.usage.calls)


async def test_a_quick_reply_has_no_second() -> None:
    """Nothing is sent before its time."""
    with FaultServer() as server:
        outcome, _ = await ask(server, hedge=1.0)
    assert ("42", 1, 1) == (outcome.answer, server.calls, outcome.usage.calls)


async def test_a_budget_without_room_has_no_second() -> None:
    """The cap holds; the first one is waited for."""
    with FaultServer(latency=SLOW) as server:
        outcome, _ = await ask(server, budget=Budget(calls=1))
    assert ("42", 1, 1) == (outcome.answer, server.calls, outcome.usage.calls)


@pytest.mark.parametrize(("failing", "completion"), [(0, 2), (1, 2050)])
async def test_one_of_two_fails(failing: int, completion: int) -> None:
    """The other one is waited for. A refusal costs a call and no tokens; one that would have come too late is not known of."""
    faults = Faults(at={failing: Fault(kind="status", status=503)})
    with FaultServer(faults=faults, latency=SLOW) as server:
        outcome, _ = await ask(server)
    assert ("42", 2, 2) == (outcome.answer, server.calls, outcome.usage.calls)
    assert outcome.usage.completion_tokens == completion


async def test_both_fail() -> None:
    """The attempt failed, and the next one comes: each is counted."""
    with FaultServer(faults=Fault(kind="status", status=503), latency=SLOW) as server:
        outcome, _ = await ask(server)
    assert (None, 4, 4) == (outcome.answer, server.calls, outcome.usage.calls)
