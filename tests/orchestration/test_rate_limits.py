"""Whole runs against a server that enforces its limits: few refusals, most of what is allowed, and nobody held up by another."""

from __future__ import annotations

import time
from typing import Any

import anyio
import pytest

from contemplate import Limits, Model, Orchestrator, Retry, Settings, TurnEnded
from contemplate.testing import Fault, FaultServer, Latency, Rate

PATIENT = Retry(attempts=10, first_wait=0.05, longest_wait=1.0)


async def contemplate_many(server: FaultServer, limits: Limits, runs: int, **options: Any) -> float:
    """So many runs side by side, each a call of its own; the seconds that they take. All of them must be answered."""
    settings = Settings(limits={"default": limits}, retry=PATIENT)
    async with Orchestrator(["m"], base_url=server.url, ledger=":memory:", settings=settings) as orchestrator:

        async def solve(number: int) -> None:
            outcome = await orchestrator.solve(f"{number}?", "single", answer="number", **options)
            assert "42" == outcome.answer

        began = time.monotonic()
        async with anyio.create_task_group() as tasks:
            for number in range(runs):
                tasks.start_soon(solve, number)
        return time.monotonic() - began


def refused(server: FaultServer) -> float:
    """The share of requests that were answered 429."""
    return server.counts["rate-limited"] / server.calls


@pytest.mark.parametrize(("by", "headers"), [("bucket", False), ("window", True)])
async def test_requests_a_minute_on_a_short_minute(by: str, headers: bool) -> None:
    """The limit is told: 1,200 a minute, of which the server counts 40 every two seconds."""
    rate = Rate.model_validate({"requests": 40, "minute": 2.0, "by": by, "burst": 0.1, "headers": headers})
    with FaultServer(latency=Latency(seconds=0.02, shape="lognormal"), rate=rate) as server:
        await contemplate_many(server, Limits(requests_per_minute=1200, concurrency=32, burst=2), 70)
    assert refused(server) < 0.02
    assert server.goodput > 0.9 * 20


async def test_tokens_a_minute_on_a_short_minute() -> None:
    """The limit is told; replies take a small part of what they might."""
    rate = Rate(tokens=3000, minute=2.0, burst=0.5)
    with FaultServer("word " * 40 + "\nAnswer: 42", rate=rate, latency=Latency(seconds=0.02)) as server:
        await contemplate_many(server, Limits(tokens_per_minute=90_000, concurrency=16), 70)
    assert refused(server) < 0.02
    assert server.tokens / server.seconds > 0.9 * 1500


async def test_a_limit_that_nobody_told_is_learned() -> None:
    """The first ones are refused, and all are answered in the end; the rest is at the pace that the server bears."""
    with FaultServer(rate=Rate(requests=1800, retry_after="milliseconds")) as server:
        await contemplate_many(server, Limits(concurrency=8), 120)
    assert refused(server) < 0.15
    assert server.goodput > 0.8 * 30


@pytest.mark.slow
async def test_requests_a_minute_on_a_real_minute() -> None:
    """1,200 a minute, in a bucket of a second's, for a minute: told, and not told."""
    for limits in (Limits(requests_per_minute=1200, concurrency=64), Limits(concurrency=16)):
        with FaultServer(latency=Latency(seconds=0.3, shape="lognormal"), rate=Rate(requests=1200)) as server:
            await contemplate_many(server, limits, 1300)
        assert refused(server) < 0.02, server.counts
        assert server.goodput > 0.9 * 20


async def test_one_slow_provider_holds_up_no_other() -> None:
    """While one refuses all for seconds, the runs of another are over."""
    busy = Fault(kind="status", status=429, retry_after=1)
    with FaultServer(faults=busy) as slow, FaultServer(latency=Latency(seconds=0.01)) as quick:
        models = [Model("a", slow.url), Model("b", quick.url)]
        settings = Settings(retry=Retry(attempts=2, first_wait=0.01))
        over: dict[str, float] = {}
        async with Orchestrator(models, ledger=":memory:", settings=settings) as orchestrator:
            began = time.monotonic()
            async for event in orchestrator.stream("1?", "self-consistency", answer="number", parameters={"seats": 8}):
                if isinstance(event, TurnEnded):
                    over[event.turn.model] = time.monotonic() - began
    assert over["b"] < 0.9
    assert over["a"] > 1
