"""`contemplate redecide`: a table, one JSON object, or one line that says what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import pytest

from command import Cli, Said
from contemplate import Orchestrator, ScriptedBackend
from contemplate.types import Question

LINE = {
    "id": "a",
    "question": "What is 6 times 7?",
    "kind": "number",
    "gold": 42,
    "samples": [{"text": f"Answer: {answer}", "weight": weight} for answer, weight in ((42, 1), (41, 5), (42, 1), (40, 1))],
}


@pytest.fixture
def samples(home: Path) -> str:
    """A file of two records."""
    silent = {**LINE, "id": "b", "samples": [{"text": "I don't know", "weight": 1}] * 4}
    (home / "samples.jsonl").write_text(json.dumps(LINE) + "\n" + json.dumps(silent) + "\n")
    return "samples.jsonl"


def test_a_row_for_each_way(cli: Cli, samples: str) -> None:
    """What is read, and a line with the figures for each rule and k; nothing on standard error."""
    said = cli("redecide", samples, "--rule", "plurality,weighted", "--k", "1", "--k", "all", "--orders", "0")

    assert (0, "") == (said.status, said.err)
    assert "samples.jsonl: 2 questions, 4 samples each, 4 unreadable" in said.out
    rows = [line.split() for line in said.out.splitlines() if line.startswith(("plurality", "weighted"))]
    assert [["plurality", "-", "1"], ["plurality", "-", "all"], ["weighted", "weight", "1"], ["weighted", "weight", "all"]] == [
        row[:3] for row in rows
    ]
    assert ["50.00", "50.00", "50.00", "0.00"] == [row[3] for row in rows]


def test_json_is_one_object(cli: Cli, samples: str) -> None:
    """With a row for each way, and every figure of it."""
    found = cli("redecide", samples, "--stop", "beta(0.9)", "--ties", "fraction", "--json").json
    (row,) = found["rows"]

    assert (2, 8, 4, 20, True) == tuple(found[name] for name in ("questions", "samples", "unreadable", "orders", "gold"))
    assert ("plurality", None, "beta(0.9)", None, "fraction") == tuple(row[x] for x in ("rule", "weights", "stop", "k", "ties"))
    assert (0.5, 4.0, 0.5) == (row["accuracy"], row["samples"], row["abstentions"])
    assert row["low"] < row["accuracy"] < row["high"]


def test_no_gold_is_said(cli: Cli, samples: str, home: Path) -> None:
    """Agreement alone, because it was asked for, or because there is no gold answer."""
    plain = {name: value for name, value in LINE.items() if name != "gold"}
    (home / "plain.jsonl").write_text(json.dumps(plain))
    for arguments in ((samples, "--no-gold"), ("plain.jsonl",)):
        said = cli("redecide", *arguments)
        assert 0 == said.status
        assert "no gold answers: nothing can be called right" in said.out
        assert "right %" not in said.out
        assert "agree %" in said.out
    assert cli("redecide", "plain.jsonl", "--json").json["rows"][0]["accuracy"] is None


def test_files_of_another_form(cli: Cli, home: Path) -> None:
    """`--fields` says which field is what, and `--answer` the kind."""
    (home / "rows.jsonl").write_text(json.dumps({"prompt": "6 * 7?", "target": 42, "outputs": ["It is 42.", "41"]}))
    fields = ("--fields", "question=prompt,gold=target", "--fields", "samples=outputs")

    assert 0.5 == cli("redecide", "rows.jsonl", *fields, "--answer", "number", "--k", "1", "--json").json["rows"][0]["accuracy"]


async def _asked(ledger: Path) -> str:
    backend = ScriptedBackend(lambda request: f"Answer: {41 + request.draw % 2}")
    question = Question(text="What is 6 times 7?", kind="number", gold="42", id="q1")
    async with Orchestrator(["m"], backend=backend, ledger=ledger) as orchestrator:
        await orchestrator.solve("Why not?", "single", answer="number")
        return (await orchestrator.solve(question, "self-consistency", parameters={"seats": 4})).run


async def _in_thread(cli: Cli, *arguments: str) -> Said:
    return await anyio.to_thread.run_sync(lambda: cli("redecide", *arguments))


async def test_runs_of_a_ledger(cli: Cli, home: Path) -> None:
    """By the beginning of an id, by strategy, or those of a question set, and who of that was never asked is said."""
    run = await _asked(home / "l.db")
    location = ("--ledger", str(home / "l.db"))
    rows: list[dict[str, Any]] = [{"id": "six", "question": "What is 6 times 7?", "kind": "number", "gold": "41"}]
    (home / "set.jsonl").write_text("\n".join(map(json.dumps, [*rows, {**rows[0], "id": "eight", "question": "8?"}])))

    for sources in ((run,), ("--strategy", "self-consistency"), ("--questions", "set.jsonl")):
        said = await _in_thread(cli, *sources, *location, "--k", "1,all", "--ties", "any", "--json")
        assert [0.5, 1.0] == [row["accuracy"] for row in said.json["rows"]]
        assert ("1 of 2 questions have no finished run here, and are left out: eight" in said.err) == ("set.jsonl" in sources)
    plain = await _in_thread(cli, run, *location)
    assert f"runs {run} in {home / 'l.db'}: 1 question, 4 samples each" in plain.out


async def test_runs_with_and_without_gold_answers(cli: Cli, home: Path) -> None:
    """All of a ledger's runs together: accuracy is of all or of none, and `--no-gold` goes by agreement."""
    await _asked(home / "l.db")
    refused = await _in_thread(cli, "--ledger", str(home / "l.db"))
    said = await _in_thread(cli, "--ledger", str(home / "l.db"), "--no-gold", "--json")

    assert (2, "") == (refused.status, refused.out)
    assert "1 of 2 questions have no gold answer" in refused.err
    assert 2 == said.json["questions"]


