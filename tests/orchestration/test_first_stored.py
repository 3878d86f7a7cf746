"""What stands in the ledger stands: two that ask the same at once, and a run that is finished."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from contemplate import Completion, Noted, Orchestrator, Outcome, Replay, Request, ScriptedBackend, Usage
from contemplate.concurrency import task_group
from contemplate.ledger import Ledger, SQLiteLedger
from contemplate.ledger.tables import TableLedger
from contemplate.types import Message


class Together(ScriptedBackend):
    """Answers only when another one of them has been asked as often: neither finds what the other has stored."""

    def __init__(self, answer: str, here: list[Request], everybody: anyio.Event, calls: int) -> None:
        super().__init__(lambda _: f"Answer: {answer}")
        self._here, self._all, self._calls = here, everybody, calls

    async def complete(self, request: Request) -> Completion:
        """Wait until both have asked everything."""
        self._here.append(request)
        if len(self._here) == 2 * self._calls:
            self._all.set()
        await self._all.wait()
        return await super().complete(request)


async def at_once(ledger: Path, calls: int, strategy: str) -> list[tuple[Outcome[object], Replay]]:
    """The same question in two orchestrators on one file, each with another answer; with replays of both."""
    here: list[Request] = []
    everybody = anyio.Event()
    outcomes: list[Outcome[object]] = []

    async def one(answer: str) -> None:
        async with Orchestrator("m", backend=Together(answer, here, everybody, calls), ledger=ledger) as orchestrator:
            outcomes.append(await orchestrator.solve("6 * 7?", strategy, answer="number"))

    async with task_group() as tasks:
        for answer in ("42", "43"):
            tasks.start_soon(one, answer)
    async with Orchestrator("m", backend=ScriptedBackend([]), ledger=ledger) as orchestrator:
        return [(outcome, await orchestrator.replay(outcome.run)) for outcome in outcomes]


@pytest.mark.parametrize(("strategy", "calls"), [("single", 1), ("self-consistency", 5)])
async def test_the_first_that_is_stored_wins_for_both(
    tmp_path: Path, strategy: str, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where both have paid all the same, as with an older version, both decide by what the ledger keeps, and replay the same."""
    monkeypatch.setattr(TableLedger, "claim", Ledger.claim)
    found = await at_once(tmp_path / "l.db", calls, strategy)

    assert [replay.difference for _, replay in found] == [None, None]
    assert len({outcome.answer for outcome, _ in found}) == 1
    assert [outcome.usage.calls for outcome, _ in found] == [calls, calls]


@pytest.fixture
def request_() -> Request:
    """Something to ask."""
    return Request(model="m", messages=(Message(role="user", content="q"),))


async def test_what_a_store_returns(tmp_path: Path, request_: Request) -> None:
    """Nothing to the first, and the first one's completion to whoever comes later, from another connection too."""
    one, other = SQLiteLedger(tmp_path / "l.db"), SQLiteLedger(tmp_path / "l.db")
    first, second = Completion(text="a"), Completion(text="b")

    assert await one.store("", request_, first, None) is None
    assert await other.store("", request_, second, None) == first
    assert await one.store("", request_, second, None) == first
    assert await other.completion(request_.key) == first
    await one.aclose()
    await other.aclose()


async def test_a_finished_run_stays_as_it_is(tmp_path: Path) -> None:
    """It is resumed to what it came to: its record, its turns and its usage are what they were, and nobody is asked."""
    backend = ScriptedBackend(lambda _: "Answer: 42")
    told: list[object] = []
    async with Orchestrator("m", backend=backend, ledger=tmp_path / "l.db") as orchestrator:
        outcome = await orchestrator.solve("6 * 7?", "self-consistency", answer="number")
        before, turns = await orchestrator.run(outcome.run), await orchestrator.ledger.turns(outcome.run)
        asked = len(backend.requests)
        again = await orchestrator.resume(outcome.run, told.append)
        after = await orchestrator.run(outcome.run), await orchestrator.ledger.turns(outcome.run)

    assert after == (before, turns)
    assert len(backend.requests) == asked
    assert (again.answer, again.confidence, again.usage) == (outcome.answer, outcome.confidence, outcome.usage)
    assert again.usage != Usage()
    assert [event.message for event in told if isinstance(event, Noted)] == [
        f"run {outcome.run} is finished: nothing is left to do"
    ]


async def test_a_run_without_an_answer_stays_so(tmp_path: Path) -> None:
    """Also one that found no answer."""
    async with Orchestrator("m", backend=ScriptedBackend(lambda _: "no idea"), ledger=tmp_path / "l.db") as orchestrator:
        outcome = await orchestrator.solve("6 * 7?", "single", answer="number")
        before = await orchestrator.run(outcome.run)
        again = await orchestrator.resume(outcome.run)

        assert await orchestrator.run(outcome.run) == before
    assert (again.answer, again.stopped) == (None, outcome.stopped)
