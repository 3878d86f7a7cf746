"""Bad input gets one line that says what, where and what to do; exit 2, and nothing is called."""

from __future__ import annotations

import io
import sqlite3
import sys
from pathlib import Path

import pytest

from command import Cli, Said
from loopback import Loopback

RECIPE = "summary: mine\nsteps:\n  - {do: propose, agent: proposer, seats: 2}\n  - {do: vote, rule: plurality}\n"

ASK = [
    (["", "--json"], "the question is empty"),
    ([" \n\t "], "the question is empty"),
    (["@nope.txt"], "nope.txt: no such file"),
    (["@folder"], "folder: a folder, where a file was expected"),
    (["@binary"], "binary: not UTF-8 text (byte 0)"),
    (["@nul.txt"], "the question holds a NUL character at position 1"),
    (["@big.txt"], "the question is 250,000 characters long; the most is 200,000"),
    (["@/dev/zero"], "/dev/zero: can't be read (it is no regular file but a pipe or a device)"),
    (["file.txt"], "file.txt is a file; to ask what is in it, write @file.txt"),
    (["q", "--strategy", "self-consistancy"], "no strategy called 'self-consistancy'; did you mean 'self-consistency'"),
    (["q", "--strategy", "nope.yaml"], "nope.yaml: no such file"),
    (["q", "--strategy", "binary.yaml"], "binary.yaml: not UTF-8 text"),
    (["q", "--strategy", "folder.yaml"], "folder.yaml: a folder"),
    (["q", "--seats", "5", "--strategy", "single"], "--seats 5: the strategy single has no seats to set"),
    (["q", "--seats", "0"], "not 0 (with seats=0)"),
    (["q", "--set", "rounds"], "--set rounds: expected NAME=VALUE, as rounds=3"),
    (["q", "--set", "saets=3"], "no parameter of contemplating called 'saets'; did you mean 'seats'"),
    (["q", "--set", "trials=many"], "(with trials=many)"),
    (["q", "--budget-calls", "-1"], "--budget-calls -1: it must be a number above 0"),
    (["q", "--budget-tokens", "0"], "--budget-tokens 0: it must be a number above 0"),
    (["q", "--budget-usd", "nan"], "--budget-usd nan: it must be a number above 0"),
    (["q", "--budget-usd", "1"], "no price is known for model 'm', so a budget in US dollars can't be kept"),
    (["q", "--deadline", "-2.5"], "--deadline -2.5: it must be a number above 0"),
    (["q", "--deadline", "inf"], "--deadline inf: it must be a number above 0"),
    (["q", "--budget-calls", "few"], "'--budget-calls': expected a whole number, not 'few'"),
    (["q", "--seed", "-1"], "the seed is -1: it must be from 0 to 9223372036854775807"),
    (["q", "--seed", "9" * 30], "it must be from 0 to"),
    (["q", "--choice", "a"], "a question of kind 'choice' needs 2 to 26 choices, and has 1"),
    (
        ["q", "--choice", "a", "--choice", "b", "--answer", "number"],
        "choices are given, but the answer wanted is of kind 'number'",
    ),
    (["q", "--answer", "nmber"], "'nmber' is not one of 'number', 'choice', 'math', 'date'"),
    (["q", "--model", ""], "no model called ''"),
    (["q", "--project", "nowhere"], "--project nowhere: no such folder"),
    (["q", "--trace", "no/where.jsonl"], "--trace no/where.jsonl: its folder does not exist"),
    (["q", "--trace", "folder"], "--trace folder: is a folder"),
    (["q", "--trace", "foreign.db"], "--trace foreign.db: is there already, and is no trace file"),
    (["q", "--trace", "file.txt"], "--trace file.txt: is there already, and is no trace file"),
    (["q", "--trace", "a.md", "-o", "folder/../a.md"], "--trace a.md: is the file of --output as well"),
    (["q", "--overwrite"], "--overwrite is of --output"),
    (["q", "--seats", "3", "--set", "seats=4"], "--seats 3: seats is 4 already (--set)"),
    (["q", "--set", "seats=3", "--set", "seats=4"], "--set seats=4: seats is 3 already"),
    (["q", "--tool-limit", "calls"], "--tool-limit calls: expected NAME=VALUE, as calls=20"),
    (["q", "--tool-limit", "calls=few"], "contemplate: --tool-limit calls: expected a whole number, not 'few'"),
    (["q", "--max-tokens", "0"], "'--max-tokens': input should be greater than or equal to 1, not '0'"),
    (["q", "--temperature", "hot"], "'--temperature': expected a number, not 'hot'"),
    (["q", "--model", "m@ftp://host/v1"], "base URL 'ftp://host/v1': it must begin with http:// or https://"),
    (["q", "--model", "=m@http://host/v1"], "model 'm': label: "),
    (["q", "--ledger", "file.txt"], "file.txt: not a contemplate ledger (no SQLite file at all)"),
    (["q", "--ledger", "folder"], "folder: not a contemplate ledger but a folder"),
    (["q", "--ledger", "foreign.db"], "foreign.db: not a contemplate ledger but another program's database"),
    (["q", "--ledger", "newer.db"], "newer.db: written by a newer contemplate (format 99"),
    (["q", "--ledger", "/proc/ledger.db"], "/proc/ledger.db: the ledger can't be opened"),
    (["q", "--ledger", "mysql://host/db"], "a ledger can't be kept at a mysql:// address"),
    (["q", "--ledger", "postgres://127.0.0.1:9/db"], "no PostgreSQL server answers there"),
    (["what", "is", "it"], "a text of several words stands in quotes"),
    (["q", "--modle", "m"], "--modle (Possible options: --model, --outside, --tool)"),
    ([], "Missing argument 'QUESTION'"),
]

