"""`contemplate fork`, `diff` and `credit`."""

from __future__ import annotations

from pathlib import Path

import pytest

from command import Cli
from loopback import Loopback, Seen

LAST = "2.revise/1/seat-2"


@pytest.fixture
def run(cli: Cli, served: tuple[str, ...], loopback: Loopback) -> str:
    """A debate, by its id; seats say numbers of their own."""

    def script(seen: Seen) -> str:
        return f"I say so, {seen.body['seed']} times.\nAnswer: {seen.body['seed'] % 3 + 41}"

    loopback.script = script
    return str(cli("ask", "q", *served, "--strategy", "multiagent-debate", "--answer", "number", "--json").json["run"])


def test_a_fork_is_printed_as_a_run_is(cli: Cli, run: str, home: Path, loopback: Loopback) -> None:
    """With the command that compares the two; nothing is called for an edit of the last round."""
    (home / "said.txt").write_text("It is more.\nAnswer: 1000\n", encoding="utf-8")
    made = len(loopback.seen)
    said = cli("fork", run, "--edit", LAST, "said.txt")

    assert 0 == said.status
    assert made == len(loopback.seen)
    assert f"{LAST}: answers 1000 (edited)" in said.out
    assert f"\ncompare:     contemplate diff {run} " in said.out
    fork = said.out.split()[-1]
    assert f"\nfork of {run}: turn {LAST} edited\n" in cli("show", fork).out
    assert "every turn came out the same" in cli("replay", fork).out
    beside = cli("diff", run, fork)
    assert "1 for 1000" in beside.out
    assert "2 turns differ" in beside.out
    assert cli("diff", run, fork, "--json").json["seats"][0]["other"] == "1000"


def test_changes_go_together(cli: Cli, run: str, loopback: Loopback) -> None:
    """As JSON, with what was changed; the estimate comes true."""
    made = len(loopback.seen)
    changes = ("--drop-seat", "3", "--model", "2=n", "--rule", "unanimity", "--set", "rounds=3")
    expected = cli("fork", run, *changes, "--estimate", "--json").json
    assert made == len(loopback.seen)
    row = cli("fork", run, *changes, "--json").json

    assert [5, 5] == expected["calls"]
    assert 5 == len(loopback.seen) - made == row["usage"]["calls"]
    assert run == row["forked_from"]
    assert row["changes"] == {"without_seats": [3], "models": {"2": "n"}, "rule": "unanimity", "parameters": {"rounds": 3}}


def test_an_estimate_in_words(cli: Cli, run: str) -> None:
    """Nothing is called."""
    assert cli("fork", run, "--drop-seat", "1", "--estimate").out.startswith("it would take 2 calls, about ")
    assert cli("credit", run, "--estimate").out.startswith("it would take 6 calls, about ")


def test_a_fork_keeps_to_its_budget(cli: Cli, run: str, loopback: Loopback) -> None:
    """It ends with what is there."""
    made = len(loopback.seen)
    row = cli("fork", run, "--drop-seat", "1", "--budget-calls", "1", "--json").json

    assert 1 == len(loopback.seen) - made
    assert "budget" == row["stopped"]


def test_credit(cli: Cli, run: str, loopback: Loopback) -> None:
    """The estimate first, then a table; the forks are not among the runs that are listed."""
    made = len(loopback.seen)
    said = cli("credit", run)

    assert 0 == said.status
    assert said.err.startswith("contemplate: this takes 6 calls, about ")
    assert 6 == len(loopback.seen) - made
    assert [f"seat-{seat}" for seat in (1, 2, 3)] == [line.split()[0] for line in said.out.splitlines()[2:5]]
    assert "the answer changes without: " in said.out
    assert [run] == [row["run"] for row in cli("list", "runs", "--json").json]
    assert 4 == len(cli("list", "runs", "--all", "--json").json)
    again = cli("credit", run, "--json")
    assert 0 == again.json["usage"]["calls"]
    assert 6 == sum(row["calls"] for row in again.json["rows"])


def test_credit_of_turns(cli: Cli, run: str) -> None:
    """A row for each."""
    assert 6 == len(cli("credit", run, "--turns", "--json").json["rows"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("fork", "RUN"), "needs a change"),
        (("fork", "RUN", "--model", "n"), "--model n: expected SEAT=MODEL, as 2=openai/gpt-5-mini"),
        (
            ("fork", "RUN", "--edit", "2.revise/1/seat-9", "said.txt"),
            "no turn called '2.revise/1/seat-9'; did you mean '2.revise/1/",
        ),
        (("fork", "RUN", "--edit", LAST, "none.txt"), "none.txt"),
        (("fork", "RUN", "--drop-seat", "0"), "'--drop-seat': input should be greater than or equal to 1, not '0'"),
        (("fork", "RUN", "--set", "rounds"), "expected NAME=VALUE"),
        (("fork", "RUN", "--rule", "plurality", "--budget-calls", "0"), "--budget-calls 0: it must be a number above 0"),
        (("fork", "nowhere", "--rule", "plurality"), "no run called 'nowhere'"),
        (("diff", "RUN", "nowhere"), "no run called 'nowhere'"),
        (("credit", "nowhere"), "no run called 'nowhere'"),
        (("credit", "RUN", "--budget-calls", "5"), "budget: calls: it takes 6 calls"),
    ],
)
def test_what_is_wrong_is_one_line(cli: Cli, run: str, home: Path, arguments: tuple[str, ...], told: str) -> None:
    """And the status is 2."""
    (home / "said.txt").write_text("Answer: 1", encoding="utf-8")
    said = cli(*(run if word == "RUN" else word for word in arguments))

    assert (2, "") == (said.status, said.out)
    assert told in said.err.splitlines()[-1]
