"""Two processes on one ledger: one of them resumes a run, and what both need is paid for once."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import contemplate
from command import COMMAND
from loopback import Loopback

Process = subprocess.Popen[str]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a ledger is to be, once of each kind."""
    return str(tmp_path / "l.db") if request.param == "sqlite" else str(request.getfixturevalue("address"))


@pytest.fixture
def start(place: str) -> Callable[..., Process]:
    """Starts the command line on the ledger and the server."""
    keys = {"CONTEMPLATE_API_KEY": "none", "CONTEMPLATE_LEDGER": place, "OPENAI_API_KEY": ""}
    environment = {**os.environ, **keys, "PYTHONPATH": str(Path(contemplate.__file__).parents[1])}

    def begin(*words: str) -> Process:
        pipe = subprocess.PIPE
        return subprocess.Popen([*COMMAND, *words], env=environment, stdout=pipe, stderr=pipe, text=True)

    return begin


def ask(server: Loopback) -> tuple[str, ...]:
    """A question to five seats."""
    options = ("--base-url", server.url, "--model", "m", "--answer", "number", "--json", "--budget-calls", "16")
    return ("ask", "6 * 7?", "--strategy", "self-consistency", "--seats", "5", *options)


def rows(start: Callable[..., Process]) -> list[dict[str, Any]]:
    """What `contemplate list runs` says."""
    out, _ = start("list", "runs", "--json").communicate(timeout=60)
    found: list[dict[str, Any]] = json.loads(out)
    return found


def test_a_run_that_is_alive(loopback: Loopback, start: Callable[..., Process]) -> None:
    """It is listed with its process, can't be resumed or deleted, and can once that process was killed; two can't resume it."""
    loopback.delay = 60
    child = start(*ask(loopback))
    while not loopback.seen:
        assert child.poll() is None
        time.sleep(0.05)
    (row,) = rows(start)
    assert ("running", child.pid) == (row["state"], row["holder"]["pid"])
    listing, *refused = start("list", "runs"), start("resume", row["run"]), start("delete", row["run"], "--yes")
    listed, why = listing.communicate(timeout=60)
    assert f"(process {child.pid} on {row['holder']['host']})" in listed, why
    for command in refused:
        _, said = command.communicate(timeout=60)
        assert 2 == command.returncode
        assert f"run {row['run']} is under way: process {child.pid} on {row['holder']['host']} has been at it since" in said
    child.kill()
    child.communicate()
    loopback.delay = 0.5
    paid = len(loopback.seen)
    both = [start("resume", row["run"], "--json") for _ in range(2)]
    said_by = [process.communicate(timeout=90) for process in both]
    assert len(loopback.seen) - paid <= 5, said_by
    statuses = sorted(process.returncode for process in both)
    assert statuses in ([0, 2], [0, 0]), said_by  # one that comes late finds the run finished
    assert [] == [err for (_, err), process in zip(said_by, both, strict=True) if process.returncode and "under way" not in err]
    (row,) = rows(start)
    assert ("finished", None) == (row["state"], row["holder"])


def test_one_key(loopback: Loopback, start: Callable[..., Process]) -> None:
    """Two processes that ask the same at the same time pay for each call once, and both have the answer."""
    loopback.delay = 1.0
    both = [start(*ask(loopback)) for _ in range(2)]
    outcomes = [json.loads(process.communicate(timeout=90)[0]) for process in both]
    assert 1 == len({outcome["answer"] for outcome in outcomes})
    bodies = [json.dumps(seen.body, sort_keys=True) for seen in loopback.seen]
    assert len(bodies) == len(set(bodies))
    assert 5 == len(bodies) == sum(outcome["usage"]["calls"] for outcome in outcomes)
