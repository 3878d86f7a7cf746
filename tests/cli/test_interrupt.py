"""Ctrl-C, signals to end, readers that go away and servers that die: nothing is lost, and one line says how to go on."""

from __future__ import annotations

import json
import os
import shlex
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from command import Cli, Started
from contemplate.cli import run
from loopback import Loopback

DEBATE = ("--strategy", "multiagent-debate", "--set", "rounds=3")


@pytest.fixture
def halting(loopback: Loopback) -> Loopback:
    """A server that answers the first round, and then lets everybody wait."""
    loopback.script = lambda seen: "Answer: 42" if seen.place < 3 else loopback.reply(hang=True)
    return loopback


@pytest.mark.parametrize(
    ("name", "options"), [("SIGINT", ()), ("SIGTERM", ("--ledger", "my ledger.db", "--json")), ("SIGHUP", ("--project", "."))]
)
def test_a_signal_keeps_what_was_paid_for(
    started: Started,
    halting: Loopback,
    served: tuple[str, ...],
    cli: Cli,
    wait_for: Callable[..., None],
    name: str,
    options: tuple[str, ...],
) -> None:
    """Exit 130, no traceback; the command that is printed goes on, and no call that came back is made again."""
    process = started("ask", "q", *served, *DEBATE, *options)
    wait_for(lambda: len(halting.seen) >= 6)
    process.send_signal(getattr(signal, name))
    out, err = process.communicate(timeout=20)
    before, halting.script = len(halting.seen), "Answer: 42"
    resumed = cli(*shlex.split(err.partition("go on with: contemplate ")[2]), "--json")

    assert process.returncode == 130
    assert err.startswith("contemplate: interrupted; what was paid for is kept; go on with: contemplate resume ")
    assert err.count("\n") == 1
    assert out == "" if "--json" in options else "answer:" not in out
    assert resumed.json["answer"] == "42"
    assert resumed.json["usage"]["cached_calls"] == 3
    assert len(halting.seen) - before == 9 - 3


@pytest.mark.parametrize("pause", [0, 0.02])
def test_many_signals_in_a_row(
    started: Started, halting: Loopback, served: tuple[str, ...], wait_for: Callable[..., None], pause: float
) -> None:
    """Whoever is impatient sees the one line, and cuts nothing short."""
    process = started("ask", "q", *served, *DEBATE)
    wait_for(lambda: len(halting.seen) >= 6)
    for number in (signal.SIGINT, signal.SIGINT, signal.SIGTERM, signal.SIGINT):
        process.send_signal(number)
        time.sleep(pause)
    _, err = process.communicate(timeout=20)

    assert process.returncode == 130
    assert "Traceback" not in err
    assert "go on with: contemplate resume" in err.splitlines()[-1]


def test_an_interruption_before_the_first_call(
    cli: Cli, served: tuple[str, ...], loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing to go on with, and the line says so."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("contemplate.orchestration.runner.Runner.prepare", interrupted)
    said = cli("ask", "q", *served)

    assert (said.status, said.out) == (130, "")
    assert said.err == "contemplate: interrupted; nothing was called\n"
    assert loopback.seen == []


def test_an_interruption_while_words_are_read(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Also before a command has begun."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("contemplate.cli.app.app", interrupted)

    assert run(["doctor"]) == 130
    assert capsys.readouterr().err == "contemplate: interrupted\n"


def test_a_reader_that_goes_away(started: Started, halting: Loopback, served: tuple[str, ...]) -> None:
    """As with `| head -1`: the run stops, without complaint, and can be gone on with."""
    process = started("ask", "q", *served, "--strategy", "multiagent-debate")
    assert process.stdout is not None
    first = process.stdout.readline()
    process.stdout.close()
    process.wait(timeout=20)
    assert process.stderr is not None
    err = process.stderr.read()

    assert first.startswith("run ")
    assert process.returncode == 130
    assert err.count("\n") == 1
    assert f"contemplate resume {first.split()[1].rstrip(':')}" in err
    assert halting.in_flight <= 16


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_that_can_not_be_written(started: Started, served: tuple[str, ...], cli: Cli) -> None:
    """A full disk ends a run like a reader that goes away; other commands say it in one line."""
    with Path("/dev/full").open("w") as full:
        asked = started("ask", "q", *served, stdout=full)
        _, asked_err = asked.communicate(timeout=20)
        listed = started("list", "rules", stdout=full)
        _, listed_err = listed.communicate(timeout=20)
    (stored,) = cli("list", "runs", "--json").json

    assert asked.returncode in {2, 130}
    assert "Traceback" not in asked_err
    assert stored["state"] in {"interrupted", "finished"}
    assert listed.returncode == 2
    assert listed_err == "contemplate: No space left on device\n"


def test_no_output_at_all(started: Started, served: tuple[str, ...], cli: Cli) -> None:
    """With standard output closed, as after `>&-`, there is nobody to tell, and nothing fails."""
    process = started("ask", "q", *served, stdout=None, preexec_fn=lambda: os.close(1))
    _, err = process.communicate(timeout=20)
    (stored,) = cli("list", "runs", "--json").json

    assert (process.returncode, err) == (0, "")
    assert stored["answer"] == "42"


def test_a_server_that_dies_is_4(cli: Cli, loopback: Loopback, served: tuple[str, ...], home: Path) -> None:
    """Every call failed to reach it: no answer, and the turns say why."""
    (home / "contemplate.toml").write_text("[retry]\nattempts = 1\n")
    loopback.script = loopback.reply(drop=True)
    plain = cli("ask", "q", *served, "--project", ".")
    as_json = cli("ask", "other", *served, "--project", ".", "--json")

    assert (plain.status, as_json.status) == (4, 4)
    assert as_json.json["stopped"] == "unreachable"
    assert "the connection broke off" in plain.out


def test_a_run_that_is_interrupted_is_listed_so(
    started: Started, halting: Loopback, served: tuple[str, ...], wait_for: Callable[..., None], cli: Cli
) -> None:
    """`list`, `show` and `replay` say that it is not over, and how to go on."""
    process = started("ask", "q", *served, *DEBATE)
    wait_for(lambda: len(halting.seen) >= 6)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    (row,) = json.loads(cli("list", "runs", "--json").out)
    shown, replayed = cli("show", row["run"]), cli("replay", row["run"])

    assert row["state"] == "interrupted"
    assert f"no outcome yet; go on with: contemplate resume {row['run']}" in shown.out
    assert replayed.status == 2
    assert f"contemplate resume {row['run']}" in replayed.err
