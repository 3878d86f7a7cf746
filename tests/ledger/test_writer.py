"""The thread behind a ledger: nothing lost, nothing swallowed, nobody left waiting."""

from __future__ import annotations

import asyncio
import gc
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import anyio
import pytest

from builders import CompletionOf, RecordOf, RequestOf, SentOf, TurnOf, counted
from contemplate.errors import LedgerError, StorageError
from contemplate.ledger.database import Database
from contemplate.ledger.sqlite import SQLiteLedger
from contemplate.ledger.tables import TableLedger
from contemplate.types import Usage

STORING = """
import asyncio, sys
from contemplate.ledger.sqlite import SQLiteLedger
from contemplate.types import Completion, Message, Request

async def store(ledger, name, numbers):
    for number in numbers:
        request = Request(model="m", messages=(Message(role="user", content=f"{name} {number}"),))
        await ledger.store(f"{name} {number}", request, Completion(text="x" * 500), None)
        print(request.key, flush=True)

async def main(path, name, tasks, count):
    ledger = await SQLiteLedger.open(path)
    async with asyncio.TaskGroup() as group:
        for task in range(tasks):
            group.create_task(store(ledger, f"{name} {task}", range(count)))
    await ledger.aclose()

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
"""


def storing(path: Path, name: str, tasks: int, count: int, environment: dict[str, str]) -> subprocess.Popen[str]:
    """A process in which so many tasks each store so many completions, and print each key that is safe."""
    arguments = [sys.executable, "-c", STORING, str(path), name, str(tasks), str(count)]
    return subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, text=True)


class TestProcesses:
    """Processes that share a file, are killed, or just end."""

    def test_killed(self, path: Path, environment: dict[str, str]) -> None:
        """After kill -9 in the middle of writing, everything that was said to be stored is there, and the file is sound."""
        with storing(path, "a", 8, 10**6, environment) as child:
            assert child.stdout is not None
            printed = [child.stdout.readline().strip() for _ in range(300)]
            child.send_signal(signal.SIGKILL)
            printed += [line.strip() for line in child.stdout if line.endswith("\n")]
        with closing(sqlite3.connect(path)) as database:
            stored = {row[0] for row in database.execute("SELECT key FROM completions")}
            assert [("ok",)] == database.execute("PRAGMA integrity_check").fetchall()
        assert set() == set(printed) - stored

    def test_shared(self, path: Path, environment: dict[str, str]) -> None:
        """Eight processes that make and fill one file at once lose nothing."""
        children = [storing(path, name, 1, 50, environment) for name in "abcdefgh"]
        printed = {line for child in children for line in child.communicate(timeout=60)[0].split()}
        assert [0] * 8 == [child.returncode for child in children]
        with closing(sqlite3.connect(path)) as database:
            assert printed == {row[0] for row in database.execute("SELECT key FROM completions")}
        assert 400 == len(printed)

    def test_never_closed(self, path: Path, environment: dict[str, str]) -> None:
        """A program that ends without closing its ledger ends at once, and loses nothing that it wrote."""
        program = """
import asyncio, sys
from contemplate.ledger.sqlite import SQLiteLedger
from contemplate.types import Turn

async def main(path):
    ledger = await SQLiteLedger.open(path)
    for place in range(100):
        ledger.record_turn("run-1", place, Turn(id=str(place), step="s", verb="v"), [], cached=False)
    return ledger

ledger = asyncio.run(main(sys.argv[1]))
"""
        began = time.monotonic()
        subprocess.run([sys.executable, "-c", program, str(path)], env=environment, check=True, timeout=30)
        assert time.monotonic() - began < 10
        with closing(sqlite3.connect(path)) as database:
            assert (100,) == database.execute("SELECT count(*) FROM turns").fetchone()


