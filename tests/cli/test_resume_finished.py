"""`contemplate resume` of a run that is finished."""

from __future__ import annotations

from pathlib import Path

import pytest

from command import Cli
from loopback import Loopback


def test_it_says_so_and_what_it_came_to(cli: Cli, loopback: Loopback, served: tuple[str, ...]) -> None:
    """Its outcome and status are those that it had; its record does not change, and the server is not asked."""
    outcome = cli("ask", "6 * 7?", *served, "--strategy", "single", "--answer", "number", "--json").json
    before, asked = cli("show", outcome["run"], "--json").out, len(loopback.seen)
    said = cli("resume", outcome["run"], "--json")

    assert (said.status, said.json) == (0, outcome)
    assert said.err == f"contemplate: run {outcome['run']} is finished: nothing is left to do\n"
    assert (cli("show", outcome["run"], "--json").out, len(loopback.seen)) == (before, asked)


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_one_without_an_answer(cli: Cli, loopback: Loopback, served: tuple[str, ...], more: tuple[str, ...]) -> None:
    """It stays one, with its status."""
    loopback.script = "I have no idea."
    asked = cli("ask", "6 * 7?", *served, "--strategy", "single", "--answer", "number", "--json")

    assert (asked.status, cli("resume", asked.json["run"], *more).status) == (3, 3)


def test_it_is_handed_back_as_it_is_wanted(cli: Cli, loopback: Loopback, served: tuple[str, ...], home: Path) -> None:
    """Printed or written to a file, in the form that `ask` would have given it."""
    loopback.script = "Answer: 42"
    run = cli("ask", "6 * 7?", *served, "--strategy", "single", "--answer", "number", "--json").json["run"]
    printed = cli("resume", run, "--format", "markdown")
    written = cli("resume", run, "-o", "run.md")

    assert (printed.status, written.status) == (0, 0)
    assert printed.out.startswith("42\n\n## ")
    assert (home / "run.md").read_text() == printed.out
    assert cli("resume", run, "-o", "run.md").err == (
        "contemplate: --output run.md: is there already; name another file, or add --overwrite\n"
    )


def test_the_last_run(cli: Cli, loopback: Loopback, served: tuple[str, ...]) -> None:
    """Whatever takes a run takes "last" for the newest."""
    assert "no run 'last': there is no ledger at" in cli("resume", "last").err
    loopback.script = "Answer: 42"
    for question in ("6 * 7?", "7 * 6?"):
        cli("ask", question, *served, "--strategy", "single", "--answer", "number")

    shown = [cli(*words, "--json").json for words in (("show", "last"), ("list", "runs"))]
    assert (shown[0]["question"], shown[0]["run"]) == ("7 * 6?", shown[1][0]["run"])
    assert cli("replay", "last").status == 0