@pytest.mark.usefixtures("samples")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.jsonl",), "none.jsonl can't be read: No such file or directory"),
        (("nowhere",), "no file or run called 'nowhere': there is no ledger yet"),
        ((), "there is no ledger yet, and so no runs to decide again"),
        (("samples.jsonl", "other"), "one file of recorded samples at a time"),
        (("samples.jsonl", "--k", "5"), "samples.jsonl: k is 5, and question 'a' has 4 samples"),
        (("samples.jsonl", "--rule", "majorty"), "no voting rule called 'majorty'; did you mean 'majority'"),
        (("none.jsonl", "--stop", "widow"), "no stop test called 'widow'; did you mean 'window'"),
        (("samples.jsonl", "--fields", "samples.text"), "--fields samples.text: it takes NAME=FIELD"),
        (("samples.jsonl", "--fields", "gold=glod"), "samples.jsonl: fields: gold: no field called 'glod'; did you mean 'gold'"),
        (("samples.jsonl", "--strategy", "single"), "--strategy is for runs, and a file of recorded samples was named"),
        (("broken.jsonl",), "broken.jsonl:2: samples.0.text: Field required"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(cli: Cli, home: Path, arguments: tuple[str, ...], message: str) -> None:
    """With the file, the row and the field, or the words that are allowed; exit status 2, and nothing on standard output."""
    (home / "broken.jsonl").write_text("\n".join(map(json.dumps, [LINE, {**LINE, "id": "c", "samples": [{}]}])))
    said = cli("redecide", *arguments)

    assert (2, "") == (said.status, said.out)
    assert message in said.err
    assert 1 == said.err.count("\n")


@pytest.mark.parametrize(
    ("record", "more", "arguments", "expected"),
    [
        ("date_cot10", "", ("--k", "1,10", "--ties", "fraction"), [62.36, 72.49]),
        ("math_rm8", ",samples.score=reward", ("--rule", "plurality,best", "--orders", "0"), [93.0, 94.0]),
    ],
)
def test_the_command_gives_published_figures(
    cli: Cli, data: Path, record: str, more: str, arguments: tuple[str, ...], expected: list[float]
) -> None:
    """One chain and the vote of ten, a tie worth its share; the vote of eight as they stand, and the best by reward."""
    fields = ("--fields", f"samples.answer=answer,samples.right=correct{more}")
    found = cli("redecide", str(data / record / "records.jsonl.gz"), *fields, *arguments, "--json").json

    assert expected == [round(100 * row["accuracy"], 2) for row in found["rows"]]
