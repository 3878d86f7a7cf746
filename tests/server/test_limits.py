"""What a server takes on: room, queues, budgets of a day; clients that leave, and its own end."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from contemplate import Budget, Request, ScriptedBackend
from contemplate.models.budget import Account
from contemplate.server.refused import RefusedError
from contemplate.server.settings import Token
from contemplate.server.slots import Allowances
from loopback import Loopback
from serving import Client, asked, events_in, served

TOKENS = {"tokens": (Token.of("a-token-that-nobody-guesses", "ada"), Token.of("another-token-of-somebody", "bob"))}
ADA = {"Authorization": "Bearer a-token-that-nobody-guesses"}
BOB = {"Authorization": "Bearer another-token-of-somebody"}


class Gate:
    """A backend whose replies wait until it is opened; it counts those that were cancelled."""

    def __init__(self) -> None:
        self.opened, self.waiting, self.cancelled = asyncio.Event(), 0, 0
        self.backend = ScriptedBackend(self._wait)

    async def _wait(self, _: Request) -> str:
        self.waiting += 1
        try:
            await self.opened.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.waiting -= 1
        return "Answer: 42"


async def until(true: Any) -> float:
    """Wait until something is so; how many seconds that took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < 10
        await asyncio.sleep(0.005)
    return time.monotonic() - began


async def test_who_finds_no_room_comes_again() -> None:
    """One runs, one waits, the third is refused with a time; then there is room for it."""
    gate = Gate()
    async with served(gate.backend, settings={"max_runs": 1, "queue": 1}) as client:
        waiting = [asyncio.create_task(client.post("/v1/chat/completions", asked("What is 6 * 7?", seed=n))) for n in range(2)]
        await until(lambda: client.engine.slots.inside == 2 and gate.waiting == 1)
        status, body, headers = await client.post("/v1/chat/completions", asked("What is 6 * 7?", seed=2))
        begun, _, _ = await client.post("/api/runs", {"question": "What is 6 * 7?", "strategy": "single"})
        _, ready, _ = await client.get("/ready")
        gate.opened.set()
        done = await asyncio.gather(*waiting)
        after, _, _ = await client.post("/v1/chat/completions", asked("What is 6 * 7?", seed=2))

    assert (status, body["error"]["code"], headers["Retry-After"]) == (429, "too_many_runs", "5")
    assert begun == 429
    assert (ready["running"], ready["waiting"]) == (1, 1)
    assert [one[0] for one in done] == [200, 200]
    assert after == 200


@pytest.mark.parametrize("stream", [True, False])
async def test_a_client_that_leaves_ends_its_run(stream: bool) -> None:
    """Within 100 ms its calls are cancelled; nothing more is asked, and its place is free."""
    gate = Gate()
    async with served(gate.backend) as client:
        asking = asyncio.create_task(_leaves(client, asked("What is 6 * 7?", "self-consistency", stream=stream)))
        await until(lambda: gate.waiting == 5)
        asking.cancel()
        await asyncio.wait([asking])
        took = await until(lambda: gate.cancelled == 5)
        await until(lambda: client.engine.slots.inside == 0)
        _, listed, _ = await client.get("/api/runs")
        _, counts, _ = await client.get("/metrics")

    assert took < 0.1
    assert len(gate.backend.requests) == 5
    assert listed["runs"][0]["state"] == "interrupted"
    assert "contemplate_clients_gone_total 1" in counts


async def _leaves(client: Client, body: dict[str, Any]) -> None:
    async with client.session.post(f"{client.url}/v1/chat/completions", json=body) as reply:
        await reply.read()


async def test_a_client_that_leaves_its_place_in_the_queue() -> None:
    """Its run never begins."""
    gate = Gate()
    async with served(gate.backend, settings={"max_runs": 1}) as client:
        first = asyncio.create_task(client.post("/v1/chat/completions", asked("What is 6 * 7?")))
        await until(lambda: gate.waiting == 1)
        second = asyncio.create_task(_leaves(client, asked("What is 6 * 7?", seed=1)))
        await until(lambda: client.engine.slots.inside == 2)
        second.cancel()
        await until(lambda: client.engine.slots.inside == 1)
        gate.opened.set()
        status, _, _ = await first

    assert status == 200
    assert len(gate.backend.requests) == 1


async def test_each_token_has_a_budget_of_a_day() -> None:
    """It holds for all its runs together; when it is used up, a status says until when. Others have theirs."""
    backend = ScriptedBackend(lambda _: "Answer: 42")
    async with served(backend, settings={**TOKENS, "daily": {"calls": 7}}) as client:
        first, _, _ = await client.post("/v1/chat/completions", asked("What is 6 * 7?", "self-consistency"), **ADA)
        _, second, _ = await client.post("/v1/chat/completions", asked("What is 6 * 8?", "self-consistency"), **ADA)
        status, body, headers = await client.post("/v1/chat/completions", asked("What is 6 * 9?"), **ADA)
        other, _, _ = await client.post("/v1/chat/completions", asked("What is 6 * 9?"), **BOB)

    assert first == 200
    assert second["contemplate"]["stopped"] == "budget"
    assert (status, body["error"]["type"], body["error"]["code"]) == (429, "insufficient_quota", "daily_budget_exceeded")
    assert 0 < int(headers["Retry-After"]) <= 86_400
    assert headers["X-Should-Retry"] == "false"
    assert other == 200
    assert len(backend.requests) == 8


