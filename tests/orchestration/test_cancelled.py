"""Whatever ends a run from outside, by asyncio's own means, closes it in the ledger: none stays "running" with nobody at it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from contemplate import Budget, Event, InputError, Orchestrator, Request, ScriptedBackend, stream
from contemplate.ledger import SQLiteLedger
from contemplate.types import Completion

STEPS = 60
"""So many turns of the event loop a run of three seats takes at least, from its first write to its end."""


class Slow(ScriptedBackend):
    """Answers a moment later, so that there is something to cancel."""

    async def complete(self, request: Request) -> Completion:
        """The answer, some turns of the event loop later."""
        for _ in range(20):
            await asyncio.sleep(0)
        return await super().complete(request)


class Stuck(ScriptedBackend):
    """Never answers; `asked` holds what it was asked."""

    def __init__(self) -> None:
        """One that was asked nothing yet."""
        super().__init__(lambda _: "Answer: 1")
        self.asked: asyncio.Queue[Request] = asyncio.Queue()

    async def complete(self, request: Request) -> Completion:
        """Nothing, for ever."""
        self.asked.put_nowait(request)
        return await asyncio.Future()


async def ask(
    ledger: SQLiteLedger, on_event: Callable[[Event], None] | None = None, backend: ScriptedBackend | None = None
) -> None:
    """A run of three seats on `ledger`."""
    backend = backend or Slow(lambda _: "Answer: 1")
    async with Orchestrator(["m"], backend=backend, ledger=ledger) as orchestrator:
        await orchestrator.solve("1?", "multiagent-debate", answer="number", parameters={"seats": 3}, on_event=on_event)


async def states(ledger: SQLiteLedger) -> set[str]:
    """What the ledger says of its runs."""
    return {record.state for record in await ledger.runs()}


@pytest.mark.parametrize("times", [1, 2, 30])
async def test_task_cancel(tmp_path: Path, times: int) -> None:
    """At whichever turn of the event loop a task is cancelled, once or again and again, its run is over."""
    ledger = await SQLiteLedger.open(tmp_path / "l.db")
    ends = set()
    for steps in range(0, STEPS, 2):
        task = asyncio.ensure_future(ask(ledger))
        for _ in range(steps):
            await asyncio.sleep(0.0005 if steps % 4 else 0)
        for _ in range(times):
            task.cancel()
            await asyncio.sleep(0)
        try:
            await task
        except asyncio.CancelledError:
            ends.add("cancelled")
        assert "running" not in await states(ledger)
    assert {"cancelled"} <= ends
    assert "interrupted" in await states(ledger)
    await ledger.aclose()


async def test_timeout(tmp_path: Path) -> None:
    """A time limit of asyncio's own closes the run as well."""
    ledger = await SQLiteLedger.open(tmp_path / "l.db")
    for seconds in (0.001, 0.004, 0.016):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ask(ledger, backend=Stuck()), seconds)
    assert {"interrupted"} >= await states(ledger)
    await ledger.aclose()


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, asyncio.CancelledError])
def test_ended_by_an_observer(tmp_path: Path, error: type[BaseException]) -> None:
    """An observer that ends the program, or cancels, ends the run with it."""

    def observe(_: Event) -> None:
        raise error

    async def work() -> None:
        ledger = await SQLiteLedger.open(tmp_path / "l.db")
        try:
            await ask(ledger, observe)
        finally:
            await ledger.aclose()

    with pytest.raises(error):
        asyncio.run(work())

    async def look() -> set[str]:
        ledger = await SQLiteLedger.open(tmp_path / "l.db")
        found = await states(ledger)
        await ledger.aclose()
        return found

    assert {"interrupted"} == asyncio.run(look())


async def test_stream_cancelled(tmp_path: Path) -> None:
    """A task that reads a run's events and is cancelled twice has ended the run when it is over."""
    path = tmp_path / "l.db"

    async def read() -> None:
        backend = Slow(lambda _: "Answer: 1")
        async for _ in stream("1?", "multiagent-debate", models=["m"], backend=backend, ledger=path, answer="number"):
            reading.set()

    reading = asyncio.Event()
    task = asyncio.ensure_future(read())
    await reading.wait()
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    ledger = await SQLiteLedger.open(path)
    assert {"interrupted"} == await states(ledger)
    await ledger.aclose()


async def test_an_orchestrator_is_closed(tmp_path: Path) -> None:
    """Runs that are at work when it is are over by then, say why, and can be resumed; one that was cancelled is over as well."""
    path = tmp_path / "l.db"
    backend = Stuck()
    async with Orchestrator(["m"], backend=backend, ledger=path) as orchestrator:
        tasks = [asyncio.ensure_future(orchestrator.solve(f"{n}?", "single", answer="number")) for n in range(3)]
        for _ in tasks:
            await backend.asked.get()
        tasks[0].cancel()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(ends[0], asyncio.CancelledError)
    assert all(isinstance(end, InputError) and "contemplate resume" in str(end) for end in ends[1:])

    async with Orchestrator(["m"], backend=ScriptedBackend(lambda _: "Answer: 1"), ledger=path) as orchestrator:
        records = await orchestrator.ledger.runs()
        assert ["interrupted"] * 3 == [record.state for record in records]
        assert [True] * 3 == [(await orchestrator.resume(record.run)).answer is not None for record in records]


class SlowDisk(SQLiteLedger):
    """Takes for ever to say that something is written."""

    async def written(self) -> None:
        """Wait."""
        await asyncio.Future()


async def test_cancelled_before_a_call_left(tmp_path: Path) -> None:
    """Under a cap a call leaves once it is on disk: cancelled before that, it never left and took no tokens."""
    ledger, backend = await SlowDisk.open(tmp_path / "l.db"), ScriptedBackend(lambda _: "Answer: 1")
    async with Orchestrator(["m"], backend=backend, ledger=ledger) as orchestrator:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(orchestrator.solve("1?", "single", answer="number", budget=Budget(calls=3)), 0.3)
        (record,) = await ledger.runs()
        spent = await ledger.spent(record.run)
        assert (spent.calls, spent.prompt_tokens, spent.completion_tokens) == (1, 0, 0)  # an attempt, which failed
    assert backend.requests == []
    await ledger.aclose()
