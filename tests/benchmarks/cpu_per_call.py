"""Processor time of a call, for the whole path: ledger on disk, budget, limiter, HTTP, parsing, trace.

Panels run side by side with 64 calls in flight, against a server in another process: wide ones (64 seats, one round), and
debates (3 seats, 3 rounds, where each run has its own beginning and end, and prompts grow). Next to them, in the same run,
requests of the same size are posted by aiohttp alone.

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

from contemplate import Budget, Limits, Orchestrator, Settings
from server import serving

IN_FLIGHT = 64
DELAY = 0.05
TARGET = 0.8
SETTINGS = Settings(limits={"default": Limits(concurrency=IN_FLIGHT)})
AMPLE = Budget(calls=10**9, tokens=10**12)


@dataclass(frozen=True)
class Load:
    """What runs: so many runs of a strategy, each with so many calls."""

    name: str
    strategy: str
    parameters: dict[str, object]
    runs: int
    calls: int


LOADS = (
    Load("wide panels", "self-consistency", {"seats": 64}, 20, 64),
    Load("debates", "multiagent-debate", {"seats": 3, "rounds": 3}, 144, 9),
)
BARE = 1280


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


async def engine(url: str, ledger: Path, load: Load) -> Spent:
    """The whole path, with everything on."""
    async with Orchestrator(["a-model"], base_url=url, ledger=ledger, budget=AMPLE, settings=SETTINGS) as orchestrator:
        await orchestrator.solve("Warm up: 1 + 1?", "single", answer="number")

        async def solve(number: int) -> None:
            question = f"What is {number} + {number}?"
            outcome = await orchestrator.solve(question, load.strategy, answer="number", parameters=load.parameters, budget=AMPLE)
            assert outcome.usage.calls == load.calls, outcome.usage

        watch = Stopwatch()
        async with anyio.create_task_group() as tasks:
            for number in range(load.runs):
                tasks.start_soon(solve, number)
        return watch.over(load.runs * load.calls)


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


def bodies() -> list[bytes]:
    """Requests as long as a debate's: a third of them ask afresh, two thirds go on from what three agents said."""
    reply = "Both numbers add up.\nThe answer is 42."
    made = []
    for number in range(BARE):
        content = "\n\n".join([f"What is {number} + {number}?", *[reply] * (number % 3 * 3), "Work it out step by step."])
        made.append(json.dumps({"model": "a-model", "messages": [{"role": "user", "content": content}]}).encode())
    return made


def main() -> None:
    """Measure in turn, and print medians."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--times", type=int, default=7, help="measurements of each")
    given = parser.parse_args()
    found: dict[str, list[Spent]] = {name: [] for name in ("bare aiohttp", *(load.name for load in LOADS))}
    posted = bodies()
    with serving(DELAY) as url, TemporaryDirectory() as folder:
        for number in range(given.times):
            found["bare aiohttp"].append(asyncio.run(bare(url, posted)))
            for load in LOADS:
                ledger = Path(folder) / f"{load.strategy}-{number}.db"
                found[load.name].append(asyncio.run(engine(url, ledger, load)))
            print(", ".join(f"{name} {spent[-1].cpu:.3f} ms" for name, spent in found.items()), flush=True)
    floor = median(spent.cpu for spent in found["bare aiohttp"])
    print(f"\nmedians of {given.times}, {IN_FLIGHT} in flight; target: under {TARGET} ms of processor time a call")
    for name, spent in found.items():
        cpu, rate = median(one.cpu for one in spent), median(one.rate for one in spent)
        print(f"  {name:12} {cpu:.2f} ms a call, {cpu / floor:.1f} x bare aiohttp, {rate:.0f} calls a second")


if __name__ == "__main__":
    main()
