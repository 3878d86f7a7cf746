"""What a ledger is asked for while runs are done: nothing of it takes longer the more there is in the ledger."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from contemplate import Orchestrator, ScriptedBackend
from contemplate.ledger.sqlite import _SQLite

GROWING = ("runs", "turns", "calls", "completions", "blobs", "messages")
"""The tables that grow with what is done."""


async def test_no_run_looks_at_all_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked, asked again, gone on with, replayed, forked, read by the beginning of its id: by an index each time."""
    plans: dict[str, list[str]] = {}
    execute = _SQLite.execute

    def watched(self: _SQLite, sql: str, parameters: Sequence[object] = ()) -> sqlite3.Cursor:
        if sql not in plans and sql.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            plans[sql] = [row[3] for row in execute(self, f"EXPLAIN QUERY PLAN {sql}", parameters).fetchall()]
        return execute(self, sql, parameters)

    monkeypatch.setattr(_SQLite, "execute", watched)
    async with Orchestrator("m", backend=ScriptedBackend(lambda _: "Answer: 4"), ledger=tmp_path / "l.db") as one:
        for _ in range(2):
            outcome = await one.solve("2 + 2?", "multiagent-debate", answer="number")
        await one.replay(outcome.run)
        await one.fork(outcome.run, without_seats=[2])
        assert (await one.run(outcome.run[:-2])).run == outcome.run
        await one.solve("3 + 1?", "contemplating", answer="number")  # learns from the newest runs
        assert len(await one.runs(2)) == 2

    scans = {sql: step for sql, steps in plans.items() for step in steps if step.startswith(tuple(f"SCAN {t}" for t in GROWING))}
    assert len(plans) > 10
    assert scans == {}
