"""The ledgers of earlier formats open, and their runs replay to the byte; see tests/golden/make.py."""

from __future__ import annotations

import gzip
import json
import sqlite3
from pathlib import Path

import pytest

from contemplate import Orchestrator, ScriptedBackend

FORMATS = sorted(path for path in Path(__file__).parent.glob("format-*"))


def unpacked(folder: Path, to: Path) -> Path:
    """The ledger of a format, ready to be opened."""
    file = to / "ledger.db"
    file.write_bytes(gzip.decompress((folder / "ledger.db.gz").read_bytes()))
    return file


def stored(file: Path) -> dict[str, list[tuple[str, list[list[str]]]]]:
    """What a ledger holds of each run's turns, as it stands there: the JSON text of a turn, and what it saw."""
    with sqlite3.connect(file) as database:
        rows = database.execute("SELECT run, turn, sees FROM turns ORDER BY run, place").fetchall()
    found: dict[str, list[tuple[str, list[list[str]]]]] = {}
    for run, turn, sees in rows:
        found.setdefault(run, []).append((turn, json.loads(sees)))
    return found


@pytest.mark.parametrize("folder", FORMATS, ids=lambda folder: folder.name)
async def test_replays_to_the_byte(folder: Path, tmp_path: Path) -> None:
    """Every run comes out as it stands in the ledger, and nothing is called."""
    file = unpacked(folder, tmp_path)
    runs = stored(file)
    backend = ScriptedBackend([])
    async with Orchestrator(["m", "n"], backend=backend, ledger=file) as orchestrator:
        for run, turns in runs.items():
            outcome, difference = await orchestrator.replay(run)
            assert difference is None, run
            ours = [
                (turn.model_dump_json(), [list(sight) for sight in outcome.trace.saw(turn.id)]) for turn in outcome.trace.turns
            ]
            assert turns == ours
    assert backend.requests == []
    assert len(runs) > 60
