"""What the seats of a panel share of their prompts is not read again for each of them."""

from __future__ import annotations

import pytest

from contemplate import Orchestrator, Settings
from contemplate.catalogue.strategy import Strategy
from contemplate.models.backends import embedded
from contemplate.steps import Propose, Vote

PROBLEM = (
    "A farmer has 3 pens with 12 sheep each. He sells 9 sheep, buys 4 at the market, and leaves one with the ferryman. "
    "His neighbour has twice as many goats as he had sheep in the beginning, and gives him none of them. "
    "How many sheep does he have now?"
)


@pytest.mark.embedded
async def test_a_panel_reads_its_problem_once_a_slot() -> None:
    """Of eight seats on a fresh server the first of each slot reads it all."""
    embedded.stop_all()
    try:
        async with Orchestrator(["local/smollm2"], ledger=":memory:", settings=Settings(max_tokens=24)) as orchestrator:
            outcome = await orchestrator.solve(PROBLEM, Strategy(steps=[Propose(seats=8), Vote()]), answer="number")
    finally:
        embedded.stop_all()
    assert 8 == outcome.usage.calls
    assert outcome.usage.cached_tokens >= 0.7 * outcome.usage.prompt_tokens
