"""Whole runs with scripted agents, by name."""

from __future__ import annotations

from typing import Any

from contemplate import Orchestrator, Outcome
from stage import Stage
from viewed import CASTS, MODEL, ONCE, answers


async def done(name: str, **options: Any) -> Outcome[Any]:
    """One of the runs of `viewed.CASTS`: a debate that turns, a panel with a failed agent, an open question."""
    strategy, question, parameters, lines = CASTS[name]
    backend = answers(lines, Stage().role_of, 0)
    async with Orchestrator([MODEL], backend=backend, ledger=":memory:", settings=ONCE) as orchestrator:
        return await orchestrator.solve(question, strategy, parameters=parameters, **options)
