"""The ledgers of earlier formats open, and their runs replay to the byte; see tests/golden/make.py.

But for two things. In format 1 each step that decided in place of a count worked out margin and confidence in a way of its own,
and some were wrong (docs/decisions/023-one-maker-of-decisions.md). A replay works them out anew, and says that they differ.
And weights were added up as binary fractions, so that 0.1 and 0.2 were not 0.3: they are decimals now, and where votes have
weights sums, margins and confidences differ in their last digits.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
from pathlib import Path

import pytest

from contemplate import Orchestrator, ScriptedBackend
from contemplate.orchestration.run_spec import RunSpec
from contemplate.types import Json, canonical_json

FORMATS = sorted(path for path in Path(__file__).parent.glob("format-*"))


def unpacked(folder: Path, to: Path) -> Path:
    """The ledger of a format, ready to be opened."""
    file = to / "ledger.db"
    file.write_bytes(gzip.decompress((folder / "ledger.db.gz").read_bytes()))
    return file


def stored(file: Path) -> dict[str, list[Json]]:
    """What a ledger holds of each run's turns, as it stands there: the JSON of a turn, and what it saw."""
    with sqlite3.connect(file) as database:
        rows = database.execute("SELECT run, turn, sees FROM turns ORDER BY run, place").fetchall()
    found: dict[str, list[Json]] = {}
    for run, turn, sees in rows:
        found.setdefault(run, []).append({**json.loads(turn), "sees": json.loads(sees)})
    return found


RULINGS = {
    *("synthesis", "select by agent", "select by score", "select by random", "best", "knockout", "league", "first-state"),
    *("moderator", "judge", "accepted", "mean-score"),
}
"""The decisions that somebody or something took in place of a count, by their rule."""
TAKEN = (" consensus", " (no consensus: the solution on the table)")
"""How the rules of the others end, those of `discussion-vote`."""
WEIGHED = {"reconcile", "deepconf", "confidence-consistency"}
"""The strategies whose votes have weights, and the only ones whose figures are compared to so many places behind the point."""
DIGITS = 12
MENDED = {"margin", "confidence", "dissent"}
"""What of them was wrong in format 1."""


def rounded(decision: Json) -> Json:
    """A decision whose figures have no more digits than decimals and binary fractions agree on."""
    tally = [{**row, "weight": round(row["weight"], DIGITS)} for row in decision["tally"]]
    return {**decision, "tally": tally, **{name: round(decision[name], DIGITS) for name in ("margin", "confidence")}}


def kept(turn: Json, strategy: str) -> Json:
    """What of a turn must come out to the byte: all of it, but for what was wrong in a ruling."""
    decision = turn["decision"]
    if decision is None:
        return turn
    if strategy in WEIGHED:
        turn = {**turn, "decision": (decision := rounded(decision))}
    if not (decision["rule"] in RULINGS or decision["rule"].endswith(TAKEN) or decision["tie_break"] == "judge"):
        return turn
    return {**turn, "decision": {name: value for name, value in decision.items() if name not in MENDED}}


@pytest.mark.parametrize("folder", FORMATS, ids=lambda folder: folder.name)
async def test_replays_to_the_byte(folder: Path, tmp_path: Path) -> None:
    """Every run comes out as it stands in the ledger, but for what was wrong in rulings, and nothing is called."""
    file = unpacked(folder, tmp_path)
    runs = stored(file)
    backend = ScriptedBackend([])
    async with Orchestrator(["m", "n"], backend=backend, ledger=file) as orchestrator:
        for run, turns in runs.items():
            replay = await orchestrator.replay(run)
            outcome, difference = replay.outcome, replay.difference
            ours = [{name: row[name] for name in turn} for row, turn in zip(outcome.trace.canonical(), turns, strict=True)]
            strategy = (await orchestrator.run(run)).spec["strategy"]["name"]
            theirs, now = ([canonical_json(kept(turn, strategy)) for turn in side] for side in (turns, ours))
            assert theirs == now, strategy
            mended = [turn["id"] for turn, row in zip(turns, ours, strict=True) if turn != row]
            assert difference == (f"turn {mended[0]}: decision" if mended else None), run
    assert backend.requests == []
    assert len(runs) > 60


@pytest.mark.parametrize("folder", FORMATS, ids=lambda folder: folder.name)
async def test_specs_are_written_as_they_were(folder: Path, tmp_path: Path) -> None:
    """To the byte: the cells of experiments are named after the digest of their specs, and must be found again."""
    async with Orchestrator(["m"], backend=ScriptedBackend([]), ledger=unpacked(folder, tmp_path)) as orchestrator:
        records = await orchestrator.runs()

    assert len(records) > 60
    for record in records:
        ours = RunSpec.stored(record.run, record.spec).model_dump_json()
        assert json.dumps(record.spec, separators=(",", ":"), ensure_ascii=False) == ours
