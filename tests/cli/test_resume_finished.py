"""`contemplate resume` of a run that is finished."""

from __future__ import annotations

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
