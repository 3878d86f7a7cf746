"""Wall time of a debate against its critical path: what the engine adds to waiting for the model.

3 agents, 3 rounds, 50 ms a call. The critical path is three calls one after the other, and what a call takes is measured
on the same server in the same moment, by aiohttp alone: the median round trip of one request after another. A second
ratio takes three requests at once for a round, as the debate sends them, because the server too has only so many hands.

    python tests/benchmarks/critical_path.py
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import aiohttp
import anyio

from contemplate import Budget, Orchestrator
from server import serving

DELAY = 0.05
SEATS = 3
ROUNDS = 3
TARGET = 1.10
BODY = {"model": "a-model", "messages": [{"role": "user", "content": "What is 17 * 23? " * 20}]}


async def round_trip(url: str, at_once: int, times: int = 5) -> float:
    """Seconds until so many calls by aiohttp alone are all answered, on warm connections: the median."""
    async with aiohttp.ClientSession() as session:

        async def call() -> None:
            async with session.post(f"{url}/chat/completions", json=BODY) as response:
                await response.json()

        taken = []
        for _ in range(times + 1):
            began = time.perf_counter()
            async with anyio.create_task_group() as tasks:
                for _ in range(at_once):
                    tasks.start_soon(call)
            taken.append(time.perf_counter() - began)
        return median(taken[1:])


async def debate(orchestrator: Orchestrator, question: str) -> float:
    """Seconds from the question to the outcome."""
    began = time.perf_counter()
    outcome = await orchestrator.solve(
        question, "multiagent-debate", answer="number", parameters={"seats": SEATS, "rounds": ROUNDS}, budget=Budget(calls=100)
    )
    taken = time.perf_counter() - began
    assert outcome.usage.calls == SEATS * ROUNDS, outcome.usage
    return taken


def commit(folder: Path, times: int = 5) -> float:
    """Seconds until 4 KB are on this disk, which a ledger waits for with every reply: the median."""
    taken = []
    with (folder / "commit").open("ab", buffering=0) as file:
        for _ in range(times):
            file.write(bytes(4096))
            began = time.perf_counter()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - began)
    return median(taken)


@dataclass(frozen=True)
class Measured:
    """Seconds: one call alone and three at once by aiohttp, a commit, and a debate with its ledger on disk and in memory."""

    alone: float
    at_once: float
    commit: float
    on_disk: float
    in_memory: float

    def __str__(self) -> str:
        return ", ".join(f"{field.name} {1000 * getattr(self, field.name):.1f} ms" for field in fields(self))


async def measure(url: str, folder: Path, times: int) -> list[Measured]:
    """All of it, in turn; the first debates, which open connections and read the recipe, are not counted."""
    async with (
        Orchestrator(["a-model"], base_url=url, ledger=folder / "ledger.db") as on_disk,
        Orchestrator(["a-model"], base_url=url, ledger=":memory:") as in_memory,
    ):
        await debate(on_disk, "Warm up: 1 + 1?")
        await debate(in_memory, "Warm up: 1 + 1?")
        found = []
        for number in range(times):
            question = f"What is {number} + {number}?"
            alone, at_once = await round_trip(url, 1), await round_trip(url, SEATS)
            row = Measured(alone, at_once, commit(folder), await debate(on_disk, question), await debate(in_memory, question))
            print(row, flush=True)
            found.append(row)
        return found


def main() -> None:
    """Measure, and print the median ratios."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--times", type=int, default=15, help="debates of each kind")
    given = parser.parse_args()
    with serving(DELAY) as url, TemporaryDirectory() as folder:
        found = asyncio.run(measure(url, Path(folder), given.times))
    print(f"\nmedians of {given.times} debates; a commit takes {1000 * median(row.commit for row in found):.1f} ms on this disk")
    for name in ("on_disk", "in_memory"):
        strict = median(getattr(row, name) / (ROUNDS * row.alone) for row in found)
        fair = median(getattr(row, name) / (ROUNDS * row.at_once) for row in found)
        print(
            f"  ledger {name.replace('_', ' '):10} {strict:.3f} of three calls in a row, {fair:.3f} of three times three at once"
        )
    print(f"target: within {TARGET:.2f} of three calls in a row, ledger on disk")


if __name__ == "__main__":
    main()
