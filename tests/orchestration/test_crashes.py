"""A crash at every write of the ledger: the process is killed at its first write, its second, its third ... and the run goes on.

The resumed run comes to the same outcome as one that nothing happened to, and the server is asked for no reply that was stored.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import contemplate
from contemplate import Orchestrator, Settings
from contemplate.ledger.base import RunRecord
from loopback import Loopback, Seen

RUNS = """
import asyncio, json, os, signal, sys
import contemplate.models.backends.openai
from contemplate import Orchestrator, Settings
from contemplate.ledger import sqlite

url, strategy = sys.argv[1:]
place, fatal, when, writes = "", "", "", 0

def dies(at):
    global writes
    if at == when:
        writes += 1
        if writes == int(fatal):
            os.kill(os.getpid(), signal.SIGKILL)

class Fatal(sqlite._SQLite):
    def execute(self, sql, parameters=()):
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            dies("before")
            done = super().execute(sql, parameters)
            dies("after")
            return done
        return super().execute(sql, parameters)

    def transaction(self, *, writes):
        inner = super().transaction(writes=writes)
        return Committed(inner) if writes else inner

class Committed:
    def __init__(self, inner):
        self.inner = inner
    def __enter__(self):
        return self.inner.__enter__()
    def __exit__(self, *error):
        done = self.inner.__exit__(*error)
        dies("committed")
        return done

sqlite._SQLite = Fatal

async def main():
    public = Settings(secret="public")
    async with Orchestrator(["m"], base_url=url, api_key="none", ledger=place, settings=public) as orchestrator:
        await orchestrator.solve("What is 6 * 7?", strategy, answer="number", parameters=eval(os.environ["PARAMETERS"]))

for line in sys.stdin:
    place, fatal, when = json.loads(line)
    if (child := os.fork()) == 0:
        asyncio.run(main())
        os._exit(0)
    print(os.waitpid(child, 0)[1], flush=True)
"""
"""Carries runs out, each in a process of its own, which kills itself at the write of that number: before it, after it, or when
it is committed. It tells how each process ended. All are forked from one that has imported what they need."""


_CALLS = {"contemplating": 4}
"""How many calls a seat makes at once, where it is more than one."""
_SETTLED = 0.1
"""Seconds in which a server has read what a process that was killed had sent."""


def says(seen: Seen) -> str:
    """Half of the seats are wrong at first, whoever asks; what is asked decides, so that it is the same each time."""
    text = json.dumps(seen.body["messages"])
    answer = 42 - (sum(map(ord, text)) + seen.body.get("seed", 0)) % 2
    return f"I think so.\nConfidence: 70 %\nScore: 7\nVerdict: sound\nAnswer: {answer}"


@dataclass(frozen=True)
class Crash:
    """A place to run and to crash in.

    Attributes:
        in_flight: how many calls are under way at once, at most.
    """

    server: Loopback
    folder: Path
    process: subprocess.Popen[str]
    in_flight: int

    def survives(self, name: str, fatal: int, when: str) -> bool:
        """Carry a run out in a process of its own; whether that came to its end, and was not killed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps([self.place(name), str(fatal), when]), file=self.process.stdin, flush=True)
        status = int(self.process.stdout.readline())
        assert status in {0, signal.SIGKILL}
        return status == 0

    def asked(self, since: int) -> set[str]:
        """What the server was asked since then; how many samples of it does not matter."""
        bodies = [{**seen.body, "n": None} for seen in self.server.seen[since:]]
        return {json.dumps(body, sort_keys=True) for body in bodies}

    def place(self, name: str) -> str:
        """Where a ledger is."""
        return str(self.folder / f"{name}.db")

    async def resumed(self, name: str) -> tuple[dict[str, Any], list[str]] | None:
        """The outcome of the only run of a ledger, once resumed, and the keys that were there before; None: it has none."""
        place, public = self.place(name), Settings(secret="public")  # so that each ledger has the same prompts
        async with Orchestrator(["m"], base_url=self.server.url, api_key="none", ledger=place, settings=public) as orchestrator:
            runs: list[RunRecord] = await orchestrator.runs()
            if not runs:
                return None
            (record,) = runs
            kept = await orchestrator.ledger.keys()
            outcome = await orchestrator.resume(record.run)
            assert not (await orchestrator.replay(record.run)).differences
            assert "finished" == (await orchestrator.run(record.run)).state
            return {"answer": outcome.answer, "turns": [turn.model_dump() for turn in outcome.trace.turns]}, kept


def crash_everywhere(crash: Crash, whens: tuple[str, ...], step: int) -> int:
    """Crash at every write (each `step`-th) and resume; how many crashes there were."""
    assert crash.survives("whole", 0, whens[0])
    whole = asyncio.run(crash.resumed("whole"))
    assert whole is not None
    paid, every = len(crash.server.seen), crash.asked(0)
    crashes = 0
    for when in whens:
        number = 1
        while True:
            name, before = f"{when}-{number}", len(crash.server.seen)
            survived = crash.survives(name, number, when)
            time.sleep(_SETTLED)
            killed = len(crash.server.seen)
            if (found := asyncio.run(crash.resumed(name))) is not None:
                outcome, kept = found
                assert whole[0] == outcome, (when, number)
                assert len(crash.server.seen) - killed <= paid - len(kept), (when, number)  # nothing that is stored
                assert crash.asked(before) == every, (when, number)
                assert len(crash.server.seen) - before - paid <= crash.in_flight, (when, number)
            if survived:
                break
            crashes += 1
            number += step
    return crashes


Started = Callable[[str, dict[str, object]], Crash]


@pytest.fixture
def start(loopback: Loopback, tmp_path: Path) -> Iterator[Started]:
    """Starts the process that carries runs of a strategy out."""
    loopback.script = says
    children: list[subprocess.Popen[str]] = []

    def begin(strategy: str, parameters: dict[str, object]) -> Crash:
        ours = {"PYTHONPATH": str(Path(contemplate.__file__).parents[1]), "PARAMETERS": repr(parameters)}
        command, pipe = [sys.executable, "-c", RUNS, loopback.url, strategy], subprocess.PIPE
        children.append(subprocess.Popen(command, env={**os.environ, **ours}, stdin=pipe, stdout=pipe, text=True))
        return Crash(loopback, tmp_path, children[-1], int(str(parameters["seats"])) * _CALLS.get(strategy, 1))

    yield begin
    for child in children:
        child.communicate(timeout=60)


def test_self_consistency(start: Started) -> None:
    """Two samples: a crash at every fourth write."""
    assert crash_everywhere(start("self-consistency", {"seats": 2}), ("before",), 4) >= 2


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.parametrize(
    ("strategy", "parameters", "step"),
    [
        ("self-consistency", {"seats": 3}, 1),
        ("multiagent-debate", {"seats": 3}, 1),
        ("contemplating", {"seats": 3}, 4),
        ("best-of-n", {"seats": 3}, 1),
        ("reconcile", {"seats": 3}, 1),
        ("mixture-of-agents", {"seats": 2}, 1),
    ],
)
def test_every_write(start: Started, strategy: str, parameters: dict[str, object], step: int) -> None:
    """Each of six strategies: a crash before every write (every fourth of the longest run), and behind every commit."""
    crashes = crash_everywhere(start(strategy, parameters), ("before", "committed"), step)
    print(f"{strategy}: {crashes} crashes")
    assert crashes >= 10
