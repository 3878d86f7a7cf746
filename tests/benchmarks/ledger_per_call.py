"""What a ledger costs a call, with leases and without, at 64 calls in flight: `python tests/benchmarks/ledger_per_call.py`.

Calls go the whole path to a backend that answers at once. Both kinds are measured in turns, in one process, each on a file of
its own; "none" is the path on a ledger in memory with no leases, so that the difference is the ledger's.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from contemplate import Budget, ScriptedBackend
from contemplate.ledger import Ledger, SQLiteLedger
from contemplate.models.backends.routing import Router
from contemplate.models.budget import Account
from contemplate.models.path import Caller, Calls

sys.path.append(str(Path(__file__).parents[1]))

from builders import a_request

IN_FLIGHT = 64


class WithoutLeases(SQLiteLedger):
    """A ledger in a file on which nobody claims anything."""

    claim = Ledger.claim
    unclaim = Ledger.unclaim


async def measure(make: Callable[[], SQLiteLedger], calls: int) -> tuple[float, float]:
    """Milliseconds of wall-clock and of CPU a call."""
    ledger = make()
    path = Calls(Router(None, backends={"*": ScriptedBackend(lambda _: "Answer: 42")}), ledger)
    account, numbers = Account(Budget()), iter(range(calls))

    async def work() -> None:
        for number in numbers:
            await path.call([a_request(str(number))], Caller(account=account, run="r", turn="t"))

    await ledger.completion("none")
    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
    took = time.perf_counter() - wall, time.process_time() - cpu
    await ledger.aclose()
    return took[0] / calls * 1000, took[1] / calls * 1000


def main() -> None:
    """Measure, and print the medians."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = iter(Path(folder, f"{number}.db") for number in range(10**6))
        kinds: dict[str, Callable[[], SQLiteLedger]] = {
            "none": lambda: WithoutLeases(":memory:"),
            "a file": lambda: WithoutLeases(next(files)),
            "a file with leases": lambda: SQLiteLedger(next(files)),
        }
        found: dict[str, list[tuple[float, float]]] = {kind: [] for kind in kinds}
        for _ in range(given.times):
            for kind, make in kinds.items():
                found[kind].append(asyncio.run(measure(make, given.calls)))
    for kind, times in found.items():
        wall, cpu = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"{kind:<20} {wall:.3f} ms of wall-clock, {cpu:.3f} ms of CPU a call")


if __name__ == "__main__":
    main()
