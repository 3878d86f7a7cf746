"""A long run of many contemplations against a provider that fails: `python tests/benchmarks/soak.py`.

2,000 contemplations of five strategies, some 20,000 calls, at a server in a process of its own that fails one call in ten, in
eight ways. What is looked at: that every run ends or says why, that memory and file handles stay level, that what was booked is
what the server billed, to the token, and that the ledger has every run. A second, shorter part has the faults after which nobody
can know what was billed: there as much is booked as it may have been.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import hashlib
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from contemplate import ContemplateError, Orchestrator, Settings
from contemplate.models.retry import Retry
from contemplate.testing import Fault, Faults, FaultServer, Latency

STRATEGIES: tuple[tuple[str, dict[str, int]], ...] = (
    ("self-consistency", {"seats": 10}),
    ("multiagent-debate", {"seats": 8, "rounds": 4}),
    ("contemplating-2026-11", {"seats": 4}),
    ("contemplating", {"seats": 4}),
    ("parallel-refine", {"seats": 6}),
)
CERTAIN = (
    *(Fault(kind="status", status=status) for status in (429, 500, 502, 503, 529)),
    Fault(kind="empty-content"),
    Fault(kind="refusal"),
    Fault(kind="length"),
)
"""After these it is known what was billed."""
UNCERTAIN = tuple(
    Fault(kind=kind)
    for kind in (
        "reset-before",
        "reset-within",
        "reset-after",
        "truncated-json",
        "wrong-encoding",
        "no-choices",
        "no-usage",
        "zero-usage",
        "tool-calls",
    )
)
"""After these it is not."""


@dataclass
class Seen:
    """What was seen of a soak."""

    ends: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    tokens: int = 0
    memory: list[int] = field(default_factory=list)
    handles: list[int] = field(default_factory=list)


def reply(body: dict[str, object]) -> str:
    """One of five answers, by what was asked."""
    return f"I work it out.\n\nAnswer: {40 + hashlib.sha256(str(body).encode()).digest()[0] % 5}"


def serve(pipe: Connection, mix: Sequence[Fault], share: float) -> None:
    """Be the provider until somebody asks for the figures."""
    faults = Faults(share=share, mix=tuple(mix), seed=7)
    with FaultServer(reply, faults=faults, latency=Latency(seconds=0.002, shape="lognormal")) as server:
        pipe.send(server.url)
        pipe.recv()
        pipe.send((server.calls, server.answered, server.tokens, dict(server.counts)))


def memory() -> int:
    """What this process has of the memory, in bytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def handles() -> int:
    """Open files and sockets of this process."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


async def soak(url: str, ledger: Path, runs: int, at_once: int) -> Seen:
    """So many contemplations, each on a question of its own."""
    seen, numbers = Seen(), iter(range(runs))
    settings = Settings(retry=Retry(attempts=6, first_wait=0.01, longest_wait=0.1))
    async with Orchestrator(["soak"], ledger=ledger, settings=settings, base_url=url) as orchestrator:

        async def work() -> None:
            for number in numbers:
                strategy, parameters = STRATEGIES[number % len(STRATEGIES)]
                try:
                    outcome = await orchestrator.solve(
                        f"What is {number} + 1?", strategy, answer="number", parameters=parameters, seed=number
                    )
                except ContemplateError as error:
                    seen.errors[type(error).__name__] += 1
                    continue
                seen.ends[outcome.stopped] += 1
                seen.calls += outcome.usage.calls
                seen.tokens += outcome.usage.prompt_tokens + outcome.usage.completion_tokens
                if number % max(runs // 40, 1) == 0:
                    seen.memory.append(memory())
                    seen.handles.append(handles())

        await asyncio.gather(*(work() for _ in range(at_once)))
        states = Counter(record.state for record in await orchestrator.ledger.runs(10**6))
        gc.collect()
    seen.ends.update({f"in the ledger: {state}": number for state, number in states.items()})
    return seen


def part(name: str, mix: Sequence[Fault], runs: int, at_once: int) -> tuple[Seen, int]:
    """Do one part, and print what was seen; returns that, and the tokens that the server billed."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=serve, args=(theirs, mix, 0.1), daemon=True)
    server.start()
    url = ours.recv()
    with tempfile.TemporaryDirectory() as folder:
        ledger, began = Path(folder, "soak.db"), time.monotonic()
        seen = asyncio.run(soak(url, ledger, runs, at_once))
        seconds, size = time.monotonic() - began, ledger.stat().st_size
    ours.send("done")
    arrived, answered, billed, counts = ours.recv()
    server.join()
    failed = {kind: number for kind, number in sorted(counts.items()) if kind != "ok"}
    third = max(len(seen.memory) // 3, 1)
    first, last = (statistics.median(one) / 2**20 for one in (seen.memory[third : 2 * third], seen.memory[-third:]))
    print(f"{name}: {runs:,} contemplations, {at_once} at once, in {seconds:.0f} s")
    print(f"  calls that arrived         {arrived:,}, {sum(failed.values()):,} of them failed: {failed}")
    print(f"  how runs ended             {dict(seen.ends)}, raised: {dict(seen.errors)}")
    print(f"  tokens booked, billed      {seen.tokens:,} and {billed:,} ({answered:,} whole completions)")
    print(f"  memory, MB                 {first:.0f} in the second third, {last:.0f} in the last")
    print(
        f"  open handles               {min(seen.handles)} to {max(seen.handles)}, median {statistics.median(seen.handles):.0f}"
    )
    print(f"  ledger                     {size / 2**20:.1f} MB, {size / max(arrived, 1):,.0f} bytes a call")
    return seen, billed


def main() -> None:
    """Do both parts."""
    parser = argparse.ArgumentParser(description="Many contemplations against a provider that fails.")
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--at-once", type=int, default=32)
    given = parser.parse_args()
    seen, billed = part("faults after which it is known what was billed", CERTAIN, given.runs, given.at_once)
    unsure, least = part("faults after which it is not known", UNCERTAIN, max(given.runs // 10, 1), given.at_once)
    assert seen.tokens == billed, "what was booked is not what was billed"
    assert unsure.tokens >= least, "less was booked than was billed"


if __name__ == "__main__":
    main()
