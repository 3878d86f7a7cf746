"""The stored runs: which are listed, what their agents were asked, and how they are deleted."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from command import Cli
from contemplate.ledger import default_path
from loopback import Loopback


@pytest.fixture
def asked(cli: Cli, served: tuple[str, ...]) -> list[str]:
    """The ids of three runs: two strategies, two questions."""
    made = (("single", "What is 6 * 7?"), ("self-consistency", "What is 6 * 7?"), ("single", "The  Capital of Norway?"))
    return [cli("ask", question, *served, "--strategy", strategy, "--json").json["run"] for strategy, question in made]


@pytest.fixture
def compared(cli: Cli, served: tuple[str, ...], asked: list[str]) -> list[str]:
    """The same, after an experiment of one run."""
    Path("q.jsonl").write_text(json.dumps({"question": "1 + 1?", "gold": "2"}) + "\n")
    cli("compare", "--strategies", "single", "--questions", "q.jsonl", "--no-baselines", *served)
    return asked


def listed(cli: Cli, *options: str) -> list[str]:
    """The ids of the runs that are listed, oldest first."""
    return [row["run"] for row in reversed(cli("list", "runs", "--json", *options).json)]


def test_runs_of_experiments_are_hidden(cli: Cli, compared: list[str]) -> None:
    """Unless they are asked for; a line says how many there are."""
    said = cli("list", "runs")

    assert listed(cli) == compared
    assert len(said.out.splitlines()) == 3
    assert said.err == "and 1 run of experiments (--all shows them)\n"
    everything = listed(cli, "--all")
    assert len(everything) == 4
    assert everything[-1].startswith("cell-")


@pytest.mark.parametrize(
    ("options", "places"),
    [
        (("--strategy", "single"), [0, 2]),
        (("--strategy", "self-consistency"), [1]),
        (("--strategy", "nobody"), []),
        (("--question", "6 * 7"), [0, 1]),
        (("--question", "capital of"), [2]),
        (("--question", "CAPITAL  OF norway"), [2]),
        (("--question", "Sweden"), []),
        (("--since", "1h"), [0, 1, 2]),
        (("--since", "2d"), [0, 1, 2]),
        (("--since", "3w"), [0, 1, 2]),
        (("--since", "2020-01-31"), [0, 1, 2]),
        (("--since", "2999-01-31"), []),
        (("--question", "6 * 7", "--strategy", "single"), [0]),
    ],
)
def test_filters(cli: Cli, asked: list[str], options: tuple[str, ...], places: list[int]) -> None:
    """By strategy, by words of the question in any case, and by when they began."""
    assert listed(cli, *options) == [asked[place] for place in places]


def test_since_leaves_older_ones_out(cli: Cli, asked: list[str]) -> None:
    """Those that began before."""
    with sqlite3.connect(default_path()) as database:
        database.execute("UPDATE runs SET created = ? WHERE run = ?", (time.time() - 3 * 86_400, asked[0]))

    assert listed(cli, "--since", "2d") == asked[1:]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("runs", "--since", "yesterday"), "--since yesterday: expected a day, as 2026-01-31, or 12h, 7d or 4w"),
        (("runs", "--since", "2026-13-01"), "expected a day"),
        (("runs", "--since", "7"), "expected a day"),
        (("rules", "--all"), "are about runs, not rules"),
        (("agents", "--question", "x"), "are about runs, not agents"),
    ],
)
def test_what_can_not_be_sorted_out(cli: Cli, arguments: tuple[str, ...], message: str) -> None:
    """One line."""
    said = cli("list", *arguments)

    assert (said.status, said.err.count("\n")) == (2, 1)
    assert message in said.err


def test_prompts(cli: Cli, asked: list[str], loopback: Loopback) -> None:
    """What the server was sent stands before each reply; in JSON as messages."""
    sent = [message["content"] for message in loopback.seen[0].body["messages"]]
    plain, plainer = cli("show", asked[0], "--prompts"), cli("show", asked[0])
    turns: list[dict[str, Any]] = cli("show", asked[0], "--prompts", "--json").json["turns"]

    assert [message["content"] for message in turns[0]["prompts"][0]] == sent
    assert sent[-1].strip() in plain.out
    assert sent[-1].strip() not in plainer.out
    assert "prompts" not in cli("show", asked[0], "--json").json["turns"][0]


def test_no_prompts_in_a_trace_file(cli: Cli, served: tuple[str, ...]) -> None:
    """They stand in the ledger alone."""
    cli("ask", "6 * 7?", *served, "--strategy", "single", "--trace", "t.jsonl")
    said = cli("show", "--trace", "t.jsonl", "--prompts")

    assert (said.status, said.out) == (2, "")
    assert "a trace file has no prompts" in said.err


def test_deleted(cli: Cli, asked: list[str], loopback: Loopback) -> None:
    """They are gone, and the others are there; what was paid for is not paid again."""
    said = cli("delete", asked[0], asked[1], asked[0], "--yes")
    calls = len(loopback.seen)

    assert (said.status, said.out) == (0, f"deleted: {asked[0]}, {asked[1]}\n")
    assert listed(cli) == asked[2:]
    assert cli("show", asked[0]).status == 2
    assert cli("replay", asked[2]).status == 0
    again = cli("ask", "What is 6 * 7?", "--model", "m", "--base-url", loopback.url, "--strategy", "single", "--json").json
    assert (again["usage"]["cached_calls"], len(loopback.seen)) == (1, calls)


def test_deleted_for_a_program(cli: Cli, asked: list[str]) -> None:
    """One JSON object."""
    assert cli("delete", asked[0][:-2], "--yes", "--json").json == {"deleted": [asked[0]]}


def test_all_or_none(cli: Cli, asked: list[str]) -> None:
    """A run that is not there: nothing is deleted."""
    said = cli("delete", asked[0], "20200101-000000-abcdef", "--yes")

    assert said.status == 2
    assert "no run called" in said.err
    assert listed(cli) == asked


def test_nobody_to_ask(cli: Cli, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal, it must be said that it is meant."""
    monkeypatch.setattr("sys.stdin", None)
    said = cli("delete", asked[0])

    assert said.status == 2
    assert "--yes deletes them unasked" in said.err
    assert listed(cli) == asked


