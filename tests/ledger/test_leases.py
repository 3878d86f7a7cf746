"""Leases: one process is at work on a run, and one pays for a key; the lease of one that is dead ends."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator

import anyio
import pytest

from builders import CompletionOf, RecordOf, RequestOf
from contemplate.errors import RunHeldError, StorageError
from contemplate.ledger import leases, open_ledger, processes
from contemplate.ledger.database import Database
from contemplate.ledger.tables import TableLedger

HOLDS = """
import asyncio, sys
from contemplate.ledger import open_ledger

async def main(place, run, key):
    ledger = await open_ledger(place)
    await ledger.hold(run, lambda: None)
    await ledger.claim(key)
    print("held", flush=True)
    sys.stdin.readline()
    await ledger.aclose()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
async def other(place: str) -> AsyncIterator[TableLedger]:
    """A second object on the ledger, as another process has it."""
    ledger = await open_ledger(place)
    assert isinstance(ledger, TableLedger)
    yield ledger
    await ledger.aclose()


def nothing() -> None:
    """Nobody minds."""


async def execute(ledger: TableLedger, sql: str, *values: object) -> list[tuple[object, ...]]:
    """The rows of a statement, run behind the ledger's back."""

    def work(database: Database) -> list[tuple[object, ...]]:
        cursor = database.execute(sql, values)
        return cursor.fetchall() if sql.startswith("SELECT") else []

    return await ledger._writer.ask(work, writes=True)


async def elsewhere(ledger: TableLedger, age: float) -> None:
    """Make its holder one of another machine, whose heart beat `age` seconds ago."""
    await execute(ledger, "UPDATE holders SET machine = 'another', host = 'far', pid = 7, beat = beat - ?", age)


class TestRuns:
    """A run has one holder."""

    async def test_refused(self, ledger: TableLedger, other: TableLedger, record_of: RecordOf) -> None:
        """A second one is told who it is and since when, and gets the run once it is let go of."""
        await ledger.hold("run-1", nothing)
        who = rf"run run-1 is under way: this process on \S+ has been at it since {time.strftime('%Y-%m-%d')}"
        with pytest.raises(RunHeldError, match=who):
            await other.hold("run-1", nothing)
        with pytest.raises(RunHeldError, match=r"this process on \S+ is at it"):
            await ledger.hold("run-1", nothing)
        assert {"run-1": os.getpid()} == {run: holder.pid for run, holder in (await other.holders()).items()}
        await ledger.start_run(record_of("run-1"))
        for object_ in (ledger, other):
            with pytest.raises(RunHeldError):
                await object_.delete_run("run-1")
        with pytest.raises(RunHeldError):
            await other.end_run("run-1", "interrupted", None)
        ledger.let_go("run-1")
        ledger.let_go("run-1")
        await ledger.runs()
        await other.hold("run-1", nothing)
        assert "running" == (await ledger.runs())[0].state

    async def test_closed(self, ledger: TableLedger, other: TableLedger) -> None:
        """A ledger that is closed lets go of all that it held."""
        await ledger.hold("run-1", nothing)
        await ledger.claim("k")
        await ledger.aclose()
        ledger.let_go("run-1")
        await other.hold("run-1", nothing)
        assert (await other.claim("k")).holder is None
        assert [(1,)] == await execute(other, "SELECT count(*) FROM holders")

    async def test_dropped(self, place: str, other: TableLedger) -> None:
        """So does one that nobody has any more, though it was never closed."""
        ledger = await open_ledger(place)
        await ledger.hold("run-1", nothing)
        thread = ledger._writer._thread  # type: ignore[attr-defined]
        del ledger
        gc.collect()  # whatever else still holds it, as a traceback
        await anyio.to_thread.run_sync(thread.join, 30)
        assert not thread.is_alive()
        await other.hold("run-1", nothing)

    @pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM])
    async def test_process_gone(self, place: str, other: TableLedger, environment: dict[str, str], by: signal.Signals) -> None:
        """The lease of a process of this machine ends with it, at once."""
        command = [sys.executable, "-c", HOLDS, place, "run-1", "k"]
        pipe = subprocess.PIPE
        child = await asyncio.to_thread(subprocess.Popen, command, env=environment, stdin=pipe, stdout=pipe, text=True)
        with child:
            assert child.stdout is not None
            assert "held\n" == await asyncio.to_thread(child.stdout.readline)
            with pytest.raises(RunHeldError, match=f"process {child.pid} on"):
                await other.hold("run-1", nothing)
            assert (await other.claim("k")).holder is not None
            child.send_signal(by)
            await asyncio.to_thread(child.wait)
        assert {} == await other.holders()
        await other.hold("run-1", nothing)
        assert (await other.claim("k")).holder is None

    async def test_silent(self, ledger: TableLedger, other: TableLedger, record_of: RecordOf) -> None:
        """One on another machine is dead when its heart has not beaten for so long; if it was not, it learns that it has lost."""
        lost = asyncio.Event()
        await ledger.hold("run-1", lost.set)
        await ledger.start_run(record_of("run-1"))
        await elsewhere(ledger, leases.LEASE_SECONDS - 5)
        with pytest.raises(RunHeldError, match="process 7 on far"):
            await other.hold("run-1", nothing)
        await elsewhere(ledger, 10)
        assert {} == await other.holders()
        await other.hold("run-1", nothing)
        await ledger._writer.ask(ledger._leases.beat, writes=True)
        await asyncio.wait_for(lost.wait(), 10)
        with pytest.raises(RunHeldError):
            await ledger.end_run("run-1", "interrupted", None)
        ledger.let_go("run-1")
        await ledger.runs()
        assert ["run-1"] == list(await other.holders())

    async def test_heart_beats(self, ledger: TableLedger, monkeypatch: pytest.MonkeyPatch) -> None:
        """Its heart beats though nothing else is written, however many leases there are, and stops when nothing is held."""
        monkeypatch.setattr(leases, "HEARTBEAT_SECONDS", 0.05)
        for number in range(3):
            await ledger.hold(f"run-{number}", nothing)
        first = ledger._writer.transactions
        beats = {(await execute(ledger, "SELECT beat FROM holders"))[0]}
        for _ in range(100):
            await asyncio.sleep(0.02)
            beats |= {(await execute(ledger, "SELECT beat FROM holders"))[0]}
            if len(beats) >= 3:
                break
        assert len(beats) >= 3
        assert ledger._writer.transactions > first
        for number in range(3):
            ledger.let_go(f"run-{number}")
        await ledger.runs()
        assert ledger._leases.due() is None or not ledger._leases._names

    async def test_of_an_older_number(self, ledger: TableLedger, other: TableLedger) -> None:
        """A process that has the number of the holder and was begun at another time is not the holder."""
        await ledger.hold("run-1", nothing)
        await execute(ledger, "UPDATE holders SET born = '1', pid = ?", os.getppid())
        await other.hold("run-1", nothing)