class TestWaiters:
    """Who waits, in which loop, and until when."""

    async def test_cancelled(self, ledger: TableLedger, request_of: RequestOf, completion_of: CompletionOf) -> None:
        """A caller that is cancelled stops waiting at once; the write is done all the same."""
        async with anyio.create_task_group() as group:
            group.start_soon(ledger.store, "call-1", request_of("q"), completion_of("a"), None)
            await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()
        assert completion_of("a") == await ledger.completion(request_of("q").key)

    def test_two_loops(self, path: Path, request_of: RequestOf, completion_of: CompletionOf) -> None:
        """A ledger serves one event loop after another, and is not troubled by one that died with a waiter in it."""
        ledger = SQLiteLedger(path)
        asyncio.run(ledger.store("call-1", request_of("q"), completion_of("a"), None))

        async def leave() -> None:
            asyncio.get_running_loop().call_soon(ledger.store("call-2", request_of("p"), completion_of("b"), None).send, None)
            await asyncio.sleep(0)

        with asyncio.Runner() as runner:
            runner.run(leave())
        assert completion_of("a") == asyncio.run(ledger.completion(request_of("q").key))
        assert completion_of("b") == asyncio.run(ledger.completion(request_of("p").key))
        asyncio.run(ledger.aclose())

    async def test_loop_goes_on(
        self, path: Path, file_ledger: SQLiteLedger, request_of: RequestOf, completion_of: CompletionOf
    ) -> None:
        """While another process holds the file, the event loop is free, and the write comes through in the end."""
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            async with anyio.create_task_group() as group:
                group.start_soon(file_ledger.store, "call-1", request_of("q"), completion_of("a"), None)
                longest, last = 0.0, time.monotonic()
                for _ in range(30):
                    await anyio.sleep(0.01)
                    longest, last = max(longest, time.monotonic() - last), time.monotonic()
                other.execute("COMMIT")
        assert longest < 5
        assert completion_of("a") == await file_ledger.completion(request_of("q").key)

    async def test_many_at_once(
        self, ledger: TableLedger, sent_of: SentOf, request_of: RequestOf, completion_of: CompletionOf
    ) -> None:
        """A crowd of calls shares transactions, and every one of them is kept."""
        before = ledger._writer.transactions

        async def call(number: int) -> None:
            ledger.sent(sent_of(f"call-{number}"))
            await ledger.store(f"call-{number}", request_of(str(number)), completion_of(str(number)), 0.5)

        async with anyio.create_task_group() as group:
            for number in range(500):
                group.start_soon(call, number)
        assert Usage(calls=500, prompt_tokens=3500, completion_tokens=2500, usd=250.0) == await ledger.spent("run-1")
        assert ledger._writer.transactions - before < 50


