"""A ledger on a server: processes that share it or are killed, and a server that goes away."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from typing import Self

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from builders import CompletionOf, RequestOf, SentOf, counted
from contemplate.errors import StorageError
from contemplate.ledger.postgres import PostgresLedger
from contemplate.types import Request, Usage
from postgres import PostgresServer

STORING = """
import asyncio, json, random, sys
from contemplate.ledger.base import RunRecord, Sent
from contemplate.ledger.postgres import PostgresLedger
from contemplate.types import Completion, Message, Request, Tokens

async def main(address, name, count):
    ledger = await PostgresLedger.open(address)
    print("ready", flush=True)
    sys.stdin.readline()

    async def store(number):
        request = Request(model="m", messages=(Message(role="user", content=str(number)),))
        call = f"{name} {number}"
        ledger.sent(Sent(call=call, run=name, turn="t", key=request.key, tokens=Tokens(prompt=10, completion=20), usd=1.0))
        await ledger.store(call, request, Completion(text=name, tokens=Tokens(prompt=7, completion=5)), 0.5)
        print(request.key, flush=True)

    ledger.sent(Sent(call=f"{name} open", run=name, turn="t", key="k", tokens=Tokens(prompt=1000, completion=0), usd=0.0))
    numbers = list(range(count))
    random.shuffle(numbers)
    async with asyncio.TaskGroup() as group:
        for task in range(8):
            group.create_task(several(store, numbers[task::8]))
    kept = {key: (await ledger.completion(key)).text for key in sys.argv[4:]}
    print(json.dumps(kept), flush=True)
    await ledger.aclose()

async def several(store, numbers):
    for number in numbers:
        await store(number)

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


@pytest.fixture
async def ledger(address: str) -> AsyncIterator[PostgresLedger]:
    """An open ledger that gives a lost server few seconds to come back."""
    ledger = await PostgresLedger.open(address, patience=10)
    yield ledger
    await ledger.aclose()


