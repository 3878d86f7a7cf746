"""contemplate, with everything on: ledger, budget, limits, trace.

Options: `memory` (the ledger is forgotten), `uvloop`, `gc` (garbage is looked for less often, as docs/python.md has it).
"""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from contemplate import Budget, Limits, Orchestrator, Settings
from load import MODEL, Load, Solve, run

AMPLE = Budget(calls=10**9, tokens=10**12)
OPTIONS = sys.argv[3:]


@asynccontextmanager
async def opened(load: Load, url: str) -> AsyncIterator[Solve]:
    """An orchestrator, on a new ledger."""
    settings = Settings(limits={"default": Limits(concurrency=load.in_flight)})
    name = "self-consistency" if load.rounds == 1 else "multiagent-debate"
    parameters = {"seats": load.seats} if load.rounds == 1 else {"seats": load.seats, "rounds": load.rounds}
    with TemporaryDirectory() as folder:
        ledger: Path | str = ":memory:" if "memory" in OPTIONS else Path(folder) / "ledger.db"
        async with Orchestrator([MODEL], base_url=url, ledger=ledger, budget=AMPLE, settings=settings) as orchestrator:

            async def solve(question: str) -> object:
                outcome = await orchestrator.solve(question, name, answer="number", parameters=parameters, budget=AMPLE)
                assert outcome.answer == "42", outcome
                assert outcome.usage.calls == load.seats * load.rounds, outcome.usage
                return outcome

            yield solve


if __name__ == "__main__":
    if "gc" in OPTIONS:
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
    if "uvloop" in OPTIONS:
        import uvloop

        run(opened, loop=uvloop.new_event_loop)
    else:
        run(opened)