OTHER = [
    (["aks"], "No such command 'aks'. Did you mean 'ask'?"),
    (["compare", "--strategies", "single", "--questions", "builtin:open", "--repeats", "0"], "'--repeats': input should be"),
    (
        [
            "compare",
            "--strategies",
            "single",
            "--questions",
            "builtin:arithmetic",
            "--model",
            "local/smollm2",
            "--out",
            "file.txt",
        ],
        "file.txt: is a file, where a",
    ),
    (["list"], "Missing argument 'WHAT'"),
    (["list", "everything"], "'everything' is not one of 'strategies', 'agents', 'rules', 'runs'"),
    (["list", "runs", "--ledger", "nope.db"], "--ledger nope.db: no such file"),
    (["list", "runs", "--ledger", "file.txt"], "file.txt: not a contemplate ledger"),
    (["list", "agents", "--project", "nowhere"], "--project nowhere: no such folder"),
    (["show", "plurailty"], "no strategy, agent, rule or run called 'plurailty'; did you mean 'plurality'"),
    (["show", "nope.yaml"], "nope.yaml: no such file"),
    (["resume", "20260101-000000-abcdef"], "there is no ledger at"),
    (["replay", "x", "--ledger", "nope.db"], "--ledger nope.db: no such file"),
    (["check"], "Missing argument 'FILE...'"),
    (["ask", "q", "--model", "openai/gpt-5"], "needs a key: set the environment variable OPENAI_API_KEY"),
    (["ask", "q", "--model", "gpt-5"], "no model called 'gpt-5'; did you mean 'openai/gpt-5'?"),
    (["ask", "q", "--model", "local/smollm"], "no embedded model called 'local/smollm'; did you mean 'local/smollm2'?"),
    (["ask", "q", "--model", "m", "--base-url", "localhost:80"], "did you mean 'http://localhost:80'?"),
    (["ask", "q", "--model", "m", "--base-url", "http://"], "it names no host"),
]


@pytest.fixture
def files(home: Path) -> Path:
    """All sorts of things that are not what is expected."""
    (home / "folder").mkdir()
    (home / "folder.yaml").mkdir()
    (home / "file.txt").write_text("hello")
    (home / "nul.txt").write_bytes(b"a\0b")
    (home / "big.txt").write_text("x" * 250_000)
    for name in ("binary", "binary.yaml"):
        (home / name).write_bytes(bytes(range(255, 0, -1)))
    for name, statement in {"foreign.db": "CREATE TABLE other (a)", "newer.db": "PRAGMA user_version = 99"}.items():
        database = sqlite3.connect(home / name)
        if name == "newer.db":
            database.execute("PRAGMA application_id = 0x43544D50")
        database.execute(statement)
        database.close()
    return home


def refused(said: Said, message: str) -> None:
    """One line on standard error, and nothing else."""
    assert said.status == 2
    assert said.out == ""
    assert said.err.startswith("contemplate: ")
    assert said.err.count("\n") == 1
    assert message in said.err


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(("arguments", "message"), ASK)
def test_ask_refuses(cli: Cli, loopback: Loopback, served: tuple[str, ...], arguments: list[str], message: str) -> None:
    """Before anything is called."""
    said = cli("ask", *arguments[:1], *served, *arguments[1:])

    refused(said, message)
    assert loopback.seen == []


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(("arguments", "message"), OTHER)
def test_every_command_refuses(cli: Cli, home: Path, arguments: list[str], message: str) -> None:
    """Unknown words, names, runs, models and addresses; no ledger is made by looking for one."""
    plain = cli(*arguments)
    as_json = cli(*arguments, "--json") if len(arguments) > 1 else plain

    refused(plain, message)
    refused(as_json, message)
    assert not (home / "nope.db").exists()


