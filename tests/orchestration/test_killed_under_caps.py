"""Caps hold across `kill -9`: killed at any moment under any fault, killed again as it is resumed, and resumed to its end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import contemplate
from chaos import caps, every_kind
from contemplate import Budget, ContemplateError, Orchestrator, Settings
from contemplate.testing import Faults, FaultServer, Latency

VICTIM = """
import asyncio, contextlib, json, os, sys
import contemplate.models.backends.openai
from contemplate import Budget, ContemplateError, Orchestrator, Retry, Settings

PRICES = {"any": {"prompt": 1.0, "completion": 4.0}}
IMPATIENT = Settings(retry=Retry(attempts=3, first_wait=0.005, longest_wait=0.02), prices=PRICES)

async def one(solving):
    with contextlib.suppress(ContemplateError):
        await solving

async def main(url, ledger, budget):
    async with Orchestrator(["any"], ledger=ledger, settings=IMPATIENT, base_url=url) as orchestrator:
        if records := await orchestrator.ledger.runs():
            await asyncio.gather(*(one(orchestrator.resume(record.run)) for record in records))
        else:
            options = {"answer": "number", "parameters": {"seats": 16, "rounds": 3}, "budget": Budget(**budget)}
            questions = [f"What is {number} + 1?" for number in range(4)]
            await asyncio.gather(*(one(orchestrator.solve(asked, "multiagent-debate", **options)) for asked in questions))

for line in sys.stdin:
    url, ledger, budget = json.loads(line)
    if (child := os.fork()) == 0:
        asyncio.run(main(url, ledger, budget))
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""
"""Four debates of 16 seats, or those of a ledger resumed, each time in a process whose id is told so that it can be killed."""

RUNS = 4
PRICE = {"prompt": 1.0, "completion": 4.0}


@dataclass(frozen=True)
class Killer:
    """The process whose children are killed."""

    process: subprocess.Popen[str]

    def kill(self, server: FaultServer, ledger: Path, budget: Budget, more: int) -> None:
        """Begin runs, or resume those of the ledger, and kill the process as soon as so many more calls have arrived."""
        enough, answer = server.calls + more, self.process.stdout
        assert self.process.stdin is not None
        assert answer is not None
        asked = json.dumps([server.url, str(ledger), budget.model_dump(exclude_none=True)])
        print(asked, file=self.process.stdin, flush=True)
        child = int(answer.readline())
        while server.calls < enough and not select.select([answer], [], [], 0.002)[0]:
            pass
        with contextlib.suppress(ProcessLookupError):  # it was over before
            os.kill(child, signal.SIGKILL)
        assert int(answer.readline()) in {0, signal.SIGKILL}


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    """One that has imported all that its children need."""
    ours = {**os.environ, "PYTHONPATH": str(Path(contemplate.__file__).parents[1])}
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", VICTIM], env=ours, stdin=pipe, stdout=pipe, text=True) as process:
        yield Killer(process)
        process.communicate(timeout=60)


async def resume_all(url: str, ledger: Path) -> set[str]:
    """Resume all runs to their ends; what the ledger says of them then."""
    patient = Settings.model_validate(
        {"retry": {"attempts": 3, "first_wait": 0.005, "longest_wait": 0.02}, "prices": {"any": PRICE}}
    )
    async with Orchestrator(["any"], ledger=ledger, settings=patient, base_url=url) as orchestrator:
        for record in await orchestrator.ledger.runs():
            with contextlib.suppress(ContemplateError):
                await orchestrator.resume(record.run)
        return {record.state for record in await orchestrator.ledger.runs()}


def check(killer: Killer, budget: Budget, share: float, seed: int, kills: list[int]) -> int:
    """Kill as often as that, resume, and see that no cap was passed at the server; how many calls that saw."""
    faults = Faults(share=share, mix=tuple(every_kind), seed=seed)
    with (
        TemporaryDirectory() as folder,
        FaultServer("I add.\n\nAnswer: 42", faults=faults, latency=Latency(seconds=0.003, shape="lognormal")) as server,
    ):
        ledger = Path(folder, "ledger.db")
        for more in kills:
            killer.kill(server, ledger, budget, more)
        states = asyncio.run(resume_all(server.url, ledger))
        calls, tokens = server.calls, server.tokens
    assert states <= {"finished", "interrupted"}
    if budget.calls is not None:
        assert calls <= budget.calls * RUNS
    if budget.tokens is not None:
        assert tokens <= budget.tokens * RUNS
    if budget.usd is not None:
        assert tokens * PRICE["prompt"] / 1e6 <= budget.usd * RUNS
    return calls


def test_killed_twice(killer: Killer) -> None:
    """In the midst of it, and again as it is resumed: of 40 calls each, not one more."""
    assert check(killer, Budget(calls=40), 0.2, 3, [50, 30]) >= 80


@pytest.mark.slow
@pytest.mark.chaos
@given(
    budget=caps,
    share=st.sampled_from([0.1, 0.4, 0.9]),
    seed=st.integers(0, 2**31),
    kills=st.lists(st.integers(1, 80), min_size=1, max_size=3),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_cap_is_passed(killer: Killer, budget: Budget, share: float, seed: int, kills: list[int]) -> None:
    """Whatever a provider does, whenever and however often the process is killed."""
    check(killer, budget, share, seed, kills)