@contextmanager
def storing(
    address: str, names: str, count: int, environment: dict[str, str], *keys: str
) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes of those names which begin at the same moment to store the same `count` keys, each in an order of its own."""
    pipe = subprocess.PIPE
    children = [
        subprocess.Popen(
            [sys.executable, "-c", STORING, address, name, str(count), *keys], env=environment, stdin=pipe, stdout=pipe, text=True
        )
        for name in names
    ]
    try:
        for child in children:
            assert child.stdout is not None
            assert "ready\n" == child.stdout.readline()
        for child in children:
            assert child.stdin is not None
            child.stdin.write("\n")
            child.stdin.flush()
        yield children
    finally:
        for child in children:
            child.kill()
            child.communicate()


class TestProcesses:
    """Processes that share a ledger, or are killed."""

    async def test_deadlock(
        self, ledger: PostgresLedger, address: str, request_of: RequestOf, completion_of: CompletionOf
    ) -> None:
        """Two transactions of which each waits for a key of the other both end, with the first completion of each key."""
        import psycopg

        insert = "INSERT INTO contemplate.completions VALUES (%s, '{}', %s, 0) ON CONFLICT (key) DO NOTHING"
        theirs = completion_of("theirs").model_dump_json().encode()
        keys = [request_of(text).key for text in "pq"]
        with psycopg.connect(address) as other:
            other.execute(insert, (keys[1], theirs))
            begun, gate = threading.Event(), threading.Event()
            ledger._writer.write(lambda _: begun.set() or gate.wait(30))
            await anyio.to_thread.run_sync(begun.wait)
            async with anyio.create_task_group() as group:
                for text in "pq":
                    group.start_soon(ledger.store, text, request_of(text), completion_of("ours"), None)
                while len(ledger._writer._queue) < 2:
                    await anyio.lowlevel.checkpoint()
                gate.set()  # both are in the next transaction
                await anyio.to_thread.run_sync(_until_waiting, address)
                ended = "theirs"
                with suppress(psycopg.errors.DeadlockDetected):
                    await anyio.to_thread.run_sync(other.execute, insert, (keys[0], theirs))
                    ended = "ours"
                other.commit()
        first, second = [await ledger.completion(key) for key in keys]
        # Ours is done again key by key when it was ended, and may be quicker with the first than theirs, which waited for it.
        assert second == completion_of("theirs" if ended == "ours" else "ours")
        assert first in ([completion_of("ours"), completion_of("theirs")] if ended == "ours" else [completion_of("ours")])

    async def test_held(
        self, address: str, request_of: RequestOf, completion_of: CompletionOf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A table that somebody holds for too long fails what waits, all at once, and works again afterwards."""
        import psycopg

        ledger = await PostgresLedger.open(address, patience=0.2)
        errors: list[str] = []

        async def store(number: int) -> None:
            try:
                await ledger.store(f"call-{number}", request_of(str(number)), completion_of("a"), None)
            except StorageError as error:
                errors.append(str(error))

        tries = counted(ledger._writer, "_transact", monkeypatch)
        with psycopg.connect(address) as other:
            other.execute("LOCK TABLE contemplate.completions")
            async with anyio.create_task_group() as group:
                for number in range(20):
                    group.start_soon(store, number)
        assert len(tries) < 5
        assert 20 == len(errors)
        assert "another process holds the ledger; wait until it is done" in errors[0]
        await store(1)
        assert 20 == len(errors)
        await ledger.aclose()

    def test_same_keys(self, address: str, postgres: PostgresServer, environment: dict[str, str], request_of: RequestOf) -> None:
        """Three processes that pay for the same keys at once all end up with the same completions, one for each key."""
        keys = [Request(model="m", messages=request_of(str(number)).messages).key for number in range(60)]
        with storing(address, "abc", 60, environment, *keys) as children:
            ends = [json.loads(child.communicate(timeout=60)[0].splitlines()[-1]) for child in children]
        assert [0, 0, 0] == [child.returncode for child in children]
        assert keys == list(ends[0])
        assert ends[0] == ends[1] == ends[2]
        assert [(60,)] == postgres.execute(address, "SELECT count(*) FROM contemplate.completions")

    async def test_killed(self, address: str, environment: dict[str, str]) -> None:
        """After kill -9 in the middle, all that was said to be stored is there, and an open call counts its worst case."""
        with storing(address, "a", 10**5, environment) as (child,):
            assert child.stdout is not None
            printed = [child.stdout.readline().strip() for _ in range(100)]
            child.send_signal(signal.SIGKILL)
            printed += [line.strip() for line in child.stdout if line.endswith("\n")]
        ledger = await PostgresLedger.open(address)
        kept = [key for key in printed if await ledger.completion(key) is not None]
        spent = await ledger.spent("a")
        await ledger.aclose()
        assert printed == kept
        assert spent.calls > len(printed)
        assert 1000 + 7 * len(printed) <= spent.prompt_tokens <= 1000 + 7 * (spent.calls - 1) + 3 * 8