async def test_a_private_server() -> None:
    """What is asked there goes to no model that may not see it, whatever the client says."""
    backend = ScriptedBackend(lambda _: "Answer: 42")
    async with served(backend, settings={"privacy": "local"}) as client:
        status, body, _ = await client.post("/v1/chat/completions", asked("What is 6 * 7?", contemplate={"privacy": "any"}))

    assert (status, backend.requests) == (400, [])
    assert "local" in body["error"]["message"]


def test_what_was_taken_today_is_kept_over_a_restart(tmp_path: Path) -> None:
    """And what was taken yesterday counts no more; a file that can't be read counts nothing."""
    file, ada = tmp_path / "spent.json", TOKENS["tokens"][0]
    before = Allowances(Budget(calls=1), Account(Budget()), file)
    assert before.account(ada).left.calls == 1
    reservation = before.account(ada).try_reserve(_some(), 0.0)
    assert reservation is not None
    reservation.settle(_some(), 0.0)
    before.keep()

    with pytest.raises(RefusedError, match="used up"):
        Allowances(Budget(calls=1), Account(Budget()), file).account(ada)
    file.write_text(file.read_text().replace('"day": ', '"day": 1'))
    assert Allowances(Budget(calls=1), Account(Budget()), file).account(ada).left.calls == 1
    file.write_text("[")
    assert Allowances(Budget(calls=1), Account(Budget()), file).account(ada).left.calls == 1


def _some() -> Any:
    from contemplate.types import Tokens

    return Tokens(prompt=1, completion=1)


async def test_a_server_that_stops_lets_runs_end() -> None:
    """New ones are refused; the one under way has its answer."""
    gate = Gate()
    async with served(gate.backend) as client:
        asking = asyncio.create_task(client.post("/v1/chat/completions", asked("What is 6 * 7?")))
        await until(lambda: gate.waiting == 1)
        client.engine.drain()
        ready, _, _ = await client.get("/ready")
        status, body, headers = await client.post("/v1/chat/completions", asked("What is 6 * 8?"))
        client.serving.stop()
        gate.opened.set()
        answered, _, _ = await asking

    assert ready == 503
    assert (status, body["error"]["code"]) == (503, "draining")
    assert "Retry-After" in headers
    assert answered == 200


async def test_runs_that_do_not_end_in_time_are_stored(tmp_path: Path) -> None:
    """Their clients are told, and each can be gone on with."""
    gate, ledger = Gate(), tmp_path / "ledger.db"
    async with served(gate.backend, ledger=ledger, settings={"drain": 0.1}) as client:
        asking = asyncio.create_task(_text(client, asked("What is 6 * 7?", stream=True)))
        begun = (await client.post("/api/runs", {"question": "What is 6 * 8?", "strategy": "single"}))[1]
        await until(lambda: gate.waiting == 2)
        client.serving.stop()
        events = events_in(await asking)
    gate.opened.set()
    async with served(gate.backend, ledger=ledger) as client:
        states = {row["run"]: row["state"] for row in (await client.get("/api/runs"))[1]["runs"]}
        resumed = await client.engine.orchestrator.resume(begun["run"])

    assert events[-1]["error"]["code"] == "draining"
    assert "contemplate resume" in events[-1]["error"]["message"]
    assert set(states.values()) == {"interrupted"}
    assert len(states) == 2
    assert resumed.answer == "42"


async def _text(client: Client, body: dict[str, Any]) -> str:
    async with client.session.post(f"{client.url}/v1/chat/completions", json=body) as reply:
        return await reply.text()


async def test_sixty_four_streams_at_once(loopback: Loopback) -> None:
    """Each has its own answer, whole; all of them are under way together, and none is left over."""
    loopback.script = lambda seen: f"Answer: {seen.body['messages'][-1]['content'].split('number ')[1].split('?')[0]}"
    loopback.delay = 0.3
    async with served(base_url=loopback.url) as client:
        bodies = [asked(f"What is number {n}?", stream=True, contemplate={"answer": "number"}) for n in range(64)]
        streams = await asyncio.gather(*(client.stream("/v1/chat/completions", body) for body in bodies))
        inside = client.engine.slots.inside
    answers = ["".join(event["choices"][0]["delta"].get("content") or "" for event in events) for events in streams]

    assert answers == [str(n) for n in range(64)]
    assert loopback.peak > 1
    assert inside == 0
