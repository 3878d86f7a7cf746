"""What a call takes, counted and not timed: whoever adds to it is told so, on any machine."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType

import aiohttp
import orjson
import pytest
from pydantic import BaseModel

from contemplate import Budget, Orchestrator
from contemplate.ledger import sqlite
from contemplate.types import Value
from loopback import Loopback

_FEW, _MANY = 5, 25
"""Seats of two votes; what the second takes more is what its calls take."""
_BYTES = 1600
"""That a call of this vote hands to SQLite: request, completion, turn, keys and ids."""
_LARGEST_RATIO = 40
"""Processor time of a call, by that of aiohttp: about 8 when this was written. Far above it, so that no busy machine fails."""

_CALLED: dict[CodeType, str] = {
    Value.__init__.__code__: "validated values",
    json.dumps.__code__: "JSON texts by json",
    BaseModel.model_dump_json.__code__: "JSON texts by pydantic",
    BaseModel.model_dump.__code__: "values dumped",
    asyncio.BaseEventLoop.create_task.__code__: "tasks",
}
_BUILT_IN = {orjson.dumps: "JSON texts by orjson", orjson.loads: "JSON texts read", hashlib.sha256: "digests"}


@contextmanager
def counting() -> Iterator[Counter[str]]:
    """Counts what this thread calls inside, and those that it begins, as the ledger's."""
    counts: Counter[str] = Counter()

    def note(frame: FrameType, event: str, called: object) -> None:
        name = _CALLED.get(frame.f_code) if event == "call" else None
        if event == "c_call":
            name = _BUILT_IN.get(called)  # type: ignore[call-overload]
        if name is not None:
            counts[name] += 1

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield counts
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """The statements that ledgers execute, by their first words, and the bytes that they hand to SQLite."""
    counts: Counter[str] = Counter()
    execute = sqlite._SQLite.execute

    def counted(self: sqlite._SQLite, sql: str, parameters: Sequence[object] = ()) -> object:
        words = " ".join(sql.split()[:3])
        if "leases" not in sql and "holders" not in sql and "IN (" not in sql:  # these serve many calls at once
            counts[words] += 1
            counts["bytes"] += sum(len(one) for one in parameters if isinstance(one, str | bytes))
        return execute(self, sql, parameters)

    monkeypatch.setattr(sqlite._SQLite, "execute", counted)
    return counts


async def vote(loopback: Loopback, folder: Path, seats: int, statements: Counter[str]) -> tuple[Counter[str], Counter[str]]:
    """A vote of so many seats on a new ledger, after another question: what was counted, and the statements."""
    options = {"base_url": loopback.url, "ledger": folder / f"{seats}.db"}
    asked = {"strategy": "self-consistency", "answer": "number", "parameters": {"seats": seats}, "budget": Budget(calls=100)}
    with counting() as counts:
        async with Orchestrator(["a-model"], **options) as orchestrator:
            await orchestrator.solve("What is 1 + 1?", **asked)
            loopback.seen.clear()
            statements.clear()
            counts.clear()
            await orchestrator.solve("What is 2 + 2?", **asked)
            await orchestrator.ledger.run_ids()  # the turns are written by then
            found = Counter(counts), Counter(statements)
    found[0]["requests"] = len(loopback.seen)
    return found


async def test_what_a_call_takes(loopback: Loopback, tmp_path: Path, statements: Counter[str]) -> None:
    """Everything that grows with the calls of a vote, exactly."""
    few, few_statements = await vote(loopback, tmp_path, _FEW, statements)
    many, many_statements = await vote(loopback, tmp_path, _MANY, statements)

    grown = {name: (many[name] - few[name]) / (_MANY - _FEW) for name in sorted(many)}
    assert grown == {
        "JSON texts by json": 0,
        "JSON texts by orjson": 1,  # the request, as it is sent
        "JSON texts by pydantic": 3,  # request, completion and turn, as they are kept
        "JSON texts read": 1,  # the reply
        "digests": 2,  # the key, and the seed of the draw
        "requests": 1,
        "tasks": 2 if sys.version_info < (3, 12) else 1,  # before 3.12 aiohttp has one of its own, which writes the body
        "validated values": 0,
        "values dumped": 0,
    }
    written = {name: (many_statements[name] - few_statements[name]) / (_MANY - _FEW) for name in sorted(many_statements)}
    size = written.pop("bytes")
    changed = {name: times for name, times in written.items() if times}
    assert changed == {"INSERT INTO calls": 1, "INSERT INTO completions": 1, "INSERT INTO turns": 1, "UPDATE calls SET": 1}
    assert size == pytest.approx(_BYTES, rel=0.02)  # ids of attempts are numbered, and so not all of one length


async def test_processor_time_beside_aiohttp(loopback: Loopback, tmp_path: Path) -> None:
    """No more than so many times that of bare aiohttp; a smoke test, the figure is that of docs/benchmarks.md."""
    calls = 100
    body = {"model": "a-model", "messages": [{"role": "user", "content": "What is 2 + 2?"}]}
    async with aiohttp.ClientSession() as session:

        async def post(times: int) -> None:
            for _ in range(times):
                async with session.post(f"{loopback.url}/chat/completions", json=body) as response:
                    await response.json()

        await post(1)
        began = time.thread_time()
        await asyncio.gather(*(post(calls // 5) for _ in range(5)))
        bare = time.thread_time() - began
    async with Orchestrator(["a-model"], base_url=loopback.url, ledger=tmp_path / "ledger.db") as orchestrator:
        await orchestrator.solve("What is 1 + 1?", "self-consistency", answer="number")
        began = time.thread_time()
        await asyncio.gather(
            *(orchestrator.solve(f"What is {number} + 2?", "self-consistency", answer="number") for number in range(calls // 5))
        )
        ours = time.thread_time() - began
    assert ours < _LARGEST_RATIO * bare
