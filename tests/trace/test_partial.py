"""Of a trace file that was cut off or damaged, what is whole is opened, and what is missing is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contemplate import InputError, Orchestrator, ScriptedBackend
from contemplate.trace import PartialTrace, TraceFile
from contemplate.trace.lines import trace_text
from contemplate.viewer import StoredRun, page, page_model

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("format-*/*.jsonl"))
ONE = GOLDEN[0]


@pytest.fixture
async def written(tmp_path: Path) -> Path:
    """A trace file with digests: three seats, and their vote."""
    backend = ScriptedBackend(lambda _: "Answer: 42")
    async with Orchestrator(["m"], backend=backend, ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve("6 * 7?", "self-consistency", parameters={"seats": 3})
    outcome.write_trace(tmp_path / "trace.jsonl")
    return tmp_path / "trace.jsonl"


def edited(file: Path, number: int, **fields: object) -> None:
    """Change a line, counted from 0; without fields, take it out."""
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[number] = json.dumps({**json.loads(lines[number]), **fields})
    file.write_text("".join(f"{line}\n" for at, line in enumerate(lines) if fields or at != number), encoding="utf-8")


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: file.stem)
def test_of_a_whole_file_nothing_is_missing(file: Path) -> None:
    """The same turns, edges, times and outcome."""
    whole, partial = TraceFile.read(file), PartialTrace.read(file)
    assert () == partial.missing
    assert list(whole.trace.rows()) == list(partial.trace.rows())
    assert (whole.head, whole.outcome) == (partial.head, partial.outcome)


def test_a_file_that_was_cut_off_has_its_beginning(tmp_path: Path) -> None:
    """All turns before the cut, and a word on the line in which it was cut, and on the outcome."""
    file, whole = tmp_path / "trace.jsonl", TraceFile.read(ONE)
    lines = ONE.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:5]) + lines[5][:100])
    partial = PartialTrace.read(file)
    assert [turn.id for turn in whole.trace.turns][:4] == [turn.id for turn in partial.trace.turns]
    assert partial.outcome is None
    assert partial.missing[0].startswith("line 6: left out: no JSON object (")
    assert partial.missing[1:] == ("there is no outcome: the file was cut off, or its last line is damaged",)


def test_a_turn_that_was_changed_is_left_out(written: Path) -> None:
    """The digest on the last line tells; what the decision saw of it goes, too."""
    edited(written, 2, text="Answer: 41")
    with pytest.raises(InputError, match=":3: changed since it was written"):
        TraceFile.read(written)
    partial = PartialTrace.read(written)
    assert ["seat-1", "seat-3"] == [turn.seat for turn in partial.trace.turns if turn.on_panel]
    assert partial.outcome is not None
    changed, saw = partial.missing
    assert changed.startswith("line 3: left out: turn ")
    assert changed.endswith(" was changed since it was written")
    assert " saw what is missing: " in saw


def test_a_turn_that_was_taken_out_is_counted(written: Path) -> None:
    """Others keep their digests wherever they stand now."""
    edited(written, 2)
    partial = PartialTrace.read(written)
    assert 3 == len(partial.trace)
    assert "1 of the 4 turns that were written can't be read" in partial.missing


def test_an_outcome_or_a_question_that_was_changed_is_said(written: Path) -> None:
    """The one is left out; without the other there would be nothing."""
    edited(written, -1 + len(written.read_text().splitlines()), answer="41")
    edited(written, 0, seed=7)
    partial = PartialTrace.read(written)
    assert (4, None) == (len(partial.trace), partial.outcome)
    assert partial.missing == (
        "line 1: what was asked was changed since it was written",
        "the outcome was changed since it was written, and is left out",
    )


def test_what_stands_twice_or_behind_the_end_is_left_out(tmp_path: Path) -> None:
    """And a line that is neither."""
    lines = ONE.read_text(encoding="utf-8").splitlines()
    last = {name: value for name, value in json.loads(lines[-1]).items() if name != "digests"}
    file = tmp_path / "trace.jsonl"
    file.write_text("\n".join([*lines[:2], lines[1], '{"type": "\\u001b[31m"}', json.dumps(last), lines[2]]), encoding="utf-8")
    partial = PartialTrace.read(file)
    assert 1 == len(partial.trace)
    neither, behind, twice = partial.missing
    assert neither == "line 4: left out: neither a turn nor the outcome, or a turn too many"
    assert behind == "line 6: stands behind the outcome, with which a trace file ends; left out"
    assert twice.startswith("line 3: left out: turn ")


def test_long_lines_are_passed_over_and_what_is_told_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows an endless line is read; a thousand broken lines are not named one by one."""
    lines = ONE.read_bytes().splitlines()
    monkeypatch.setattr("contemplate.trace.lines.LONGEST", max(map(len, lines)) + 1)
    file = tmp_path / "trace.jsonl"
    file.write_bytes(b"\n".join([lines[0], b" " * 1_000_000, *[b"no"] * 1000, lines[1]]))
    partial = PartialTrace.read(file)
    assert 1 == len(partial.trace)
    assert "line 2: left out: longer than" in partial.missing[0]
    assert 21 == len(partial.missing)
    assert "982 more lines are missing or damaged" == partial.missing[-1]


