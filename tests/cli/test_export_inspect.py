"""`contemplate export` of runs as a log of Inspect's."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from command import Cli
from contemplate import Orchestrator, Request, ScriptedBackend
from loopback import Loopback

INSTALLS = "contemplate: inspect_ai.log is not installed: pip install inspect-ai\n"


@pytest.fixture
def runs(cli: Cli, loopback: Loopback, served: tuple[str, ...]) -> list[str]:
    """Two runs, by their ids."""
    loopback.script = "Answer: 42"
    ask = ("--strategy", "self-consistency", "--seats", "2", "--answer", "number", "--json", *served)
    return [str(cli("ask", question, *ask).json["run"]) for question in ("6 * 7?", "7 * 6?")]


def sample_questions(file: Path) -> list[str]:
    """The questions of a log's samples, sorted: Inspect's own command prints samples by their ids."""
    command = [sys.executable, "-m", "inspect_ai", "log", "dump", str(file)]
    dumped = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    return sorted(sample["input"] for sample in dumped["samples"])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::UserWarning")
def test_runs_are_one_log(cli: Cli, runs: list[str], home: Path) -> None:
    """A sample for each, however often it is named, private as the ledger is; the name of the file says the form."""
    written = cli("export", *runs, "last", "-o", "runs.eval")
    as_json = cli("export", runs[0], "--format", "inspect", "-o", "runs.json")
    again = cli("export", runs[0], "-o", "runs.eval")

    assert (0, "", "") == (written.status, written.out, written.err)
    assert ["6 * 7?", "7 * 6?"] == sample_questions(home / "runs.eval")
    assert 0o600 == stat.S_IMODE((home / "runs.eval").stat().st_mode)
    assert 0 == as_json.status
    assert ["6 * 7?"] == sample_questions(home / "runs.json")
    assert (2, "contemplate: --output runs.eval: is there already; name another file, or add --overwrite\n") == (
        again.status,
        again.err,
    )
    assert 0 == cli("export", runs[1], "-o", "runs.eval", "--overwrite").status
    assert ["7 * 6?"] == sample_questions(home / "runs.eval")
    assert [] == [file.name for file in home.iterdir() if file.name.endswith(".part")]


def test_an_unfinished_run_is_no_sample(cli: Cli, home: Path) -> None:
    """Nothing is written."""

    async def cut_short() -> str:
        async def wait(_: Request) -> str:
            await anyio.sleep(60)
            return "never said"

        async with Orchestrator(["m"], backend=ScriptedBackend(wait), ledger=home / "l.db") as orchestrator:
            with anyio.move_on_after(0.5):
                await orchestrator.solve("6 * 7?", "single")
            (record,) = await orchestrator.ledger.runs()
            return record.run

    run = anyio.run(cut_short)
    said = cli("export", run, "--ledger", "l.db", "-o", "run.eval")

    assert 2 == said.status
    again = f"contemplate resume {run} --ledger l.db"
    assert f"contemplate: run {run} is interrupted, not finished; go on with it first: {again}\n" == said.err
    assert not (home / "run.eval").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--format", "inspect"), "--format inspect is written to a file: -o FILE.eval"),
        (("--format", "inspect", "-o", "x.csv"), "--output x.csv: a log of Inspect's is a file .eval or .json"),
        (("--format", "inspect", "-o", "there/x.eval"), "--output there/x.eval: its folder does not exist"),
        (("-o", "x.jsonl"), "--format jsonl is of one run, and 2 are named; --format inspect takes several"),
        (("--format", "mermaid"), "--format mermaid is of one run, and 2 are named; --format inspect takes several"),
    ],
)
def test_what_is_wrong_is_one_line(cli: Cli, runs: list[str], home: Path, words: tuple[str, ...], told: str) -> None:
    """And nothing is written."""
    said = cli("export", *runs, *words)

    assert (2, "", f"contemplate: {told}\n") == (said.status, said.out, said.err)
    assert [] == list(home.glob("x.*"))


def test_without_inspect(cli: Cli, runs: list[str], home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install; a run in another form needs none of it."""
    monkeypatch.setitem(sys.modules, "inspect_ai.log", None)
    said = cli("export", *runs, "-o", "runs.eval")

    assert (2, INSTALLS) == (said.status, said.err)
    assert not (home / "runs.eval").exists()
    assert 0 == cli("export", runs[0], "-o", "run.jsonl").status