class TestServerGoesAway:
    """Nothing is lost in silence."""

    async def test_restarted(
        self,
        ledger: PostgresLedger,
        postgres: PostgresServer,
        sent_of: SentOf,
        request_of: RequestOf,
        completion_of: CompletionOf,
    ) -> None:
        """A crash and restart of the server in the middle of many calls costs nobody anything, and no call twice."""

        async def call(number: int) -> None:
            await anyio.sleep(0.002 * number)
            ledger.sent(sent_of(f"call-{number}"))
            await ledger.store(f"call-{number}", request_of(str(number)), completion_of(str(number)), 0.5)

        async with anyio.create_task_group() as group:
            for number in range(200):
                group.start_soon(call, number)
            await anyio.sleep(0.1)
            await anyio.to_thread.run_sync(lambda: postgres.stop(at_once=True))
            await anyio.to_thread.run_sync(postgres.start)
        assert Usage(calls=200, prompt_tokens=1400, completion_tokens=1000, usd=100.0) == await ledger.spent("run-1")
        for number in range(200):
            assert completion_of(str(number)) == await ledger.completion(request_of(str(number)).key)

    async def test_stopped(
        self, address: str, postgres: PostgresServer, sent_of: SentOf, request_of: RequestOf, completion_of: CompletionOf
    ) -> None:
        """If it does not come back in time, what waits fails in one line, and nothing of it is kept; then it works again."""
        ledger = await PostgresLedger.open(address, patience=0.3)
        await ledger.store("call-1", request_of("q"), completion_of("a"), None)
        await anyio.to_thread.run_sync(lambda: postgres.stop(at_once=True))
        try:
            ledger.sent(sent_of("call-2"))
            await anyio.sleep(0.1)
            with pytest.raises(StorageError, match="no PostgreSQL server answers there") as caught:
                await ledger.store("call-2", request_of("p"), completion_of("b"), None)
            assert "\n" not in str(caught.value)
        finally:
            await anyio.to_thread.run_sync(postgres.start)
        with suppress(StorageError):  # that of `sent`, unless it came with the one above
            await ledger.runs()
        assert completion_of("a") == await ledger.completion(request_of("q").key)
        assert None is await ledger.completion(request_of("p").key)
        await ledger.store("call-2", request_of("p"), completion_of("b"), None)
        assert completion_of("b") == await ledger.completion(request_of("p").key)
        await ledger.aclose()

    async def test_connection_ended(
        self, ledger: PostgresLedger, address: str, postgres: PostgresServer, request_of: RequestOf, completion_of: CompletionOf
    ) -> None:
        """A connection that the server ended while nothing was going on is made anew, unnoticed."""
        await ledger.store("call-1", request_of("q"), completion_of("a"), None)
        ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'contemplate'"
        assert [(True,)] == postgres.execute(address, ours)
        assert completion_of("a") == await ledger.completion(request_of("q").key)

    async def test_answer_to_the_commit_is_lost(
        self, address: str, postgres: PostgresServer, sent_of: SentOf, request_of: RequestOf, completion_of: CompletionOf
    ) -> None:
        """A transaction that was committed without our hearing of it is done again, with no effect and no complaint."""
        with Proxy(postgres.port) as proxy:
            ledger = await PostgresLedger.open(address.replace(f":{postgres.port}/", f":{proxy.port}/"))
            proxy.deaf.set()
            ledger.sent(sent_of("call-1"))
            await ledger.store("call-1", request_of("q"), completion_of("a"), 0.5)
            assert proxy.swallowed > 0
            assert Usage(calls=1, prompt_tokens=7, completion_tokens=5, usd=0.5) == await ledger.spent("run-1")
            assert completion_of("a") == await ledger.completion(request_of("q").key)
            await ledger.aclose()


def _until_waiting(address: str) -> None:
    """Until somebody waits for a lock there."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as watcher:
        while watcher.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() == (0,):
            time.sleep(0.005)


class Proxy:
    """Stands between a client and the server. Once it is `deaf`, the server's next answer is swallowed and its connection cut."""

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.deaf = threading.Event()
        self.swallowed = 0
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        for end in self._sockets:
            self._cut(end)
        for thread in self._threads:
            thread.join()
        for end in (self._listener, *self._sockets):
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server_port))
                self._sockets += [client, server]
                for way in ((client, server, False), (server, client, True)):
                    self._threads.append(threading.Thread(target=self._pump, args=way))
                    self._threads[-1].start()

    def _pump(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if answers and self.deaf.is_set():
                    self.swallowed += len(data)
                    self.deaf.clear()
                    break
                sink.sendall(data)
        self._cut(source)
        self._cut(sink)

    @staticmethod
    def _cut(end: socket.socket) -> None:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