@pytest.mark.parametrize(("typed", "status", "left"), [("y", 0, 2), ("yes", 0, 2), ("", 2, 3), ("n", 2, 3), ("yes please", 2, 3)])
def test_asked(cli: Cli, asked: list[str], monkeypatch: pytest.MonkeyPatch, typed: str, status: int, left: int) -> None:
    """Only a yes is one."""

    class Terminal:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            return f"{typed}\n"

    monkeypatch.setattr("sys.stdin", Terminal())

    assert cli("delete", asked[0]).status == status
    assert len(listed(cli)) == left


def test_how_replies_are_drawn(cli: Cli, loopback: Loopback, served: tuple[str, ...]) -> None:
    """Over what cards and models say."""
    cli("ask", "6 * 7?", *served, "--strategy", "single", "--max-tokens", "77", "--temperature", "0.25")
    body = loopback.seen[0].body

    assert (body["max_tokens"], body["temperature"]) == (77, 0.25)


@pytest.mark.parametrize(
    "wrong", [("--temperature", "3"), ("--temperature", "nan"), ("--max-tokens", "0"), ("--max-tokens", "-1")]
)
def test_how_replies_can_not_be_drawn(cli: Cli, loopback: Loopback, served: tuple[str, ...], wrong: tuple[str, ...]) -> None:
    """Bad input, before anybody is asked."""
    said = cli("ask", "6 * 7?", *served, *wrong)

    assert (said.status, said.err.count("\n"), loopback.seen) == (2, 1, [])


def test_completion(cli: Cli) -> None:
    """A shell can be taught the commands."""
    assert "--install-completion" in cli("--help").out