class TestFailures:
    """A failure reaches whoever is to know of it, and nobody else."""

    async def test_what_is_said_to_be_written_is_committed(
        self, ledger: TableLedger, sent_of: SentOf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A call under a cap leaves then, and not before: whatever ends the process, it is on record."""
        commits, database = threading.Event(), type(ledger._writer._database)
        transaction = database.transaction

        @contextmanager
        def held(self: Database, *, writes: bool) -> Iterator[None]:
            with transaction(self, writes=writes):
                yield
                assert not writes or commits.wait(30)

        monkeypatch.setattr(database, "transaction", held)
        ledger.sent(sent_of("call-1"))
        with anyio.move_on_after(0.3) as wait:
            await ledger.written()
        commits.set()

        assert wait.cancelled_caught
        await ledger.written()

    async def test_fails_alone(self, ledger: TableLedger, request_of: RequestOf, completion_of: CompletionOf) -> None:
        """Of operations that share a transaction, only the one that fails does."""
        errors: list[str] = []

        async def end() -> None:
            try:
                await ledger.end_run("unknown", "finished", None)
            except LedgerError as error:
                errors.append(str(error))

        async with anyio.create_task_group() as group:
            for number in range(20):
                group.start_soon(ledger.store, f"call-{number}", request_of(str(number)), completion_of(str(number)), None)
                if number == 10:
                    group.start_soon(end)
        assert [f"{ledger.location}: no run 'unknown' was started"] == errors
        for number in range(20):
            assert completion_of(str(number)) == await ledger.completion(request_of(str(number)).key)

    async def test_failed_write_is_told(
        self, ledger: TableLedger, sent_of: SentOf, request_of: RequestOf, completion_of: CompletionOf
    ) -> None:
        """A write that nobody waits for, and fails, is raised by the next that is waited for; that one is done."""
        ledger.sent(sent_of("call-1"))
        ledger.sent(sent_of("\ud800"))
        with pytest.raises(StorageError, match=r"an earlier write to the ledger failed: .*surrogates"):
            await ledger.store("call-1", request_of("q"), completion_of("a"), 0.5)
        assert completion_of("a") == await ledger.completion(request_of("q").key)
        assert Usage(calls=1, prompt_tokens=7, completion_tokens=5, usd=0.5) == await ledger.spent("run-1")

    async def test_failed_write_is_told_at_the_end(self, path: Path, sent_of: SentOf) -> None:
        """If nothing is waited for any more, closing says so, once."""
        ledger = await SQLiteLedger.open(path)
        for _ in range(2):
            ledger.sent(sent_of("\ud800"))
        with pytest.raises(StorageError, match=r"failed \(and 1 more\)"):
            await ledger.aclose()
        await ledger.aclose()

    async def test_cancelled_write_is_told(self, ledger: TableLedger) -> None:
        """A write whose caller was cancelled, and fails, is raised by the next one too."""
        async with anyio.create_task_group() as group:
            group.start_soon(ledger.end_run, "unknown", "finished", None)
            await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()
        await anyio.sleep(0.1)
        with pytest.raises(StorageError, match=r"an earlier write to the ledger failed: .*no run 'unknown'"):
            await ledger.runs()
        assert [] == await ledger.runs()

    async def test_ids_that_no_text_can_hold(self, ledger: TableLedger, turn_of: TurnOf) -> None:
        """Even a value that the database can't take fails alone, and the thread lives on."""
        ledger.record_turn("run-\ud800", 0, turn_of("a"), [], cached=False)
        ledger.record_turn("run-1", 0, turn_of("b"), [], cached=False)
        with pytest.raises(StorageError, match="UnicodeEncodeError"):
            await ledger.turns("run-1")
        assert [(turn_of("b"), ())] == await ledger.turns("run-1")

    async def test_disk_full(self, file_ledger: SQLiteLedger, request_of: RequestOf, completion_of: CompletionOf) -> None:
        """A full disk fails what doesn't fit, says so, and loses nothing that was stored before."""
        await file_ledger.store("call-1", request_of("q"), completion_of("a"), None)
        pages = await file_ledger._writer.ask(lambda database: database.execute("PRAGMA page_count").fetchone()[0])
        await file_ledger._writer.ask(lambda database: database.execute(f"PRAGMA max_page_count = {pages + 2}").fetchone())
        with pytest.raises(StorageError, match="the disk is full; free some space and resume"):
            await file_ledger.store("call-2", request_of("p"), completion_of("x" * 100_000), None)
        assert completion_of("a") == await file_ledger.completion(request_of("q").key)
        assert None is await file_ledger.completion(request_of("p").key)

    async def test_held_too_long(
        self, path: Path, request_of: RequestOf, completion_of: CompletionOf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A file that another process holds for too long fails what waits, all at once, and works again afterwards."""
        ledger = await SQLiteLedger.open(path, busy_seconds=0.2)
        errors: list[str] = []

        async def store(number: int) -> None:
            try:
                await ledger.store(f"call-{number}", request_of(str(number)), completion_of("a"), None)
            except StorageError as error:
                errors.append(str(error))

        tries = counted(ledger._writer, "_transact", monkeypatch)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            async with anyio.create_task_group() as group:
                for number in range(20):
                    group.start_soon(store, number)
        assert len(tries) < 5
        assert 20 == len(errors)
        assert "another process holds the ledger; wait until it is done" in errors[0]
        await ledger.store("call-1", request_of("1"), completion_of("a"), None)
        await ledger.aclose()


class TestClosing:
    """The end of a ledger."""

    async def test_flushes(self, path: Path, record_of: RecordOf, turn_of: TurnOf) -> None:
        """Closing writes what is queued, and lets go of the file and the thread; twice is the same as once."""
        ledger = await SQLiteLedger.open(path)
        await ledger.start_run(record_of("run-1"))
        for place in range(50):
            ledger.record_turn("run-1", place, turn_of(str(place)), [], cached=False)
        await ledger.aclose()
        await ledger.aclose()
        assert [path] == list(path.parent.iterdir())
        with closing(sqlite3.connect(path)) as database:
            assert (50,) == database.execute("SELECT count(*) FROM turns").fetchone()
        assert not [thread for thread in threading.enumerate() if str(path) in thread.name and not _ends(thread)]

    async def test_closed(self, path: Path, sent_of: SentOf) -> None:
        """A closed ledger refuses everything, rather than to take what nobody would write."""
        ledger = await SQLiteLedger.open(path)
        await ledger.aclose()
        with pytest.raises(LedgerError, match="the ledger is closed"):
            await ledger.completion("k")
        with pytest.raises(LedgerError, match="the ledger is closed"):
            ledger.sent(sent_of("call-1"))

    async def test_never_used(self, path: Path) -> None:
        """A ledger that was never used makes no file."""
        await SQLiteLedger(path).aclose()
        assert [] == list(path.parent.iterdir())

    async def test_closed_by_a_cancelled_task(self, path: Path, turn_of: TurnOf) -> None:
        """Closing is not cut short by a cancellation around it."""
        ledger = await SQLiteLedger.open(path)
        ledger.record_turn("run-1", 0, turn_of("a"), [], cached=False)
        with anyio.CancelScope() as scope:
            scope.cancel()
            await ledger.aclose()
        with closing(sqlite3.connect(path)) as database:
            assert (1,) == database.execute("SELECT count(*) FROM turns").fetchone()

    async def test_dropped(self, path: Path, turn_of: TurnOf) -> None:
        """A ledger that is dropped unclosed writes what is queued, and its thread ends."""
        ledger = await SQLiteLedger.open(path)
        ledger.record_turn("run-1", 0, turn_of("a"), [], cached=False)
        (thread,) = (thread for thread in threading.enumerate() if str(path) in thread.name)
        del ledger
        gc.collect()
        assert _ends(thread)
        with closing(sqlite3.connect(path)) as database:
            assert (1,) == database.execute("SELECT count(*) FROM turns").fetchone()


def _ends(thread: threading.Thread) -> bool:
    thread.join(5)
    return not thread.is_alive()