class TestKeys:
    """A key is paid for by one at a time."""

    async def test_together(
        self, ledger: TableLedger, other: TableLedger, request_of: RequestOf, completion_of: CompletionOf
    ) -> None:
        """Of two that claim many keys at once each key has one; what is stored by then is told, and nobody's."""
        stored = request_of("q")
        await ledger.store("call-1", stored, completion_of("a"), None)
        keys = [stored.key, *(str(number) for number in range(250))]
        won: dict[str, list[TableLedger]] = {key: [] for key in keys}

        async def claim(which: TableLedger, key: str) -> None:
            claim = await which.claim(key)
            assert (claim.there, claim.kept) == ((True, completion_of("a")) if key == stored.key else (False, None))
            if claim.holder is None and claim.kept is None:
                won[key].append(which)

        async with anyio.create_task_group() as group:
            for key in keys:
                group.start_soon(claim, ledger, key)
            for key in reversed(keys):
                group.start_soon(claim, other, key)
        assert not won.pop(stored.key)
        assert all(len(winners) == 1 for winners in won.values())
        for key, (winner,) in won.items():
            winner.unclaim(key)
        with anyio.fail_after(10):  # nobody waits for a release to be written
            while await execute(ledger, "SELECT count(*) FROM leases") != [(0,)]:  # noqa: ASYNC110 - another thread writes
                await anyio.sleep(0.01)

    async def test_again_and_again(self, ledger: TableLedger, other: TableLedger) -> None:
        """A key that is claimed while its release waits to be written is held afterwards."""
        gate = asyncio.Event()

        async def claim(key: str) -> None:
            assert (await ledger.claim(key)).holder is None
            gate.set()

        async with anyio.create_task_group() as group:
            for _ in range(50):
                group.start_soon(claim, "a")
                await gate.wait()
                gate = asyncio.Event()
                group.start_soon(claim, f"b{_}")
                ledger.unclaim("a")
                group.start_soon(claim, f"c{_}")
        await ledger.claim("a")
        assert (await other.claim("a")).holder is not None

    async def test_cancelled(self, ledger: TableLedger, other: TableLedger) -> None:
        """A claim that nobody waits for any more is no claim."""
        task = asyncio.ensure_future(ledger.claim("k"))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await ledger.runs()
        assert (await other.claim("k")).holder is None

    async def test_failed_transaction(self, ledger: TableLedger, other: TableLedger) -> None:
        """Claims of a transaction that fails are made again, each by itself, with a holder that is on record."""

        def fail(_: Database) -> None:
            raise StorageError("full")

        async with anyio.create_task_group() as group:
            group.start_soon(ledger.claim, "a")
            group.start_soon(ledger.claim, "b")
            await asyncio.sleep(0)
            with pytest.raises(StorageError):
                await ledger._writer.ask(fail, writes=True)
        for key in "ab":
            assert (await other.claim(key)).holder is not None


class TestProcesses:
    """Who is gone."""

    def test_gone(self) -> None:
        """This process is there; one that has ended is not; of another machine's nothing is known."""
        me = processes.this_process()
        assert processes.is_gone(me) is False
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        born = processes._born(child.pid) or ""
        its = processes.Process(child.pid, me.machine, born)
        assert processes.is_gone(its) is False
        child.kill()
        while processes.is_gone(its) is False:  # a zombie is no process any more
            time.sleep(0.01)
        child.communicate()
        assert processes.is_gone(its) is True
        assert processes.is_gone(processes.Process(child.pid, me.machine, "")) is True
        assert processes.is_gone(processes.Process(me.pid, "another", me.born)) is None