def test_a_server_that_is_down(cli: Cli) -> None:
    """It is the address that is wrong: exit 2, and not the 4 of a server that went away."""
    said = cli("ask", "q", "--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--json")

    refused(said, "base URL http://127.0.0.1:9/v1: nothing answers there")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"x" * 900_000])
def test_standard_input_that_is_no_question(
    cli: Cli, served: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    """Empty, binary, without end."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    refused(cli("ask", "-", *served), "question" if content != b"\xff\xfe" else "standard input: not UTF-8 text (byte 0)")


def test_standard_input_that_is_closed(cli: Cli, served: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """As after `<&-`."""
    monkeypatch.setattr(sys, "stdin", None)
    refused(cli("ask", "-", *served), "standard input is closed")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "seats: 2",
            "seets: 2",
            "p/strategies/mine.yaml:3: steps.1.seets: unknown word 'seets'; did you mean 'seats'? (allowed: do,",
        ),
        ("do: vote", "do: vot", "p/strategies/mine.yaml:4: steps.2: unknown verb 'vot'; did you mean 'vote'? (allowed: propose,"),
        (
            "plurality",
            "plural",
            "mine.yaml:4: steps.2.rule: unknown rule 'plural'; did you mean 'plurality'? (allowed: plurality,",
        ),
        ("agent: proposer", "agent: propser", "p/strategies/mine.yaml:3: no agent called 'propser'; did you mean 'proposer'"),
        ("steps:", "stpes:", "p/strategies/mine.yaml:2: unknown word 'stpes'; did you mean 'steps'? (allowed: summary,"),
        ("{do: vote", "[do: vote", "p/strategies/mine.yaml:4: not YAML"),
    ],
)
def test_a_recipe_with_a_typo(cli: Cli, served: tuple[str, ...], home: Path, old: str, new: str, message: str) -> None:
    """The file, the line, the path inside and the words allowed; `check` says the same."""
    (home / "p" / "strategies").mkdir(parents=True)
    (home / "p" / "strategies" / "mine.yaml").write_text(RECIPE.replace(old, new))
    refused(cli("ask", "q", *served, "--project", "p", "--strategy", "mine"), message)
    checked = cli("check", "p/strategies/mine.yaml", "--json")

    assert checked.status == 2
    assert message in checked.json[0]["problem"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("models: [a]", "p/contemplate.toml: not TOML"),
        ('modls = ["a"]', "p/contemplate.toml: modls: unknown word 'modls'; did you mean 'models'? (allowed: models,"),
        ("[limits.default]\nconcurrency = 0", "p/contemplate.toml: limits.default.concurrency: "),
    ],
)
def test_settings_that_are_wrong(cli: Cli, served: tuple[str, ...], home: Path, text: str, message: str) -> None:
    """The file and the path inside."""
    (home / "p").mkdir()
    (home / "p" / "contemplate.toml").write_text(text)

    refused(cli("ask", "q", *served, "--project", "p"), message)


def test_a_run_that_is_not_there(cli: Cli, served: tuple[str, ...]) -> None:
    """The nearest ids; and ids that several runs share the beginning of."""
    runs = [cli("ask", f"q{number}", *served, "--json").json["run"] for number in range(2)]

    for verb in ("resume", "replay", "show"):
        refused(cli(verb, runs[0][:-1] + "x"), f"did you mean {runs[0]!r}")
        refused(cli(verb, runs[0][:4]), f"several runs begin with {runs[0][:4]!r}")


def test_a_log_level_that_is_none(cli: Cli, served: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable, and what it may be."""
    monkeypatch.setenv("CONTEMPLATE_LOG", "loud")
    refused(cli("ask", "q", *served), "CONTEMPLATE_LOG=loud: one of debug, info, warning, error is expected")


def test_a_trace_that_fails_at_the_end(cli: Cli, served: tuple[str, ...]) -> None:
    """The answer has been printed, and the trace is not lost: one line says how to write it elsewhere."""
    said = cli("ask", "q", *served, "--trace", "/dev/full")

    assert said.status == 2
    assert "answer:      42" in said.out
    assert said.err.count("\n") == 1
    assert "contemplate replay " in said.err
