"""Processor time of a call, for the whole path: ledger on disk, budget, limiter, HTTP, parsing, trace.

Debates of 3 agents over 3 rounds run side by side with 64 calls in flight, against a server in another process. Next to
it, in the same run, the same requests are posted by aiohttp alone.

    python tests/benchmarks/cpu_per_call.py
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import aiohttp
import anyio
from server import serving

from contemplate import Budget, Limits, Orchestrator, Settings

IN_FLIGHT = 64
CALLS_OF_A_RUN = 9
DELAY = 0.05
TARGET = 0.8
SETTINGS = Settings(limits={"default": Limits(concurrency=IN_FLIGHT)})
AMPLE = Budget(calls=10**9, tokens=10**12)


@dataclass
class Spent:
    """Milliseconds of processor time a call, all threads together, and calls a second."""

    cpu: float
    rate: float


class Stopwatch:
    """Processor and wall time from its making on."""

    def __init__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def over(self, calls: int) -> Spent:
        """What each of so many calls took."""
        return Spent(1000 * (time.process_time() - self._cpu) / calls, calls / (time.perf_counter() - self._wall))


async def engine(url: str, ledger: Path, runs: int) -> Spent:
    """Debates with everything on."""
    async with Orchestrator(["a-model"], base_url=url, ledger=ledger, budget=AMPLE, settings=SETTINGS) as orchestrator:
        await orchestrator.solve("Warm up: 1 + 1?", "single", answer="number")

        async def debate(number: int) -> None:
            outcome = await orchestrator.solve(
                f"What is {number} + {number}?",
                "multiagent-debate",
                answer="number",
                parameters={"rounds": 3},
                budget=AMPLE,
            )
            assert outcome.usage.calls == CALLS_OF_A_RUN, outcome.usage

        watch = Stopwatch()
        async with anyio.create_task_group() as tasks:
            for number in range(runs):
                tasks.start_soon(debate, number)
        return watch.over(runs * CALLS_OF_A_RUN)


async def bare(url: str, bodies: list[bytes]) -> Spent:
    """The same requests, posted by aiohttp and read as JSON."""
    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), headers=headers) as session:

        async def post(bodies: Iterator[bytes]) -> None:
            for body in bodies:
                async with session.post(f"{url}/chat/completions", data=body) as response:
                    json.loads(await response.read())

        await post(iter(bodies[:1]))
        shared, watch = iter(bodies), Stopwatch()
        async with anyio.create_task_group() as tasks:
            for _ in range(IN_FLIGHT):
                tasks.start_soon(post, shared)
        return watch.over(len(bodies))


def bodies_of(runs: int) -> list[bytes]:
    """Bodies as long as a debate's: a third of them ask afresh, two thirds go on from what three agents said."""
    reply = "Both numbers add up.\nThe answer is 42."
    bodies = []
    for number in range(runs * CALLS_OF_A_RUN):
        content = "\n\n".join([f"What is {number} + {number}?", *[reply] * (number % 3 * 3), "Work it out step by step."])
        bodies.append(json.dumps({"model": "a-model", "messages": [{"role": "user", "content": content}]}).encode())
    return bodies


def main() -> None:
    """Measure, and print medians."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--runs", type=int, default=150, help="debates in each measurement")
    parser.add_argument("--times", type=int, default=7, help="measurements")
    given = parser.parse_args()
    bodies = bodies_of(given.runs)
    ours, theirs = [], []
    with serving(DELAY) as url, TemporaryDirectory() as folder:
        for number in range(given.times):
            ours.append(asyncio.run(engine(url, Path(folder) / f"{number}.db", given.runs)))
            theirs.append(asyncio.run(bare(url, bodies)))
            print(
                f"contemplate {ours[-1].cpu:.3f} ms, {ours[-1].rate:.0f} calls/s; bare aiohttp {theirs[-1].cpu:.3f} ms",
                flush=True,
            )
    cpu, floor = median(spent.cpu for spent in ours), median(spent.cpu for spent in theirs)
    print(f"\nmedian of {given.times}, {given.runs * CALLS_OF_A_RUN} calls each, {IN_FLIGHT} in flight:")
    print(f"  contemplate  {cpu:.2f} ms of processor time a call (target: under {TARGET})")
    print(f"  bare aiohttp {floor:.2f} ms; ratio {cpu / floor:.1f}")


if __name__ == "__main__":
    main()
