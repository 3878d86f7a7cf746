"""Schemas for answers, and what a ledger knows of its models."""

from __future__ import annotations

import json
from pathlib import Path

from command import Cli
from contemplate import Orchestrator, ScriptedBackend
from contemplate.cli.reliability import Trust
from contemplate.voting.witnesses import Knowledge, Lead
from loopback import Loopback


def test_a_json_answer_satisfies_the_schema_of_a_file(cli: Cli, loopback: Loopback, served: tuple[str, ...]) -> None:
    """`--schema FILE` alone makes the answer JSON; what does not satisfy it is no answer."""
    Path("point.json").write_text(json.dumps({"type": "object", "required": ["x"]}))
    loopback.script = 'Answer: {"x": 1}'
    said = cli("ask", "Where?", *served, "--schema", "point.json", "--strategy", "single", "--json")

    assert said.status == 0
    assert json.loads(said.json["answer"]) == {"x": 1}


def test_bad_schema_files_are_refused(cli: Cli, served: tuple[str, ...]) -> None:
    """No file, no JSON, no object: one line each."""
    Path("text.json").write_text("{x}")
    Path("list.json").write_text("[]")

    for name, expected in [("none.json", "no such file"), ("text.json", "no JSON"), ("list.json", "is an object")]:
        said = cli("ask", "Where?", *served, "--schema", name)
        assert (said.status, said.out) == (2, "")
        assert expected in said.err
        assert said.err.count("\n") == 1


async def _filled(ledger: Path) -> None:
    backend = ScriptedBackend(lambda r: f"Answer: {7 if r.model != 'poor' or len(r.messages[0].content) % 2 else 8}")
    async with Orchestrator(["good", "fair", "poor"], backend=backend, ledger=ledger) as orchestrator:
        for number in range(6):
            await orchestrator.solve("Why?" + "!" * number, "self-consistency", answer="number", parameters={"seats": 3})


async def test_reliability_lists_models(cli: Cli, tmp_path: Path) -> None:
    """A line a model, the most reliable first, with the interval; or a list of objects."""
    await _filled(tmp_path / "l.db")
    plain = await _in_thread(cli, "reliability", "--ledger", str(tmp_path / "l.db"))
    as_json = await _in_thread(cli, "reliability", "--ledger", str(tmp_path / "l.db"), "--json")

    assert plain.status == as_json.status == 0
    assert [line.split()[0] for line in plain.out.split("\n\n")[0].splitlines()][-1] == "poor"
    models = [row for row in as_json.json if row["role"] == "model"]
    assert {row["member"] for row in models} == {"good", "fair", "poor"}
    assert all(row["low"] < row["accuracy"] < row["high"] for row in models)
    leads = [row for row in as_json.json if row["role"] == "lead"]
    assert {frozenset((row["name"], row["over"])) for row in leads} == {
        frozenset(pair) for pair in (("good", "fair"), ("good", "poor"), ("fair", "poor"))
    }


def test_leads_are_told_from_the_front() -> None:
    """Who is ahead stands first, whichever way round it was learned."""
    leads = {"weak": {"strong": Lead(lead=-0.25, error=0.05, questions=40)}, "a": {"b": Lead(lead=0.9, error=0.2, questions=9)}}
    lines = [*Trust(witnesses=(("answers", Knowledge(leads=leads)),)).lines()]

    assert [line.split() for line in lines[1:]] == [
        ["a", "b", "answers", "90.0", "+51", "to", "+100", "9"],
        ["strong", "weak", "answers", "25.0", "+15", "to", "+35", "40"],
    ]


def test_reliability_says_what_it_lacks(cli: Cli) -> None:
    """No ledger, and a ledger with too little in it."""
    said = cli("reliability")

    assert (said.status, said.out) == (2, "")
    assert "nothing to learn from" in said.err


async def _in_thread(cli: Cli, *arguments: str):  # noqa: ANN202 - what `cli` returns
    import anyio

    return await anyio.to_thread.run_sync(lambda: cli(*arguments))
