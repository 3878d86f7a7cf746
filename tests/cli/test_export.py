"""`contemplate export`, and `contemplate show --measures`."""

from __future__ import annotations

import io
from pathlib import Path

import networkx as nx
import pytest

from command import Cli
from contemplate.trace import TraceFile


@pytest.fixture
def run(cli: Cli, served: tuple[str, ...]) -> str:
    """A debate, by its id."""
    return str(cli("ask", "q", *served, "--strategy", "multiagent-debate", "--answer", "number", "--json").json["run"])


def test_a_run_is_written_for_other_programs(cli: Cli, run: str, home: Path) -> None:
    """To a file, or to standard output."""
    written = cli("export", run, "-o", "run.jsonl")
    printed = cli("export", run, "--format", "graphml")
    cli("export", run, "-o", "run.graphml")
    cli("export", run, "-o", "run.mmd")
    shown = cli("export", run, "--format", "mermaid")

    assert (0, "", "") == (written.status, written.out, written.err)
    assert run == TraceFile.read(home / "run.jsonl").head.run
    assert 8 == len(nx.read_graphml(io.BytesIO(printed.out.encode())))
    assert shown.out.startswith("flowchart LR\n")
    assert printed.out == (home / "run.graphml").read_text(encoding="utf-8")  # the form is the one that the name ends with
    assert shown.out == (home / "run.mmd").read_text(encoding="utf-8")


def test_a_file_is_not_overwritten(cli: Cli, run: str, home: Path) -> None:
    """Unless that was said."""
    (home / "run.jsonl").write_text("mine", encoding="utf-8")
    refused = cli("export", run, "-o", "run.jsonl")

    assert 2 == refused.status
    assert "is there already" in refused.err
    assert 0 == cli("export", run, "-o", "run.jsonl", "--overwrite").status
    assert run == TraceFile.read(home / "run.jsonl").head.run


def test_the_nearest_run_is_named(cli: Cli, run: str) -> None:
    """A digit is wrong."""
    wrong = run[:-1] + ("0" if run[-1] != "0" else "1")

    assert f"contemplate: no run called '{wrong}'; did you mean '{run}'? (contemplate list runs)\n" == cli("export", wrong).err


def test_measures_are_shown(cli: Cli, run: str) -> None:
    """As text, and as JSON."""
    said, row = cli("show", run, "--measures"), cli("show", run, "--measures", "--json").json

    assert "\nround 1.propose" in said.out
    assert "3 of 3 answered, agreement 1.00, entropy 0.00 bits" in said.out
    assert [1.0, 1.0] == [one["agreement"] for one in row["measures"]["rounds"]]
    assert "measures" not in cli("show", run, "--json").json


def test_a_trace_file_is_measured(cli: Cli, run: str, home: Path) -> None:
    """As the run is."""
    assert home
    cli("export", run, "-o", "run.jsonl")

    assert (
        cli("show", run, "--measures", "--json").json["measures"]
        == (cli("show", "--trace", "run.jsonl", "--measures", "--json").json["measures"])
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("debate-of-nobody", "--measures"), "no strategy, agent, rule or run called 'debate-of-nobody'"),
        (("plurality", "--measures"), "--measures: plurality is no run"),
        (("plurality", "--measures", "--format", "markdown"), "--measures are printed as text or with --json"),
    ],
)
def test_what_has_no_measures(cli: Cli, arguments: tuple[str, ...], told: str) -> None:
    """In one line."""
    said = cli("show", *arguments)

    assert 2 == said.status
    assert said.err.startswith(f"contemplate: {told}")
