"""Ten thousand questions in one process: how fast, and whether memory grows with what is done.

    python tests/benchmarks/experiment.py --questions 10000

Agents answer at once, so that what is measured is the work of contemplate itself: runs, ledger on disk, rows, statistics.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from contemplate import Completion, Request, Tokens
from contemplate.experiments import Progress, compare
from printed import Rows, tell

STATUS = Path("/proc/self/status")


def memory() -> float:
    """Resident memory in MB."""
    if not STATUS.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


class AtOnce:
    """Answers at once, right three times out of five, and remembers nothing (a `ScriptedBackend` keeps what it was asked)."""

    endpoint = "scripted"

    async def complete(self, request: Request) -> Completion:
        """What is said."""
        answer = 42 if random.Random(request.key).random() < 0.6 else 41
        return Completion(text=f"Answer: {answer}", tokens=Tokens(prompt=100, completion=5), model=request.model)

    async def aclose(self) -> None:
        """Nothing to let go of."""


WINDOW = 0.1
"""Of a size, the part at its end over which its rate is taken."""


def rates(times: Sequence[float], sizes: Sequence[int]) -> dict[str, float]:
    """Runs a second when so many runs are done, each over the last tenth of them.

    Args:
        times: seconds since the beginning when runs were over, in order.
        sizes: how many runs; those that are larger than what was done are left out.
    """
    found = {}
    for size in [one for one in sizes if one <= len(times)]:
        window = max(int(size * WINDOW), 1)
        before = times[size - window - 1] if size > window else 0.0
        found[f"rate at {size:,}"] = window / (times[size - 1] - before)
    return found


async def measured(runs: int, strategies: list[str], sizes: Sequence[int]) -> Rows:
    """Compare so many runs, half of each of two strategies, and say how fast it was along the way."""
    count = runs // len(strategies)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "questions.jsonl"
        rows = (
            {"id": f"q{n}", "question": f"Question {n}: what is 6 * 7?", "kind": "number", "gold": "42"} for n in range(count)
        )
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        times: list[float] = []
        memories = {1: memory()}

        def on_progress(progress: Progress) -> None:
            times.append(progress.seconds)
            if progress.done % max(progress.cells // 10, 1) == 0:
                memories[progress.done] = memory()

        began = time.perf_counter()
        plan = {"strategies": strategies, "models": "m", "questions": str(path), "baselines": [], "at_once": 32}
        found = await compare(plan, backend=AtOnce(), ledger=Path(folder) / "ledger.db", out=folder, on_progress=on_progress)
        total = time.perf_counter() - began
        calls = sum(one.calls.total for one in found.standings)
        size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 2**20
    along = {
        f"{done:,} runs": {"runs": done, "seconds": times[done - 1], "rate": done / times[done - 1], "memory": memories[done]}
        for done in list(memories)[1:]
    }
    whole = {"runs": len(times), "calls": calls, "seconds": total, "megabytes": size, "memory": memory()}
    return {**along, "whole": {**whole, **rates(times, [*sizes, len(times)])}}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--strategies", default="single,self-consistency")
    parser.add_argument("--sizes", default="2000,10000,20000,50000,100000", help="numbers of runs at which the rate is said")

    def measure(given: argparse.Namespace) -> Rows:
        """What the command line says."""
        strategies = given.strategies.split(",")
        sizes = [int(one) for one in given.sizes.split(",")]
        return asyncio.run(measured(given.questions * len(strategies), strategies, sizes))

    tell(parser, measure)
