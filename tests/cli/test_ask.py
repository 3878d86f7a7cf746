"""`contemplate ask`, with answers from a real server on loopback."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from command import Cli
from loopback import Loopback

CHAINS = ("--set", "programs=none")
OUTCOME = {
    "answer": "42",
    "confidence": 0.857143,
    "stopped": "settled",
    "strategy": "contemplating",
    "models": ["m"],
    "seed": 0,
}


def test_json_is_one_object_and_nothing_else(cli: Cli, served: tuple[str, ...]) -> None:
    """Every field that the documentation names is there, on one line."""
    said = cli("ask", "What is 6 * 7?", *served, "--answer", "number", *CHAINS, "--json")

    outcome = said.json
    assert (said.status, said.err) == (0, "")
    assert {**outcome, **OUTCOME} == outcome
    assert {"rule", "tally", "margin", "ties", "abstentions", "dissent"} <= outcome["decision"].keys()
    assert outcome["decision"]["tally"][0] == {
        "answer": "42",
        "votes": 3,
        "weight": 0.857142857143,
        "seats": ["seat-1", "seat-2", "seat-3"],
        "shares": {},
        "mean_rank": None,
    }
    assert {"calls", "cached_calls", "prompt_tokens", "completion_tokens", "usd", "seconds"} == outcome["usage"].keys()
    assert outcome["usage"]["calls"] == 3
    assert isinstance(outcome["run"], str)


def test_plain_lines_away_from_a_terminal(cli: Cli, served: tuple[str, ...]) -> None:
    """A line for each turn as it ends, then the answer, its votes and how to see the rest."""
    said = cli("ask", "What is 6 * 7?", *served, "--answer", "number", *CHAINS, "--ledger", "my ledger.db")

    lines = said.out.splitlines()
    assert said.status == 0
    assert lines[0].endswith(": contemplating on m")
    assert sorted(lines[1:4]) == [f"1.gather/seat-{number}: answers 42" for number in (1, 2, 3)]
    assert "2.vote: posterior: 42 (3 for 42)" in lines
    assert "answer:      42" in lines
    assert "votes:       3 for 42" in lines
    assert lines[-1].endswith("--ledger 'my ledger.db'")
    assert "\x1b" not in said.out


def test_every_option_arrives(cli: Cli, loopback: Loopback) -> None:
    """Models in turn, choices, seats, parameters, seed and ledger are those that were typed."""
    said = cli(
        *("ask", "Which one?", "--base-url", loopback.url, "--model", "one", "--model", "two", "--choice", "a", "--choice", "b"),
        *("--strategy", "multiagent-debate", "--seats", "4", "--set", "rounds=3", "--set", "ties=none", "--seed", "7"),
        *("--ledger", "l.db", "--json", "--budget-calls", "12", "--budget-tokens", "900000", "--deadline", "60"),
    )
    runs = cli("list", "runs", "--ledger", "l.db", "--json").json

    assert said.json["strategy"] == "multiagent-debate"
    assert said.json["seed"] == 7
    assert said.json["models"] == ["one", "two"]
    assert len(loopback.seen) == 12
    assert {seen.body["model"] for seen in loopback.seen} == {"one", "two"}
    assert "(B) b" in loopback.seen[0].body["messages"][-1]["content"]
    assert [run["run"] for run in runs] == [said.json["run"]]


def test_seats_are_a_parameter(cli: Cli, loopback: Loopback, served: tuple[str, ...]) -> None:
    """`--seats` is short for a parameter of that name, which may be said both ways if it is the same."""
    cli("ask", "q", *served, "--strategy", "self-consistency", "--set", "seats=2", "--seats", "2", "--json")

    assert len(loopback.seen) == 2


def test_a_fallback_is_asked_when_a_model_fails(cli: Cli, loopback: Loopback) -> None:
    """And a note on standard error says so."""
    loopback.script = lambda seen: loopback.reply(status=400) if seen.body["model"] == "bad" else "Answer: 5"
    said = cli(
        *("ask", "q", "--base-url", loopback.url, "--model", "bad", "--fallback", "good", "--strategy", "single", "--json")
    )

    assert said.json["answer"] == "5"
    assert "asking good" in said.err


def test_a_project_brings_its_settings_and_recipes(cli: Cli, loopback: Loopback, home: Path) -> None:
    """Models, address, ledger and strategies of the folder named."""
    (home / "mine" / "strategies").mkdir(parents=True)
    (home / "mine" / "strategies" / "two.yaml").write_text(
        "summary: two\nsteps:\n  - {do: propose, agent: proposer, seats: 2}\n  - {do: vote}\n"
    )
    (home / "mine" / "contemplate.toml").write_text(f'models = ["m"]\nbase_url = "{loopback.url}"\nledger = "of-project.db"\n')
    said = cli("ask", "q", "--strategy", "two", "--project", "mine", "--json")
    by_path = cli("ask", "q", "--strategy", "mine/strategies/two.yaml", "--project", "mine", "--json")

    assert (said.status, by_path.status) == (0, 0)
    assert len(loopback.seen) == 2
    assert (home / "of-project.db").exists()


def test_a_question_from_a_file(cli: Cli, loopback: Loopback, served: tuple[str, ...], home: Path) -> None:
    """`@FILE`, with the byte order mark that some editors write."""
    (home / "q.txt").write_bytes(b"\xef\xbb\xbfHow many\r\nsheep?\n")
    said = cli("ask", "@q.txt", *served, "--strategy", "single", "--json")

    assert said.status == 0
    assert "How many\nsheep?" in loopback.seen[0].body["messages"][-1]["content"]


def test_a_question_from_standard_input(
    cli: Cli, loopback: Loopback, served: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`-`."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("Wie viele Schäfchen?".encode())))
    said = cli("ask", "-", *served, "--strategy", "single", "--json")

    assert said.status == 0
    assert "Wie viele Schäfchen?" in loopback.seen[0].body["messages"][-1]["content"]


def test_a_trace_file_is_versioned_json_lines(cli: Cli, served: tuple[str, ...], home: Path) -> None:
    """A line for the run, one for each turn, one for the outcome."""
    said = cli("ask", "q", *served, "--trace", "t.jsonl", "--json")
    rows = [json.loads(line) for line in (home / "t.jsonl").read_text().splitlines()]

    assert [row["type"] for row in rows] == ["run", *["turn"] * 4, "outcome"]
    assert rows[0]["format"] == 1
    assert rows[-1]["run"] == said.json["run"]


def test_the_second_time_costs_nothing(cli: Cli, served: tuple[str, ...]) -> None:
    """What the ledger holds is not called again, and the lines say so."""
    cli("ask", "q", *served)
    said = cli("ask", "q", *served)

    assert "1.gather/seat-1: answers 42 (from the ledger)" in said.out
    assert "0 calls + 3 from the ledger" in said.out


@pytest.mark.parametrize(
    ("script", "options", "stopped"),
    [
        ("I don't know", (), "quorum"),
        ("Answer: 1", ("--budget-calls", "1"), "budget"),
        ("Answer: 1", ("--budget-tokens", "10"), "budget"),
        (None, ("--deadline", "0.3"), "deadline"),
    ],
)
def test_no_answer_is_3(
    cli: Cli, loopback: Loopback, served: tuple[str, ...], script: str | None, options: tuple[str, ...], stopped: str
) -> None:
    """No quorum, a spent budget and a deadline end with an outcome that says why, in JSON and in lines."""
    loopback.script = script if script is not None else loopback.reply(hang=True)
    as_json = cli("ask", "q", *served, *options, "--json")
    plain = cli("ask", "another q", *served, *options)

    assert (as_json.status, plain.status) == (3, 3)
    assert as_json.json["answer"] is None
    assert as_json.json["stopped"] == stopped
    assert "answer:      none (" in plain.out
    assert f"stopped:     {stopped}" in plain.out


def test_a_refused_key_is_said_in_full(cli: Cli, loopback: Loopback, served: tuple[str, ...]) -> None:
    """The reason and the variable to look at; the key itself is nowhere."""
    loopback.script = loopback.reply(status=401, body=b'{"error": {"message": "Incorrect key: sk-abcdefghijklmnop1234"}}')
    said = cli("ask", "q", *served)

    assert said.status == 3
    assert "failed:      5 turns: " in said.out
    assert "check the key in CONTEMPLATE_API_KEY" in said.out
    assert "abcdefghijklmnop" not in said.out + said.err


def test_a_deadline_gives_the_best_answer_so_far(cli: Cli, loopback: Loopback, served: tuple[str, ...]) -> None:
    """What the seats said last counts."""
    loopback.script = lambda seen: f"Answer: {seen.place % 2}" if seen.place < 3 else loopback.reply(hang=True)
    said = cli("ask", "q", *served, "--strategy", "multiagent-debate", "--answer", "number", "--deadline", "0.5", "--json")

    assert said.status == 0
    assert said.json["stopped"] == "deadline"
    assert said.json["answer"] in {"0", "1"}


def test_model_output_does_not_steer_the_terminal(cli: Cli, loopback: Loopback, served: tuple[str, ...]) -> None:
    """Escapes, bells and direction marks are gone, on both streams, also from what is shown later."""
    loopback.script = "\x1b]0;owned\x07\x1b[2J\u202eThe answer is \x1b[31mred\x1b[0m."
    said = cli("ask", "q", *served)
    shown = cli("show", said.out.split()[1].rstrip(":"))

    assert said.status == 0
    assert "red" in said.out
    assert not set("\x1b\x07\u202e") & set(said.out + said.err + shown.out)


def test_a_log_is_shown_where_it_is_asked_for(cli: Cli, served: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """On standard error, a line an event; without the variable there is none."""
    silent = cli("ask", "q", *served, "--json")
    monkeypatch.setenv("CONTEMPLATE_LOG", "info")
    said = cli("ask", "q", *served, "--json")

    assert silent.err == ""
    assert said.json["answer"] == "42"
    assert "info contemplate run ended run=" in said.err


@pytest.mark.embedded
def test_the_first_command_of_the_readme(cli: Cli) -> None:
    """The embedded model works the README's problem to an outcome of the documented shape."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    question = readme.split('--answer number "', 1)[1].split('"', 1)[0]
    said = cli("ask", "--answer", "number", question, "--json")

    assert said.status in {0, 3}
    assert said.json["models"] == ["local/smollm2"]
    assert said.json["usage"]["usd"] == 0
    assert said.json["usage"]["calls"] >= 3
    assert "no model named" in said.err
