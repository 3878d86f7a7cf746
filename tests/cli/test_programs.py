"""Programs on the command line: asked for, shown, written to a file, and looked for by `doctor`."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from command import Cli
from contemplate.trace import Trace
from loopback import Loopback

CODE = "print('\\x1b[31m6 times 7')\nprint(6 * 7)"
REPLY = f"So:\n```python\n{CODE}\n```"


@pytest.fixture
def run(cli: Cli, served: tuple[str, ...], loopback: Loopback) -> str:
    """The id of a run of one program, written to `t.jsonl`, too."""
    loopback.script = lambda _: loopback.reply(REPLY)
    asked = ("ask", "What is 6 * 7?", "--answer", "number", "--strategy", "program-of-thoughts", "--set", "seats=1")
    return str(cli(*asked, *served, "--trace", "t.jsonl", "--json").json["run"])


@pytest.mark.parametrize("file", [False, True])
def test_show_prints_what_was_run_and_what_it_printed(cli: Cli, run: str, file: bool) -> None:
    """From the ledger and from a trace file; nothing in it steers the terminal."""
    said = cli("show", "--trace", "t.jsonl") if file else cli("show", run)

    assert f"{REPLY}\n--- its program printed:\n6 times 7\n42\n--- m: answers 42, by a program\n" in said.out
    assert "\x1b" not in said.out


def test_json_has_the_programs(cli: Cli, run: str) -> None:
    """As they were run."""
    turn, vote = cli("show", run, "--json").json["turns"]

    assert turn["programs"] == [{"code": f"{CODE}\n", "output": "6 times 7\n42\n", "failed": None, "error": None}]
    assert "programs" not in vote


def test_a_failed_program_says_why(cli: Cli, served: tuple[str, ...], loopback: Loopback) -> None:
    """Each of the two that were run, and the turn."""
    loopback.script = lambda _: loopback.reply("```python\nprint(1)\nopen('x')\n```")
    asked = ("ask", "What is 6 * 7?", "--answer", "number", "--strategy", "program-of-thoughts", "--set", "seats=1")
    cli(*asked, *served, "--trace", "t.jsonl")
    said = cli("show", "--trace", "t.jsonl")
    why = "line 2: PermissionError: Permission denied: '/x'"

    assert said.out.count(f"--- its program failed (forbidden):\n1\n{why}\n") == 2
    assert f"--- m: failed: the program failed (forbidden): {why}\n" in said.out


def test_the_plain_graph_has_texts_of_it(run: str) -> None:
    """What was run, and what it printed; `program_failed` where it did."""
    node = Trace.read("t.jsonl").graph().nodes["1.compute/seat-1"]

    assert run
    assert (node["program"], node["printed"]) == (f"{CODE}\n", "6 times 7\n42\n")
    assert "program_failed" not in node


def test_a_replay_runs_nothing(cli: Cli, run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What programs printed is on record, so that it is the same where they can't be run."""
    monkeypatch.setattr("contemplate.tools.sandbox.find_spec", lambda _: None)

    assert cli("replay", run).status == 0


def test_a_question_that_no_program_answers_is_refused(cli: Cli, served: tuple[str, ...], loopback: Loopback) -> None:
    """In one line, before any call."""
    said = cli("ask", "Why?", "--answer", "text", "--strategy", "program-aided", *served)

    assert (2, "") == (said.status, said.out)
    assert said.err == (
        "contemplate: strategy program-aided answers by programs, and the question is of kind text: "
        "programs give answers of the kinds number, math, date, set, boolean\n"
    )
    assert loopback.seen == []


def test_without_the_extra_it_says_how_to_get_it(
    cli: Cli, served: tuple[str, ...], loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before any call."""
    monkeypatch.setattr("contemplate.tools.sandbox.find_spec", lambda _: None)
    said = cli("ask", "What is 6 * 7?", "--answer", "number", "--strategy", "program-of-thoughts", *served)

    assert (2, "contemplate: programs need pydantic-monty: pip install 'contemplate-ai[tools]'\n") == (said.status, said.err)
    assert loopback.seen == []


def test_check_finds_a_card_that_writes_no_programs(cli: Cli, home: Path) -> None:
    """In a recipe, before a run does."""
    (home / "mine.yaml").write_text("summary: s\nsteps:\n  - {do: compute, agent: proposer}\n  - {do: vote}\n")
    told = "mine.yaml: 'compute' needs a card that writes programs: there is no {program_form} in proposer\n"

    assert (2, told) == ((said := cli("check", "mine.yaml")).status, said.out)


def test_strategies_of_programs_are_compared(cli: Cli, served: tuple[str, ...], loopback: Loopback, home: Path) -> None:
    """As any others; each of their calls is in the bill."""
    row = {"id": "q", "question": "What is 6 * 7?", "kind": "number", "gold": "42"}
    (home / "sums.jsonl").write_text(json.dumps(row) + "\n")
    loopback.script = lambda seen: loopback.reply(REPLY if "Python program" in json.dumps(seen.body) else "Answer: 41")
    said = cli("compare", "--strategies", "program-of-thoughts,program-aided", "--questions", "sums.jsonl", *served, "--json")

    right = {row["strategy"]: row["accuracy"]["value"] for row in said.json["standings"]}

    assert 0 == said.status
    assert (1.0, 0.0) == (right["program-of-thoughts"], right["single"])
    assert "program-aided" in right


def test_doctor_says_whether_programs_can_be_run(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """And by what, or how to get it."""
    there = next(one for one in cli("doctor", "--json").json if one["name"] == "programs")
    monkeypatch.setattr("contemplate.tools.sandbox.find_spec", lambda _: None)
    gone = next(one for one in cli("doctor", "--json").json if one["name"] == "programs")

    assert there["state"] == "ok"
    assert there["text"].startswith("run by pydantic-monty 1.")
    assert (gone["state"], gone["text"]) == ("note", "can't be run: pip install 'contemplate-ai[tools]'")


def test_doctor_where_only_the_parts_of_the_interpreter_are_installed(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs without the package that names its version."""

    def version(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.version", version)
    found = next(one for one in cli("doctor", "--json").json if one["name"] == "programs")

    assert ("ok", "run by pydantic-monty, in a process of their own") == (found["state"], found["text"])
