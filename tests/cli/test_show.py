"""`list`, `show`, `replay`, `check` and `doctor`."""

from __future__ import annotations

from pathlib import Path

import pytest

from command import Cli
from contemplate._version import __version__
from contemplate.catalogue import Catalogue
from contemplate.trace import Difference
from contemplate.trace.course import Course
from contemplate.voting import RULES
from loopback import Loopback


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help(cli: Cli, arguments: tuple[str, ...]) -> None:
    """Nothing typed is a question for help; it names every command."""
    said = cli(*arguments)

    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("Usage: contemplate ")
    commands = [line.split()[0] for line in said.out.partition("Commands:\n")[2].splitlines()]
    assert commands == [
        "ask",
        "chat",
        "serve",
        "compare",
        "list",
        "show",
        "view",
        "resume",
        "replay",
        "fork",
        "diff",
        "credit",
        "audit-steps",
        "export",
        "delete",
        "reliability",
        "calibrate",
        "redecide",
        "check",
        "ledger",
        "mcp",
        "policy",
        "audit",
        "models",
        "doctor",
    ]
    assert "..." not in said.out.partition("Commands:\n")[2]


def test_version(cli: Cli) -> None:
    """The name, and the version."""
    assert cli("--version").out == f"contemplate {__version__}\n"


@pytest.mark.parametrize(
    "command",
    [
        *("ask", "chat", "compare", "list", "show", "view", "resume", "replay", "fork", "diff", "credit", "delete"),
        *("reliability", "calibrate", "redecide", "check", "ledger", "policy", "audit", "models", "doctor"),
    ],
)
def test_every_command_has_help(cli: Cli, command: str) -> None:
    """And each option in it says what it does."""
    said = cli(command, "--help")

    assert said.status == 0
    assert "--json" in said.out


@pytest.mark.parametrize(
    ("what", "names"),
    [
        ("strategies", set(Catalogue().names("strategies"))),
        ("agents", set(Catalogue().names("agents"))),
        ("rules", set(RULES)),
    ],
)
def test_lists(cli: Cli, what: str, names: set[str]) -> None:
    """A line each, or a list of objects with a name."""
    plain, as_json = cli("list", what), cli("list", what, "--json")

    assert names == {row["name"] for row in as_json.json}
    assert [row["name"] for row in as_json.json] == [line.split()[0] for line in plain.out.splitlines()]
    assert all(row["summary"] for row in as_json.json)


def test_runs_newest_first(cli: Cli, served: tuple[str, ...]) -> None:
    """Each with its id, state, question and answer."""
    asked = [cli("ask", f"question {number}", *served, "--json").json["run"] for number in range(3)]
    rows, lines = cli("list", "runs", "--json").json, cli("list", "runs").out.splitlines()

    assert [row["question"] for row in rows] == ["question 2", "question 1", "question 0"]
    assert [row["run"] for row in rows] == asked[::-1]
    assert [line.split()[0] for line in lines] == asked[::-1]
    assert lines[0].endswith("question 2 -> 42")


def test_no_runs_yet(cli: Cli, home: Path) -> None:
    """An empty list, and no ledger made by looking."""
    plain, as_json = cli("list", "runs"), cli("list", "runs", "--json")

    assert (plain.status, plain.out) == (0, "")
    assert "no runs yet" in plain.err
    assert as_json.json == []
    assert list(home.rglob("ledger.db")) == []


@pytest.mark.parametrize("name", ["contemplating", "single", "critic", "synthesizer", "plurality", "weighted"])
def test_what_ships_is_shown(cli: Cli, name: str) -> None:
    """Whole, to be read; or as an object."""
    plain, as_json = cli("show", name), cli("show", name, "--json")

    assert (plain.status, as_json.status) == (0, 0)
    assert as_json.json["name"] == name
    assert as_json.json["summary"] in plain.out


def test_a_run_is_shown_with_all_that_was_said(cli: Cli, loopback: Loopback, served: tuple[str, ...]) -> None:
    """Question, replies, what each saw, votes, the answer and what it took; a failed turn with its reason."""
    loopback.script = lambda seen: f"I say:\nAnswer: {seen.place}" if seen.place != 1 else loopback.reply(status=400)
    run = cli("ask", "How many?", *served, "--strategy", "multiagent-debate", "--json").json["run"]
    plain, as_json = cli("show", run), cli("show", run[: len("20260101-000000-a")], "--json").json

    assert plain.out.startswith(f"run {run} (completed): multiagent-debate on m\n\nHow many?\n")
    assert "\n=== 2.revise/1/seat-1  saw 1.propose/seat-1, 1.propose/seat-2, 1.propose/seat-3\nI say:\nAnswer: " in plain.out
    assert "--- m: failed: " in plain.out
    assert "\nanswer: " in plain.out
    assert as_json["run"] == run
    assert as_json["outcome"]["run"] == run
    assert {"said", "failed"} == {turn["status"] for turn in as_json["turns"]}


