"""Caps, deadlines and what is left behind, whatever a provider does, whenever a run is cancelled, and after it is resumed."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaos import caps, every_kind
from contemplate import Budget, ContemplateError, Orchestrator, Price, Settings
from contemplate.models.retry import Retry
from contemplate.testing import Fault, Faults, FaultServer, Latency

pytestmark = [pytest.mark.slow, pytest.mark.chaos]

RUNS = 4
"""Contemplations at once; with 16 seats each, 64 calls are in flight."""
SEATS = 16
PRICE = Price(prompt=1.0, completion=4.0)
IMPATIENT = Settings(retry=Retry(attempts=3, first_wait=0.005, longest_wait=0.02), prices={"any": PRICE})
ENDED = {"finished", "interrupted"}


def handles() -> int:
    """Open files and sockets of this process."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


async def one(orchestrator: Orchestrator, number: int, budget: Budget) -> None:
    """A debate of 16 seats on a question of its own; a typed error is an end as good as an answer."""
    with contextlib.suppress(ContemplateError):
        await orchestrator.solve(
            f"What is {number} + 1?",
            "multiagent-debate",
            answer="number",
            parameters={"seats": SEATS, "rounds": 3},
            budget=budget,
        )


async def chaos(url: str, folder: Path, budget: Budget, cancelled_after: float | None) -> dict[str, Any]:
    """Four debates at once, cancelled perhaps, and then resumed; what the ledger says of them."""
    ledger = folder / "ledger.db"
    before = len(asyncio.all_tasks())
    async with Orchestrator(["any"], ledger=ledger, settings=IMPATIENT, base_url=url) as orchestrator:
        work = asyncio.gather(*(one(orchestrator, number, budget) for number in range(RUNS)))
        if cancelled_after is None:
            await work
        else:
            await asyncio.wait([work], timeout=cancelled_after)
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
    async with Orchestrator(["any"], ledger=ledger, settings=IMPATIENT, base_url=url) as orchestrator:
        records = await orchestrator.ledger.runs()
        states = {record.state for record in records}
        for record in records:
            with contextlib.suppress(ContemplateError):
                await orchestrator.resume(record.run)
        states |= {record.state for record in await orchestrator.ledger.runs()}
    return {"states": states, "tasks": len(asyncio.all_tasks()) - before, "runs": len(records)}


@given(
    budget=caps,
    share=st.sampled_from([0.1, 0.4, 0.9]),
    seed=st.integers(0, 2**31),
    cancelled_after=st.one_of(st.none(), st.floats(0.001, 0.2)),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_cap_is_passed(budget: Budget, share: float, seed: int, cancelled_after: float | None) -> None:
    """However a provider fails and counts, whenever it is cancelled, and resumed: what it saw and billed stays within all caps.

    Its counts only grow, so that what holds at the end held at every moment.
    """
    faults = Faults(share=share, mix=tuple(every_kind), seed=seed)
    before = handles()
    with (
        TemporaryDirectory() as folder,
        FaultServer("I add.\n\nAnswer: 42", faults=faults, latency=Latency(seconds=0.003, shape="lognormal")) as server,
    ):
        seen = asyncio.run(chaos(server.url, Path(folder), budget, cancelled_after))
        calls, tokens = server.calls, server.tokens
    assert seen["states"] <= ENDED
    assert seen["tasks"] == 0
    assert handles() <= before + 2  # those of the server's own loop
    if budget.calls is not None:
        assert calls <= budget.calls * RUNS
    if budget.tokens is not None:
        assert tokens <= budget.tokens * RUNS
    if budget.usd is not None:
        assert tokens * PRICE.prompt / 1e6 <= budget.usd * RUNS


class Lag:
    """How late the event loop was at worst, in seconds: what this machine was busy with elsewhere is nobody's lateness here."""

    def __init__(self) -> None:
        self.worst = 0.0

    async def watch(self) -> None:
        """Look every 5 ms, until cancelled."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.005)
            self.worst = max(self.worst, time.monotonic() - before - 0.005)


@given(
    seconds=st.floats(0.05, 0.6),
    share=st.sampled_from([0.2, 0.6, 1.0]),
    kind=st.sampled_from(["hang", "drip"]),
    seed=st.integers(0, 2**31),
    strategy=st.sampled_from(["self-consistency", "multiagent-debate", "contemplating", "parallel-refine"]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_deadline_holds_whatever_hangs(seconds: float, share: float, kind: Any, seed: int, strategy: str) -> None:
    """The best answer so far, or none, is there within 100 ms of it."""
    faults = Faults(share=share, mix=(Fault(kind=kind, seconds=5.0),), seed=seed)

    async def work(url: str) -> tuple[float, float, str]:
        lag = Lag()
        watching = asyncio.ensure_future(lag.watch())
        async with Orchestrator(["any"], ledger=":memory:", settings=IMPATIENT, base_url=url) as orchestrator:
            began = time.monotonic()
            outcome = await orchestrator.solve(
                "What is 41 + 1?", strategy, answer="number", parameters={"seats": 8}, seed=seed, budget=Budget(seconds=seconds)
            )
            took = time.monotonic() - began
        watching.cancel()
        return took, lag.worst, outcome.stopped

    with FaultServer("Answer: 42", faults=faults, latency=Latency(seconds=0.01)) as server:
        took, lag, stopped = asyncio.run(work(server.url))
    assert took <= seconds + 0.1 + lag, stopped
