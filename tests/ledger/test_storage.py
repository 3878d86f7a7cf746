"""Which error a ledger raises when: before it was open the user's mistake, afterwards a failure of storage."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from contemplate import Orchestrator, ScriptedBackend
from contemplate.errors import ContemplateError, LedgerError, StorageError
from contemplate.ledger import leases, open_ledger
from contemplate.ledger.database import ConnectionLostError, Database, HeldError
from contemplate.ledger.leases import Leases
from contemplate.ledger.sqlite import SQLiteLedger
from contemplate.ledger.writer import Writer
from contemplate.types import Completion, Request


class Connection:
    """A database that fails as it is told to."""

    def __init__(self, error: ContemplateError | None = None) -> None:
        self._error = error

    def execute(self, sql: str, parameters: object = ()) -> None:  # noqa: ARG002 - a Database's
        """Fail, or do nothing."""
        if self._error is not None:
            raise self._error

    def transaction(self, *, writes: bool) -> AbstractContextManager[None]:  # noqa: ARG002 - a Database's
        """Run what is inside."""
        return nullcontext()

    def close(self) -> None:
        """Let go of nothing."""


def failing(*outcomes: Connection | ContemplateError) -> Callable[[], Database]:
    """Opens the one after the other."""
    waiting = list(outcomes)

    def connect() -> Database:
        if isinstance(outcome := waiting.pop(0), ContemplateError):
            raise outcome
        return outcome  # type: ignore[return-value]

    return connect


@pytest.mark.parametrize("error", [LedgerError("no"), StorageError("no"), ConnectionLostError("no"), HeldError("no")])
async def test_never_open(error: ContemplateError) -> None:
    """What keeps a ledger from being opened is for the user to mend, whatever it is."""
    writer = Writer("l", failing(error))
    with pytest.raises(LedgerError, match=r"^no$"):
        await writer.ask(lambda _: None)
    await writer.aclose()


async def test_not_opened_again() -> None:
    """A server that went away and refuses us when it is back has failed in the middle."""
    lost = Connection(ConnectionLostError("gone"))
    writer = Writer("l", failing(lost, LedgerError("refused")), patience=5)
    with pytest.raises(StorageError, match=r"^refused$"):
        await writer.ask(lambda database: database.execute("SELECT 1"))
    await writer.aclose()


async def test_an_exception_of_its_own_is_a_failure_of_storage() -> None:
    """Whatever keeps a value from being stored."""

    def work(_: Database) -> None:
        raise OSError(errno.EIO, "input/output error")

    writer = Writer("l", failing(Connection()))
    with pytest.raises(StorageError, match=r"l: the ledger: OSError: .*input/output error"):
        await writer.ask(work)
    await writer.aclose()


@pytest.mark.parametrize("change", ["removed", "replaced"])
async def test_removed(
    path: Path, request_of: Callable[[str], Request], completion_of: Callable[[str], Completion], change: str
) -> None:
    """A file that lost its name, perhaps to another file, is not written to any more."""
    ledger = await SQLiteLedger.open(path)
    path.rename(path.with_suffix(".old"))
    if change == "replaced":
        path.touch()
    with pytest.raises(StorageError, match="removed or replaced while it was in use"):
        await ledger.store("call-1", request_of("q"), completion_of("a"), None)
    path.with_suffix(".old").replace(path)
    await ledger.store("call-1", request_of("q"), completion_of("a"), None)
    await ledger.aclose()


async def test_a_heart_that_cannot_beat_waits(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a holder has to write goes wrong while a run waits for a model: it is tried again in a second, and not at once."""
    tried: list[bool] = []
    over = Leases.over

    def counted(self: Leases, *, committed: bool) -> None:
        tried.append(committed)
        over(self, committed=committed)

    monkeypatch.setattr(Leases, "over", counted)
    monkeypatch.setattr(leases, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(leases, "_AGAIN_SECONDS", 0.2)
    ledger = await SQLiteLedger.open(path)
    await ledger.hold("run-1", lambda: None)
    path.rename(path.with_suffix(".old"))
    tried.clear()
    await asyncio.sleep(0.7)
    assert 1 <= tried.count(False) <= 5
    path.with_suffix(".old").replace(path)
    await asyncio.sleep(0.4)
    assert tried[-1]
    await ledger.aclose()


async def test_relative_path(path: Path, monkeypatch: pytest.MonkeyPatch, request_of: Callable[[str], Request]) -> None:
    """A program may change its folder while the ledger is open."""
    monkeypatch.chdir(path.parent)
    ledger = await SQLiteLedger.open(path.name)
    (path.parent / "other").mkdir()
    monkeypatch.chdir(path.parent / "other")
    await ledger.store("call-1", request_of("q"), Completion(text="a"), None)
    assert Completion(text="a") == await ledger.completion(request_of("q").key)
    await ledger.aclose()


async def test_shared_is_of_one_ledger(path: Path) -> None:
    """One ledger that others write to changes nothing about the next."""
    shared = await open_ledger(path, shared=True)
    alone = await open_ledger(path)
    assert (True, False) == (shared.shared, alone.shared)
    assert not SQLiteLedger.shared
    await shared.aclose()
    await alone.aclose()


async def test_a_server_is_always_shared(address: str) -> None:
    """Others may write to it from other machines."""
    ledger = await open_ledger(address)
    assert ledger.shared
    await ledger.aclose()


async def test_somebody_else_was_the_first(path: Path) -> None:
    """A call gives the reply that another process stored first, whether or not the file was said to be shared."""

    async def answer_of_two(*, shared: bool) -> str | None:
        ledger = await open_ledger(path.with_name(f"{shared}.db"), shared=shared)

        async def overtaken(request: Request) -> str:
            await ledger.store("", request, Completion(text="Answer: 1"), None)
            return "Answer: 2"

        async with Orchestrator(["m"], backend=ScriptedBackend(overtaken), ledger=ledger) as orchestrator:
            outcome = await orchestrator.solve("1?", "single", answer="number")
        await ledger.aclose()
        return outcome.answer

    assert "1" == await answer_of_two(shared=True)
    assert "1" == await answer_of_two(shared=False)
