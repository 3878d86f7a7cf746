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
from pathlib import Path

from contemplate import Completion, Request, Tokens
from contemplate.experiments import Progress, compare

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


async def measure(count: int, strategies: list[str]) -> None:
    """Compare, and print where it stood at each tenth."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "questions.jsonl"
        rows = (
            {"id": f"q{n}", "question": f"Question {n}: what is 6 * 7?", "kind": "number", "gold": "42"} for n in range(count)
        )
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        print("| runs done | seconds | runs a second | memory, MB |")
        print("|---|---|---|---|")

        def on_progress(progress: Progress) -> None:
            if progress.done % (progress.cells // 10) == 0:
                rate = progress.done / progress.seconds
                print(f"| {progress.done:,} | {progress.seconds:.0f} | {rate:.0f} | {memory():.0f} |", flush=True)

        began = time.perf_counter()
        plan = {"strategies": strategies, "models": "m", "questions": str(path), "baselines": [], "at_once": 32}
        found = await compare(plan, backend=AtOnce(), ledger=Path(folder) / "ledger.db", out=folder, on_progress=on_progress)
        total = time.perf_counter() - began
        calls = sum(one.calls.total for one in found.standings)
        size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 2**20
        print(f"\n{count:,} questions, {', '.join(strategies)}: {calls:,.0f} calls, {total:.0f} s with reading and statistics,")
        print(f"{count / total:.0f} questions a second, {size:.0f} MB on disk, {memory():.0f} MB of memory at the end")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--strategies", default="single,self-consistency")
    given = parser.parse_args()
    asyncio.run(measure(given.questions, given.strategies.split(",")))
