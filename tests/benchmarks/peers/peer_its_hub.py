"""its-hub: `SelfConsistency` over its own client; nothing is kept."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from its_hub.core.algorithms.self_consistency import SelfConsistency
from its_hub.core.lms.openai_lm import OpenAICompatibleLanguageModel
from its_hub.core.orchestrator import LMOrchestrator

from load import ASKS, MODEL, Load, Solve, number, run


@asynccontextmanager
async def opened(load: Load, url: str) -> AsyncIterator[Solve]:
    """A model, and the algorithm; one orchestrator keeps the limit for all questions."""
    if load.rounds > 1:
        sys.exit("its-hub has no debate")
    lm = OpenAICompatibleLanguageModel(endpoint=url, api_key="none", model_name=MODEL, is_async=True)
    vote = SelfConsistency(number, orchestrator=LMOrchestrator(max_concurrency=load.in_flight))

    async def solve(question: str) -> object:
        return await vote.ainfer(lm, f"{question}\n\n{ASKS}", load.seats)

    yield solve
    await lm.close()


if __name__ == "__main__":
    run(opened)
