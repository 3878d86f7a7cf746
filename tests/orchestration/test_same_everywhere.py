"""What a run comes to hangs on its questions, seed and replies: not on when replies arrive, nor on how Python hashes strings."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import anyio
import pytest

from command import COMMAND
from contemplate import Orchestrator, Settings
from contemplate.testing import FaultServer, Latency
from contemplate.trace.outcome import Outcome
from contemplate.types import Json

STRATEGIES = ["multiagent-debate", "contemplating", "contemplating-2026-11", "parallel-refine", "dylan"]


def reply(body: Json) -> str:
    """One of three answers, by what was asked."""
    return f"I add.\n\nAnswer: {40 + len(str(body['messages'])) % 3}"


async def solved(server: FaultServer, strategy: str, ledger: Path | str = ":memory:") -> Outcome:
    """A run of a strategy at a server."""
    async with Orchestrator(["any"], ledger=ledger, base_url=server.url, settings=Settings(secret="public")) as orchestrator:
        return await orchestrator.solve("What is 41 + 1?", strategy, answer="number")


@pytest.mark.parametrize("strategy", STRATEGIES)
async def test_in_whatever_order_replies_arrive(strategy: str) -> None:
    """Three spreads of latency give three orders, and one trace."""
    traces = []
    with FaultServer(reply) as server:
        for seconds in (0.0, 0.004, 0.012):
            server.latency = Latency(seconds=seconds, shape="exponential")
            traces.append((await solved(server, strategy)).trace.canonical())
    assert traces[0] == traces[1] == traces[2]
    assert len({turn["id"] for turn in traces[0]}) > 3


async def test_replayed_under_other_hash_seeds(tmp_path: Path) -> None:
    """In processes of their own, from the ledger alone: the server is gone."""
    with FaultServer(reply, latency=Latency(seconds=0.002, shape="exponential")) as server:
        run = (await solved(server, "multiagent-debate", tmp_path / "l.db")).run
    replay = [*COMMAND, "replay", run, "--ledger", str(tmp_path / "l.db")]
    for seed in ("0", "1", "4294967295"):
        done = await anyio.run_process(replay, check=False, stderr=subprocess.STDOUT, env={**os.environ, "PYTHONHASHSEED": seed})
        assert done.returncode == 0, done.stdout
        assert b"the same" in done.stdout