def test_a_replay_says_that_it_is_the_same(cli: Cli, loopback: Loopback, served: tuple[str, ...], home: Path) -> None:
    """Without a call; with its trace, if one is wanted."""
    asked = cli("ask", "q", *served, "--trace", "asked.jsonl", "--json").json
    before = len(loopback.seen)
    plain, as_json = cli("replay", asked["run"]), cli("replay", asked["run"], "--json", "--trace", "again.jsonl")

    assert (plain.status, plain.out) == (0, "replayed without a call: every turn came out the same\n")
    assert as_json.json["identical"] is True
    assert as_json.json["answer"] == asked["answer"]
    assert len(loopback.seen) == before
    assert (home / "again.jsonl").read_text().count("\n") == (home / "asked.jsonl").read_text().count("\n")


def test_a_replay_that_differs_is_1(cli: Cli, served: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """And says where."""
    run = cli("ask", "q", *served, "--json").json["run"]
    monkeypatch.setattr(Course, "diff", lambda *_: [Difference("4.vote", ("decision",))])
    plain, as_json = cli("replay", run), cli("replay", run, "--json")

    assert (plain.status, as_json.status) == (1, 1)
    assert plain.out == "replayed without a call: it differs at turn 4.vote: decision\n"
    assert (as_json.json["identical"], as_json.json["difference"]) == (False, "turn 4.vote: decision")


def test_a_finished_run_is_resumed_for_nothing(cli: Cli, loopback: Loopback, served: tuple[str, ...]) -> None:
    """It gives its answer again."""
    run = cli("ask", "q", *served, "--json").json["run"]
    before = len(loopback.seen)
    said = cli("resume", run, "--json")

    assert said.status == 0
    assert said.json["run"] == run
    assert len(loopback.seen) == before


def test_check(cli: Cli, home: Path) -> None:
    """A line a file: right, or what is wrong at which line; the status is 2 if any is wrong."""
    (home / "good.yaml").write_text("summary: s\nsteps:\n  - {do: propose, seats: 2}\n  - {do: vote}\n")
    (home / "good.md").write_text("---\nsummary: s\n---\nSolve it.\n")
    (home / "good.toml").write_text('models = ["m"]\n')
    (home / "Bad Name.md").write_text("---\nsummary: s\n---\nSolve it.\n")
    (home / "bad.md").write_text("---\nsumary: s\n---\nSolve it.\n")
    good = cli("check", "good.yaml", "good.md", "good.toml")
    bad = cli("check", "good.yaml", "bad.md", "Bad Name.md", "nope.yaml", "good.txt")

    assert (good.status, good.out) == (0, "good.yaml: right\ngood.md: right\ngood.toml: right\n")
    assert bad.status == 2
    lines = bad.out.splitlines()
    assert lines[1].startswith("bad.md:2: sumary: unknown word 'sumary'; did you mean 'summary'?")
    assert "rename it" in lines[2]
    assert lines[3:] == ["nope.yaml: no such file", "good.txt: a card ends in .md, a recipe in .yaml, settings in .toml"]


def test_doctor(cli: Cli, loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line each for settings, cards, the embedded model, keys, the ledger, a server; keys by name only."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-to-be-seen-anywhere")
    plain, as_json = cli("doctor"), cli("doctor", "--base-url", loopback.url, "--json")

    assert (plain.status, as_json.status) == (0, 0)
    assert [row["name"] for row in as_json.json] == [
        *("contemplate", "settings", "catalogue", "embedded model", "programs", "keys", "ledger", "server"),
    ]
    assert "OPENAI_API_KEY" in plain.out
    assert "not-to-be-seen" not in plain.out + as_json.out
    assert loopback.pings == 1
    assert loopback.seen == []


@pytest.mark.parametrize(
    ("arguments", "bad"),
    [
        (("--base-url", "http://127.0.0.1:9"), "server"),
        (("--ledger", "no-ledger"), "ledger"),
        (("--project", "nowhere"), "settings"),
        (("--project", "broken"), "catalogue"),
    ],
)
def test_doctor_finds_what_is_broken(cli: Cli, home: Path, arguments: tuple[str, ...], bad: str) -> None:
    """Status 2, and the line says what to do; the rest is looked at all the same."""
    (home / "no-ledger").write_text("hello")
    (home / "broken" / "strategies").mkdir(parents=True)
    (home / "broken" / "strategies" / "x.yaml").write_text("steps: 1")
    said = cli("doctor", *arguments, "--json")

    assert said.status == 2
    assert bad in {row["name"] for row in said.json if row["state"] == "bad"}
    assert len(said.json) >= 6
