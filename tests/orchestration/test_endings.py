"""How a run ends when something beside the models goes wrong: a listener, a step's own code, the ledger."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from contemplate import (
    Event,
    InputError,
    Orchestrator,
    Request,
    RunEnded,
    ScriptedBackend,
    TurnEnded,
    Vote,
    solve,
    solve_sync,
    stream,
)
from contemplate.errors import ProgramError, StorageError
from contemplate.ledger.database import Database
from contemplate.ledger.tables import TableLedger
from contemplate.steps import Panel
from contemplate.trace.events import Noted, Telling
from contemplate.voting import RULES

DEBATE = "multiagent-debate"


def answers(request: Request) -> str:
    """Seats that agree, each in words of its own."""
    return f"For reason {request.draw}.\nAnswer: 1"


async def state_of(path: Path) -> list[str]:
    """What the ledger says of its runs."""
    async with Orchestrator(ledger=path) as orchestrator:
        return [record.state for record in await orchestrator.ledger.runs()]


def raising(kind: type[Event], error: Exception) -> Callable[[Event], None]:
    """A listener that breaks at events of a kind."""

    def listen(event: Event) -> None:
        if isinstance(event, kind):
            raise error

    return listen


class TestListeners:
    """A broken listener never costs a paid run."""

    @pytest.mark.parametrize("kind", [TurnEnded, RunEnded])
    @pytest.mark.parametrize("error", [ValueError("no such panel"), InputError("no such file"), StorageError("full")])
    async def test_broken(self, tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: type[Event], error: Exception) -> None:
        """The outcome comes, the run is finished, and the log says once what was wrong."""
        backend = ScriptedBackend(answers)
        with caplog.at_level(logging.WARNING, logger="contemplate"):
            async with Orchestrator(["m"], backend=backend, ledger=tmp_path / "l.db") as orchestrator:
                outcome = await orchestrator.solve("1?", DEBATE, answer="number", on_event=raising(kind, error))
        assert "1" == outcome.answer
        assert ["finished"] == await state_of(tmp_path / "l.db")
        assert ["observer failed"] == [record.getMessage() for record in caplog.records]

    def test_asynchronous(self, caplog: pytest.LogCaptureFixture) -> None:
        """A coroutine function is no listener: it is logged, and leaves no coroutine that was never awaited."""

        async def listen(event: Event) -> None:
            """Wait for nothing."""

        with caplog.at_level(logging.WARNING, logger="contemplate"):
            Telling("r", [listen])(Noted("hello"))  # type: ignore[list-item]
        assert ["observer failed"] == [record.getMessage() for record in caplog.records]

    def test_the_others_are_told(self) -> None:
        """One that breaks keeps nothing from those after it, and is told of what comes later."""
        heard: list[str] = []
        observers = Telling("r", [raising(Noted, KeyError("x")), lambda event: heard.append(type(event).__name__)])
        observers(Noted("one"))
        observers(Noted("two"))
        assert ["Noted", "Noted"] == heard

    async def test_cancelling_listener(self, tmp_path: Path) -> None:
        """A listener may still end the run from the outside, by the scope around it."""
        with anyio.CancelScope() as scope:
            async with Orchestrator(["m"], backend=ScriptedBackend(answers), ledger=tmp_path / "l.db") as orchestrator:
                await orchestrator.solve("1?", DEBATE, answer="number", on_event=lambda _: scope.cancel())
        assert scope.cancelled_caught
        assert ["interrupted"] == await state_of(tmp_path / "l.db")


async def broken(self: Vote, run: object, panel: Panel) -> Panel:  # noqa: ARG001 - what a step takes
    """A step with a mistake in it, which comes out when there is an answer."""
    await panel.positions[0]
    raise KeyError("no such seat")


class TestSteps:
    """A step's own exception is the typed error, with the step's name."""

    async def test_broken(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The run is interrupted, and goes on once the step is mended, without paying again."""
        backend = ScriptedBackend(answers)
        async with Orchestrator(["m"], backend=backend, ledger=tmp_path / "l.db") as orchestrator:
            with monkeypatch.context() as patch:
                patch.setattr(Vote, "__call__", broken)
                with pytest.raises(ProgramError, match=r"^step 2\.vote: KeyError: 'no such seat'$"):
                    await orchestrator.solve("1?", "self-consistency", answer="number")
            (record,) = await orchestrator.ledger.runs()
            paid = len(backend.requests)
            outcome = await orchestrator.resume(record.run)
        assert "interrupted" == record.state
        assert "1" == outcome.answer
        assert outcome.usage.calls == len(backend.requests)
        assert 0 < paid <= len(backend.requests) == 5

    async def test_broken_rule(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A rule that raises an exception is a mistake in the step that counts by it."""

        def count(*_: object) -> None:
            raise ZeroDivisionError("no votes")

        monkeypatch.setattr(type(RULES["plurality"]), "count", count)
        with pytest.raises(ProgramError, match=r"^step 2\.vote: ZeroDivisionError: no votes$"):
            await solve("1?", "self-consistency", answer="number", backend=ScriptedBackend(answers), ledger=tmp_path / "l.db")
        assert ["interrupted"] == await state_of(tmp_path / "l.db")

    def test_broken_in_solve_sync(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The same out of a thread's loop."""
        monkeypatch.setattr(Vote, "__call__", broken)
        with pytest.raises(ProgramError, match=r"step 2\.vote"):
            solve_sync("1?", "self-consistency", answer="number", backend=ScriptedBackend(answers), ledger=":memory:")

    async def test_broken_in_a_stream(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The same out of a stream."""
        monkeypatch.setattr(Vote, "__call__", broken)
        with pytest.raises(ProgramError, match=r"step 2\.vote"):
            async for _ in stream("1?", "self-consistency", answer="number", backend=ScriptedBackend(answers), ledger=":memory:"):
                pass


def drop_completions(database: Database) -> None:
    """Take away where replies are stored."""
    database.execute("DROP TABLE completions")


def fill(database: Database) -> None:
    """Leave the file no room to grow."""
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count = {pages}").fetchone()


class TestStorage:
    """What can't be stored must not be paid for: the run ends, and is closed if that can be."""

    @pytest.mark.parametrize("kind", ["path", "address"])
    async def test_no_table(self, request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> None:
        """A write that fails inside a turn's task ends the run, on either kind of ledger, before the next round is asked."""
        place = tmp_path / "l.db" if kind == "path" else request.getfixturevalue("address")
        ledgers: list[TableLedger] = []

        async def break_ledger(_: Request) -> str:
            await ledgers[0]._writer.ask(drop_completions, writes=True)
            return "Answer: 1"

        backend = ScriptedBackend(break_ledger)
        async with Orchestrator(["m"], backend=backend, ledger=place) as orchestrator:
            assert isinstance(orchestrator.ledger, TableLedger)
            ledgers.append(orchestrator.ledger)
            with pytest.raises(StorageError, match="the ledger failed"):
                await orchestrator.solve("1?", DEBATE, answer="number")
            states = [record.state for record in await orchestrator.ledger.runs()]
        assert len(backend.requests) <= 3
        assert ["interrupted"] == states

    async def test_disk_full(self, tmp_path: Path) -> None:
        """The line says what to do; the run can be resumed once there is room."""
        full: list[TableLedger] = []

        async def long_reply(request: Request) -> str:
            if full:
                await full.pop()._writer.ask(fill)
            return "so " * 20_000 + answers(request)

        async with Orchestrator(["m"], backend=ScriptedBackend(long_reply), ledger=tmp_path / "l.db") as orchestrator:
            assert isinstance(orchestrator.ledger, TableLedger)
            full.append(orchestrator.ledger)
            with pytest.raises(StorageError, match="the disk is full; free some space and resume"):
                await orchestrator.solve("1?", DEBATE, answer="number")
        async with Orchestrator(["m"], backend=ScriptedBackend(answers), ledger=tmp_path / "l.db") as orchestrator:
            (record,) = await orchestrator.ledger.runs()
            assert "finished" != record.state
            assert "1" == (await orchestrator.resume(record.run)).answer

    async def test_file_removed(self, tmp_path: Path) -> None:
        """A file without a name would keep nothing, so nothing more is paid for."""

        def remove(request: Request) -> str:
            (tmp_path / "l.db").unlink(missing_ok=True)
            return answers(request)

        backend = ScriptedBackend(remove)
        with pytest.raises(StorageError, match="the ledger's file was removed or replaced while it was in use"):
            await solve("1?", DEBATE, answer="number", models=["m"], backend=backend, ledger=tmp_path / "l.db")
        assert len(backend.requests) <= 3