@pytest.mark.parametrize(
    "content", [b"", b"[]\n", b'{"type": "run", "format": 2}\n', b" " * 100], ids=["empty", "list", "newer", "blank"]
)
def test_without_its_first_line_nothing_is_opened(tmp_path: Path, content: bytes) -> None:
    """Nobody could tell what was asked; a later format might mean something else."""
    file = tmp_path / "trace.jsonl"
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"trace\.jsonl:1: "):
        PartialTrace.read(file)


def with_digests(source: Path) -> list[bytes]:
    """The lines of a trace file of an earlier version, as they are written now; without digests some losses can't be told."""
    head, *rows, outcome = map(json.loads, source.read_bytes().splitlines())
    for row in (head, outcome):
        del row["type"]
    del head["format"]
    return trace_text(head, rows, outcome).encode().splitlines()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_damaged_can_be_opened_and_drawn(data: st.DataObject, tmp_path: Path) -> None:
    """Lines are taken out, doubled, cut or overwritten: what is left has no turn that was not there, and makes a page."""
    source = data.draw(st.sampled_from(GOLDEN[:6]))
    first, *lines = with_digests(source)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        how = data.draw(st.sampled_from(["out", "twice", "cut", "other"]))
        cut = data.draw(st.integers(0, len(lines[at])))
        lines[at : at + 1] = {"out": [], "twice": [lines[at]] * 2, "cut": [lines[at][:cut]], "other": [b"{}"]}[how]
        lines = lines or [b""]
    file = tmp_path / "trace.jsonl"
    file.write_bytes(b"\n".join([first, *lines]))
    partial = PartialTrace.read(file)
    whole = {turn.id: turn for turn in TraceFile.read(source).trace.turns}
    assert all(whole[turn.id] == turn for turn in partial.trace.turns)
    assert partial.missing or len(whole) == len(partial.trace)
    assert "</html>" in page(page_model(StoredRun.of_file(partial)))


@pytest.mark.parametrize("decision", [{"rule": 7}, "B", ...], ids=["fields", "text", "none"])
def test_an_outcome_whose_decision_can_not_be_read_is_none(tmp_path: Path, decision: object) -> None:
    """Also in a file without digests, where nothing else tells that it was changed."""
    *lines, last = ONE.read_text(encoding="utf-8").splitlines()
    row = {**json.loads(last), "decision": decision}
    row = {name: value for name, value in row.items() if value is not ...}
    file = tmp_path / "trace.jsonl"
    file.write_text("\n".join([*lines, json.dumps(row)]), encoding="utf-8")
    with pytest.raises(InputError, match=rf":{len(lines) + 1}: decision"):
        TraceFile.read(file)
    partial = PartialTrace.read(file)
    assert partial.outcome is None
    assert partial.missing[0].startswith(f"line {len(lines) + 1}: left out: decision")
