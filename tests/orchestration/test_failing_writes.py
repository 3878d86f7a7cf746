"""A disk that is full, or fails, at every write of the ledger: the run ends with the reason, and goes on from there later.

As in `test_crashes.py`, but the process lives, and is told of the error. The disk fails at one write only, or
from there on.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from contemplate import Orchestrator, Request, ScriptedBackend, Settings
from contemplate.errors import DiskFullError, StorageError
from contemplate.ledger import sqlite

PUBLIC = Settings(secret="public")  # so that each ledger has the same prompts
ERRORS = {"full": ("SQLITE_FULL", "database or disk is full"), "fails": ("SQLITE_IOERR_FSYNC", "disk I/O error")}
_AT_ONCE = {"contemplating": 4}
"""How many calls a seat makes at once, where it is more than one."""


class Disk:
    """The disk below a ledger, which fails at the write of a number: a statement, or a commit."""

    def __init__(self, kind: str = "fails", fatal: int = 0, *, ever_since: bool = False) -> None:
        self.kind, self.fatal, self.ever_since, self.writes = kind, fatal, ever_since, 0

    def write(self) -> None:
        """One more write."""
        self.writes += 1
        if self.fatal and (self.writes == self.fatal or (self.ever_since and self.writes > self.fatal)):
            name, words = ERRORS[self.kind]
            error = sqlite3.OperationalError(words)
            error.sqlite_errorname = name
            raise error


class Connection:
    """A connection to a file whose writes go to that disk."""

    def __init__(self, path: str, busy_seconds: float, disk: Disk) -> None:
        self._inner, self._disk = sqlite.open_database(path, busy_seconds), disk

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> sqlite3.Cursor:
        """Let a statement through, unless it is the fatal one."""
        if sql.startswith(("INSERT", "UPDATE", "DELETE", "COMMIT")):
            self._disk.write()
        return self._inner.execute(sql, parameters)

    @property
    def in_transaction(self) -> bool:
        """Whether one is open."""
        return self._inner.in_transaction

    def close(self) -> None:
        """Close it."""
        self._inner.close()


def says(request: Request) -> str:
    """Half of the seats are wrong at first; what is asked decides, so that it is the same each time."""
    answer = 42 - (sum(map(ord, str(request.messages))) + request.draw) % 2
    return f"I think so.\nConfidence: 70 %\nScore: 7\nVerdict: sound\nAnswer: {answer}"


def on(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ledgers that are opened from now on lie on that disk."""

    def begin(self: Any, path: str, busy_seconds: float) -> None:
        self._path, self._absolute = path, Path(path).absolute()
        self._connection = Connection(path, busy_seconds, disk)
        self._file = self._found()

    monkeypatch.setattr(sqlite._SQLite, "__init__", begin)


async def attempt(file: Path, strategy: str, seats: int) -> tuple[Counter[str], StorageError | None]:
    """Solve on whatever disk there is; how often each reply was asked for, and what it ended with."""
    backend, failed = ScriptedBackend(says), None
    try:
        async with Orchestrator(["m"], backend=backend, ledger=file, settings=PUBLIC) as orchestrator:
            await orchestrator.solve("What is 6 * 7?", strategy, answer="number", parameters={"seats": seats})
    except StorageError as error:
        failed = error
    return Counter(request.key for request in backend.requests), failed


async def resume(file: Path) -> tuple[Counter[str], set[str], dict[str, Any] | None]:
    """Resume the only run of a ledger: what was asked for, the keys that were there before, and the outcome; None: no run."""
    backend = ScriptedBackend(says)
    async with Orchestrator(["m"], backend=backend, ledger=file, settings=PUBLIC) as orchestrator:
        kept, records = set(await orchestrator.ledger.keys()), await orchestrator.runs()
        if not records:
            return Counter(), kept, None
        (record,) = records
        outcome = await orchestrator.resume(record.run)
        assert not (await orchestrator.replay(record.run)).differences
        assert "finished" == (await orchestrator.run(record.run)).state
    asked = Counter(request.key for request in backend.requests)
    return asked, kept, {"answer": outcome.answer, "turns": [turn.model_dump() for turn in outcome.trace.turns]}


def fail_everywhere(folder: Path, monkeypatch: pytest.MonkeyPatch, strategy: str, seats: int, step: int) -> int:
    """Fail at each `step`-th write, in each way, and resume; how many times something failed."""
    sound = Disk()
    on(sound, monkeypatch)
    every, failed = asyncio.run(attempt(folder / "whole.db", strategy, seats))
    _, _, whole = asyncio.run(resume(folder / "whole.db"))
    assert failed is None
    assert whole is not None
    failures = 0
    for number in range(1, sound.writes + 1, step):
        for kind in ERRORS:
            for ever_since in (False, True):
                file = folder / f"{kind}-{number}-{ever_since}.db"
                disk = Disk(kind, number, ever_since=ever_since)
                on(disk, monkeypatch)
                before, failed = asyncio.run(attempt(file, strategy, seats))
                assert failed is None or isinstance(failed, DiskFullError) is (kind == "full"), failed
                failures += disk.writes >= number
                on(Disk(), monkeypatch)
                after, kept, outcome = asyncio.run(resume(file))
                where = (kind, number, ever_since)
                assert not kept & after.keys(), where
                if outcome is None:
                    assert not before, where  # nothing is paid for by a run that could not be begun
                    continue
                assert whole == outcome, where
                assert every.keys() == (before + after).keys(), where
                assert (before + after).total() - every.total() <= seats * _AT_ONCE.get(strategy, 1), where
    return failures


def test_self_consistency(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two samples, every third write."""
    assert fail_everywhere(tmp_path, monkeypatch, "self-consistency", 2, 3) >= 12


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.parametrize(
    ("strategy", "seats"),
    [
        ("self-consistency", 3),
        ("multiagent-debate", 3),
        ("contemplating", 2),
        ("best-of-n", 3),
        ("reconcile", 3),
        ("mixture-of-agents", 2),
    ],
)
def test_every_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, strategy: str, seats: int) -> None:
    """Each of six strategies, every write (every fourth of the longest run), both errors, once and ever since."""
    failures = fail_everywhere(tmp_path, monkeypatch, strategy, seats, 4 if strategy == "contemplating" else 1)
    print(f"{strategy}: {failures} failed writes")
    assert failures >= 40
