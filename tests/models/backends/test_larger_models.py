"""The larger embedded models, for real; by hand: `pytest -m large`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contemplate import Orchestrator
from contemplate.models.backends import embedded


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    """No server is left."""
    yield
    embedded.stop_all()


@pytest.mark.large
@pytest.mark.parametrize("model", ["local/qwen2.5-coder-0.5b", "local/qwen2.5-coder-1.5b"])
async def test_they_reckon(model: str) -> None:
    """What the smallest one can't."""
    async with Orchestrator([model], ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve("What is 17 + 25?", "single", answer="number")
    assert outcome.answer is not None
    assert "42" == outcome.answer
