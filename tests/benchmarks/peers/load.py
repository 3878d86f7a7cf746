"""What each client is measured by: the same questions, asked of the same server, in a process of the client's own.

A client is a script beside this one. It is started as `SCRIPT LOAD URL [OPTION]`, asks once to warm up, does the load, and prints
one JSON object: see `Measured`. Only the standard library is used here, so that each runs in whatever environment it needs.
"""

from __future__ import annotations

import asyncio
import gc
import json
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

MODEL = "a-model"
ASKS = "Solve the problem. Think step by step, then end your reply with one line of the form: Answer: NUMBER"
AGAIN = "These are the replies of other agents. Use them to check your own, and answer again in the same form."


@dataclass(frozen=True)
class Load:
    """What is done.

    Attributes:
        runs: how many questions are asked.
        seats: how many agents answer each.
        rounds: how often; from the second time on each has read the others.
        at_once: how many questions are worked on at the same time.
        in_flight: how many requests may be in flight.
        delay: seconds that the server waits before each reply.
    """

    runs: int
    seats: int
    rounds: int
    at_once: int
    in_flight: int
    delay: float

    @property
    def calls(self) -> int:
        """The requests that it takes."""
        return self.runs * self.seats * self.rounds


LOADS = {
    "debate": Load(runs=15, seats=3, rounds=3, at_once=1, in_flight=64, delay=0.05),
    "votes": Load(runs=200, seats=5, rounds=1, at_once=200, in_flight=64, delay=0.02),
    "held": Load(runs=1000, seats=3, rounds=2, at_once=1000, in_flight=3000, delay=2.0),
}


@dataclass(frozen=True)
class Measured:
    """What a load took.

    Attributes:
        cpu: milliseconds of processor time a call, all threads together, user and system.
        wall: seconds, whole.
        each: seconds that a question took, the median.
        alone: seconds of one request by itself; 0 where it was not measured.
        memory: kB that the process grew by for each question, at its highest.
        held: the longest that the event loop did not come round, in seconds.
    """

    cpu: float
    wall: float
    each: float
    alone: float
    memory: float
    held: float


Solve = Callable[[str], Awaitable[object]]
"""Solves one question, as the load says."""

Complete = Callable[[list[dict[str, str]]], Awaitable[str]]
"""Sends messages, and gives the text of the reply."""

Opened = Callable[[Load, str], AbstractAsyncContextManager[Solve]]
"""Opens a client for a load, at a base URL."""


def load_of(words: str) -> Load:
    """The load that is named: "held", or with other sizes, as "held:runs=10000,in_flight=2000" (all begun at once)."""
    name, _, sizes = words.partition(":")
    changed = {field: int(value) for field, _, value in (one.partition("=") for one in sizes.split(",") if one)}
    load = replace(LOADS[name], **changed)  # type: ignore[arg-type]  # whole numbers each
    return replace(load, at_once=load.runs) if "runs" in changed and name == "held" else load


def number(reply: str) -> str | None:
    """The number that a reply ends with."""
    found = re.findall(r"-?\d+", reply)
    return found[-1] if found else None


def majority(replies: Sequence[str]) -> str | None:
    """The most common answer."""
    counted = Counter(one for one in map(number, replies) if one is not None)
    return counted.most_common(1)[0][0] if counted else None


def asked(question: str) -> list[dict[str, str]]:
    """The messages of a first answer."""
    return [{"role": "user", "content": f"{question}\n\n{ASKS}"}]


def shown(history: list[dict[str, str]], own: str, others: Sequence[str]) -> list[dict[str, str]]:
    """The messages of an answer to what the others said."""
    content = "\n\n".join([*(f"--- reply ---\n{reply}\n--- end ---" for reply in others), AGAIN])
    return [*history, {"role": "assistant", "content": own}, {"role": "user", "content": content}]


def by_hand(complete: Complete, load: Load) -> Solve:
    """The load as somebody writes it by hand who has a client and no framework."""

    async def solve(question: str) -> str | None:
        histories = [asked(question)] * load.seats
        replies = await asyncio.gather(*map(complete, histories))
        for _ in range(load.rounds - 1):
            histories = [
                shown(history, own, [other for place, other in enumerate(replies) if place != seat])
                for seat, (history, own) in enumerate(zip(histories, replies, strict=True))
            ]
            replies = await asyncio.gather(*map(complete, histories))
        answer = majority(replies)
        assert answer is not None, replies
        return answer

    return solve


def limited(complete: Complete, load: Load) -> Complete:
    """The same, with so many requests in flight as the load allows."""
    places = asyncio.Semaphore(load.in_flight)

    async def wait(messages: list[dict[str, str]]) -> str:
        async with places:
            return await complete(messages)

    return wait


class Holds:
    """Watches how long the event loop does not come round."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def watch(self, every: float = 0.005) -> None:
        """Note how much later than asked for the loop comes back, until cancelled."""
        while True:
            before = time.perf_counter()
            await asyncio.sleep(every)
            self.longest = max(self.longest, time.perf_counter() - before - every)


def spent() -> float:
    """Seconds of processor time of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def memory() -> int:
    """The most memory that this process had since it was last asked to forget it, in kB."""
    return int(Path("/proc/self/status").read_text(encoding="ascii").split("VmHWM:")[1].split()[0])


def forget_peak() -> None:
    """Let `memory` begin again."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


async def measure(opened: Opened, load: Load, url: str, *, alone: Complete | None = None) -> Measured:
    """Open a client, warm it up, and do the load."""
    async with opened(load, url) as solve:
        await solve("Warm up: what is 1 + 1?")
        taken: list[float] = []
        questions = iter([f"What is {one} + {one}?" for one in range(load.runs)])

        async def work() -> None:
            for question in questions:
                began = time.perf_counter()
                await solve(question)
                taken.append(time.perf_counter() - began)

        round_trip = 0.0 if alone is None else await _round_trip(alone)
        gc.collect()
        forget_peak()
        holds, grown = Holds(), memory()
        watcher = asyncio.ensure_future(holds.watch()) if load.at_once == load.runs > LOADS["votes"].runs else None
        cpu, wall = spent(), time.perf_counter()
        await asyncio.gather(*(work() for _ in range(load.at_once)))
        cpu, wall = spent() - cpu, time.perf_counter() - wall
        grown = memory() - grown
        if watcher is not None:
            watcher.cancel()
    taken.sort()
    each = taken[len(taken) // 2]
    return Measured(1000 * cpu / load.calls, wall, each, round_trip, grown / load.runs, holds.longest)


def raise_open_files() -> None:
    """Let this process have as many connections as it may."""
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before != most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def _round_trip(complete: Complete, times: int = 7) -> float:
    """Seconds of one request after another, the median."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        await complete(asked("What is 2 + 2?"))
        taken.append(time.perf_counter() - began)
    return sorted(taken)[times // 2]


def run(opened: Opened, *, loop: Callable[[], Any] | None = None) -> None:
    """Do what the command line says, and print what it took."""
    load, url = load_of(sys.argv[1]), sys.argv[2]
    raise_open_files()
    with asyncio.Runner(loop_factory=loop) as runner:
        print(json.dumps(asdict(runner.run(measure(opened, load, url)))))
