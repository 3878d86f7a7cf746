"""A debate at a server that counts its calls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from contemplate import Orchestrator, Outcome
from forking import DEBATE, SUM, numbers
from loopback import Loopback


@pytest.fixture
async def served(loopback: Loopback) -> AsyncIterator[Orchestrator]:
    """An orchestrator on a server at which seats say numbers of their own."""
    loopback.script = numbers
    async with Orchestrator(["m"], base_url=loopback.url, ledger=":memory:") as orchestrator:
        yield orchestrator


@pytest.fixture
async def debate(served: Orchestrator) -> Outcome[Any]:
    """A debate of three seats over three rounds."""
    return await served.carry_out(SUM, "multiagent-debate", DEBATE)
