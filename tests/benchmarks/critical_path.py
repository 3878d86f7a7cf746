"""Wall time of a debate against its critical path: what the engine adds to waiting for the model.

3 agents, 3 rounds, 50 ms a call. The critical path is three calls one after the other, and what a call takes is measured
on the same server in the same moment, by aiohttp alone: the median round trip of one request after another. A second
ratio takes three requests at once for a round, as the debate sends them, because the server too has only so many hands.

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
import anyio
from server import serving

from contemplate import Budget, Orchestrator

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


async def measure(url: str, ledger: Path, times: int) -> list[tuple[float, float]]:
    """Both ratios of each debate; the first one, which opens connections and reads the recipe, is not counted."""
    async with Orchestrator(["a-model"], base_url=url, ledger=ledger) as orchestrator:
        await debate(orchestrator, "Warm up: 1 + 1?")
        ratios = []
        for number in range(times):
            path = ROUNDS * await round_trip(url, at_once=1)
            rounds = ROUNDS * await round_trip(url, at_once=SEATS)
            taken = await debate(orchestrator, f"What is {number} + {number}?")
            ratios.append((taken / path, taken / rounds))
            print(f"{1000 * taken:.1f} ms; critical path {1000 * path:.1f} ms, three at once {1000 * rounds:.1f} ms", flush=True)
        return ratios


def main() -> None:
    """Measure, and print the median ratio."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--times", type=int, default=15, help="debates")
    given = parser.parse_args()
    with serving(DELAY) as url, TemporaryDirectory() as folder:
        ratios = asyncio.run(measure(url, Path(folder) / "ledger.db", given.times))
    strict, fair = (median(column) for column in zip(*ratios, strict=True))
    print(f"\nmedian of {given.times}: {strict:.3f} of the critical path (target: within {TARGET:.2f})")
    print(f"against three bare calls at once: {fair:.3f}")


if __name__ == "__main__":
    main()
