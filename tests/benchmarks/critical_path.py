"""Wall time of a debate against its critical path: what the engine adds to waiting for the model.

3 agents, 3 rounds, 50 ms a call. The critical path is three calls one after the other, and what a call takes is measured
on the same server in the same moment: the median round trip of one request after another, sent by aiohttp alone.

    python tests/benchmarks/critical_path.py
"""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import aiohttp
from server import serving

from contemplate import Budget, Orchestrator

DELAY = 0.05
ROUNDS = 3
TARGET = 1.10
BODY = {"model": "a-model", "messages": [{"role": "user", "content": "What is 17 * 23? " * 20}]}


async def round_trip(url: str, times: int) -> float:
    """Seconds of one call by aiohttp alone, on a warm connection: the median."""
    async with aiohttp.ClientSession() as session:
        taken = []
        for _ in range(times + 1):
            began = time.perf_counter()
            async with session.post(f"{url}/chat/completions", json=BODY) as response:
                await response.json()
            taken.append(time.perf_counter() - began)
        return median(taken[1:])


async def debate(orchestrator: Orchestrator, question: str) -> float:
    """Seconds from the question to the outcome."""
    began = time.perf_counter()
    outcome = await orchestrator.solve(
        question, "multiagent-debate", answer="number", parameters={"seats": 3, "rounds": ROUNDS}, budget=Budget(calls=100)
    )
    taken = time.perf_counter() - began
    assert outcome.usage.calls == 3 * ROUNDS, outcome.usage
    return taken


async def measure(url: str, ledger: Path, times: int) -> list[float]:
    """The ratio of each debate; the first one, which opens connections and reads the recipe, is not counted."""
    async with Orchestrator(["a-model"], base_url=url, ledger=ledger) as orchestrator:
        await debate(orchestrator, "Warm up: 1 + 1?")
        ratios = []
        for number in range(times):
            path = ROUNDS * await round_trip(url, 5)
            taken = await debate(orchestrator, f"What is {number} + {number}?")
            ratios.append(taken / path)
            print(f"{1000 * taken:.1f} ms, critical path {1000 * path:.1f} ms: {ratios[-1]:.3f}", flush=True)
        return ratios


def main() -> None:
    """Measure, and print the median ratio."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--times", type=int, default=15, help="debates")
    given = parser.parse_args()
    with serving(DELAY) as url, TemporaryDirectory() as folder:
        ratios = asyncio.run(measure(url, Path(folder) / "ledger.db", given.times))
    print(f"\nmedian of {given.times}: {median(ratios):.3f} of the critical path (target: within {TARGET:.2f})")


if __name__ == "__main__":
    main()
