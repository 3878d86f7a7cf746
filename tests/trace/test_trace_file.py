"""A trace file is read back as it was written, and a broken one is refused in one line that names the line."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contemplate import InputError, Orchestrator, Question, Request, ScriptedBackend, Settings, Trace
from contemplate.errors import RejectedError
from contemplate.models.retry import Retry
from contemplate.trace import TraceFile
from contemplate.trace.lines import TRACE_FORMAT

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("format-*/*.jsonl"))
ONE = GOLDEN[0]
STRATEGIES = ("contemplating", "dylan", "discussion-vote", "chateval", "chain-of-verification", "council")


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: file.stem)
def test_files_of_earlier_formats_are_read(file: Path) -> None:
    """All that stands there comes out again: turns, what they saw, times, question and outcome."""
    head, *turns, outcome = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    read = TraceFile.read(file)
    rows = list(read.trace.rows())

    assert turns == [{name: row[name] for name in turn} for row, turn in zip(rows, turns, strict=True)]
    assert outcome == {"type": "outcome", **read.outcome}
    assert head["question"] == read.head.question.model_dump(mode="json")
    assert (head["run"], head["strategy"], head["cards"]) == (read.head.run, read.head.strategy, read.head.cards)


def hostile(seed: int) -> Callable[[Request], str]:
    """Replies of all sorts, some with characters that are hard to write down; some calls fail."""

    def say(request: Request) -> str:
        draw = random.Random(f"{seed} {request.key}")
        if draw.random() < 0.1:
            raise RejectedError("no")
        lines = [
            "Verdict: flawed",
            "Stance: disagree",
            "Score: 3",
            "1. a step",
            "é 中 \u2028 \x00 \x1b[31m",
            "[[5, 3]]",
            "Choice: B",
        ]
        return "\n".join([line for line in lines if draw.random() < 0.7] + [f"Answer: {draw.choice('AB')}"])

    return say


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), strategy=st.sampled_from(STRATEGIES))
async def test_what_is_written_is_read(seed: int, strategy: str, tmp_path: Path) -> None:
    """The same turns, edges and clocks, whatever was said."""
    question = Question(text="Which?", kind="choice", choices=("x", "y"), gold="A")
    backend, once = ScriptedBackend(hostile(seed)), Settings(retry=Retry(attempts=1))
    async with Orchestrator(["m", "n"], backend=backend, ledger=":memory:", settings=once) as orchestrator:
        outcome = await orchestrator.solve(question, strategy, seed=seed)
    outcome.write_trace(tmp_path / "trace.jsonl")
    read = TraceFile.read(tmp_path / "trace.jsonl")

    assert outcome.trace.canonical() == read.trace.canonical()
    assert set(outcome.trace.edges(data="kind")) == set(read.trace.edges(data="kind"))
    assert [outcome.trace.clock(turn) for turn in outcome.trace] == [read.trace.clock(turn) for turn in read.trace]
    assert (question, outcome.to_dict()) == (read.head.question, read.outcome)
    assert [] == Trace.read(tmp_path / "trace.jsonl").diff(outcome.trace)


# --- files that are none ------------------------------------------------------------------------------


def changed(to: Path, number: int, **fields: Any) -> Path:
    """A trace file in which one line has other fields; those that are None are taken out."""
    lines = ONE.read_text(encoding="utf-8").splitlines()
    row = {**json.loads(lines[number]), **fields}
    lines[number] = json.dumps({name: value for name, value in row.items() if value is not ...})
    file = to / "trace.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("number", "fields", "told"),
    [
        (0, {"type": "experiment"}, "1: no trace file: its first line does not say what was run"),
        (0, {"format": "1"}, "1: no trace file"),
        (0, {"format": TRACE_FORMAT + 1, "contemplate": "9.0"}, f"1: format {TRACE_FORMAT + 1}, written by contemplate 9.0; "),
        (0, {"question": "What?"}, "1: question: "),
        (0, {"question": {"text": "?", "kind": "number", "image": "x"}}, "1: question.image: no field that this version knows"),
        (0, {"seed": ...}, "1: seed: Field required"),
        (1, {"type": "note"}, "2: expected a turn or the outcome"),
        (1, {"status": "asleep"}, "2: status: "),
        (1, {"mood": "good"}, "2: mood: no field that this version knows; the file was written by contemplate "),
        (1, {"sees": ...}, "2: sees: "),
        (1, {"sees": [["1.propose/seat-1", "admired"]]}, "2: sees: 0.1: "),
        (1, {"sees": [["1.propose/seat-2", "saw"]]}, "2: turn 1.propose/seat-1 saw 1.propose/seat-2, and there is no such turn"),
        (1, {"started": "early"}, "2: started: "),
        (1, {"ended": ...}, "2: ended: Field required"),
        (2, {"id": "1.propose/seat-1"}, "3: turn 1.propose/seat-1 stands there twice"),
        (-1, {"confidence": 2}, "23: confidence: "),
        (-1, {"usage": []}, "23: usage: "),
        (
            1,
            {"type": "outcome", "answer": None, "confidence": 0, "stopped": "x", "usage": {}},
            "3: a trace file ends with its outcome",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, number: int, fields: dict[str, Any], told: str) -> None:
    """The file, the line, the field."""
    file = changed(tmp_path, number, **fields)

    with pytest.raises(InputError) as error:
        Trace.read(file)
    assert str(error.value).startswith(f"{file}:{told}")


@pytest.mark.parametrize("number", [0, -1])
def test_keys_of_later_versions_are_left_out_around_the_turns(tmp_path: Path, number: int) -> None:
    """The format would have another number if they changed what the turns mean."""
    assert [] == Trace.read(changed(tmp_path, number, weather="fair")).diff(Trace.read(ONE))


def test_a_turn_needs_no_times(tmp_path: Path) -> None:
    """They are no part of what was said."""
    trace = Trace.read(changed(tmp_path, 1, started=..., ended=..., cached=...))

    assert trace.clock("1.propose/seat-1") is None
    assert [] == trace.diff(Trace.read(ONE))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", ":1: no trace file"),
        (b"\n", ":1: no JSON object"),
        (b"[]\n", ":1: no JSON object"),
        (b"\xff\xfe{}\n", ":1: no JSON object"),
        (b'{"type": "run", "format": NaN}\n', ":1: no JSON object (NaN is no JSON)"),
        (b'{"a": ' + b"[" * 100_000 + b"\n", ":1: no JSON object"),
        (b'{"a": ' + b"9" * 100_000 + b"}\n", ":1: no JSON object"),
        (b"---\nsummary: s\n---\n", ":1: no JSON object"),
    ],
    ids=["empty", "blank", "list", "bytes", "nan", "deep", "digits", "foreign"],
)
def test_foreign_files_are_refused(tmp_path: Path, content: bytes, told: str) -> None:
    """In one line, whatever is in them."""
    file = tmp_path / "trace.jsonl"
    file.write_bytes(content)

    with pytest.raises(InputError) as error:
        Trace.read(file)
    assert str(error.value).startswith(f"{file}{told}")


def test_a_file_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    """Its outcome is missing, or the line in which it was cut is no JSON."""
    file, whole = tmp_path / "trace.jsonl", ONE.read_bytes()
    file.write_bytes(whole[: whole.rindex(b"\n", 0, -1) + 1])
    with pytest.raises(InputError, match=r"trace.jsonl:22: the file ends here without an outcome: it was cut off"):
        Trace.read(file)

    file.write_bytes(whole[:-20])
    with pytest.raises(InputError, match=r"trace.jsonl:23: no JSON object"):
        Trace.read(file)


def test_lines_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of one endless line is not read to its end."""
    monkeypatch.setattr("contemplate.trace.lines.LONGEST", 100)
    file = tmp_path / "trace.jsonl"
    file.write_bytes(b" " * 1000)

    with pytest.raises(InputError, match=r"trace.jsonl:1: longer than 100 bytes"):
        Trace.read(file)


def test_turns_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """More are refused at the line of the first that is too many."""
    monkeypatch.setattr("contemplate.trace.lines.MOST", 3)

    with pytest.raises(InputError, match=":5: a trace file holds at most 3 turns"):
        Trace.read(ONE)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder, and nothing at all."""
    with pytest.raises(InputError, match="can't be read: Is a directory"):
        Trace.read(tmp_path)
    with pytest.raises(InputError, match="can't be read: No such file"):
        Trace.read(tmp_path / "none.jsonl")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_never_ends_in_anything_but_one_line(data: st.DataObject, tmp_path: Path) -> None:
    """Bytes of a trace file are overwritten; it is read, and can be asked everything, or it is refused."""
    damaged = bytearray(ONE.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + 1] = data.draw(st.sampled_from([b"", b"0", b'"', b"}", b"null", b"-1e999", b"\xff", b"seat-"]))
    file = tmp_path / "trace.jsonl"
    file.write_bytes(damaged)
    try:
        trace = Trace.read(file)
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either is fine
        return
    for ask in (trace.independent_answers, trace.rounds, trace.positions, trace.flips, trace.verdicts, trace.first_vote):
        ask()
