"""The small public face of the orchestrator."""

from __future__ import annotations

from collections import Counter

import pytest
from pydantic import BaseModel

from contemplate import Budget, Event, InputError, Orchestrator, RunEnded, RunStarted, ScriptedBackend, TurnEnded, solve
from contemplate.errors import UnknownNameError


def scripted() -> ScriptedBackend:
    """Always the same answer."""
    return ScriptedBackend(lambda _: "Answer: 4")


async def test_stream() -> None:
    """The events of a question, on the orchestrator's own budget and ledger; other observers are told them too."""
    seen: list[object] = []
    async with Orchestrator(["m"], backend=scripted(), ledger=":memory:") as orchestrator:
        told = [e async for e in orchestrator.stream("2 + 2?", "self-consistency", answer="number", on_event=seen.append)]
        (record,) = await orchestrator.runs()

    assert isinstance(told[0], RunStarted)
    assert isinstance(told[-1], RunEnded)
    assert told[-1].outcome.value == 4
    assert told == seen
    assert {record.run} == {event.run for event in told}


async def test_a_run_that_goes_on_says_how_many_calls_it_may_make() -> None:
    """As it did when it began."""
    told: list[Event] = []
    async with Orchestrator(["m"], backend=scripted(), ledger=":memory:") as orchestrator:
        events = orchestrator.stream("2 + 2?", "multiagent-debate", answer="number", budget=Budget(calls=20))
        async for event in events:
            told.append(event)
            if isinstance(event, TurnEnded):
                break
        await events.aclose()  # type: ignore[attr-defined]  # an async generator
        (record,) = await orchestrator.runs()
        await orchestrator.resume(record.run, told.append)

    assert [20, 20] == [event.most_calls for event in told if isinstance(event, RunStarted)]


async def test_leaving_a_stream_closes_the_run() -> None:
    """It can be resumed, and what was paid for is kept."""
    backend = scripted()
    async with Orchestrator(["m"], backend=backend, ledger=":memory:") as orchestrator:
        events = orchestrator.stream("2 + 2?", "multiagent-debate", answer="number")
        async for event in events:
            if isinstance(event, TurnEnded):
                break
        await events.aclose()  # type: ignore[attr-defined]  # an async generator
        (record,) = await orchestrator.runs()
        kept = set(await orchestrator.ledger.keys())
        outcome = await orchestrator.resume(record.run)

    assert record.state == "interrupted"
    assert outcome.value == 4
    asked = Counter(request.key for request in backend.requests)
    assert {key: asked[key] for key in asked if key in kept} == {key: 1 for key in asked if key in kept}
    assert len(kept & asked.keys()) >= 3


async def test_a_replay_has_names() -> None:
    """Whether it is identical, where it differs, and the outcome."""
    async with Orchestrator(["m"], backend=scripted(), ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve("2 + 2?", "self-consistency", answer="number")
        replay = await orchestrator.replay(outcome.run)

    assert replay.identical
    assert replay.difference is None
    assert replay.differences == ()
    assert replay.outcome.answer == outcome.answer


async def test_runs_are_looked_up() -> None:
    """By the beginning of an id, too; an unknown one is an error with a hint."""
    async with Orchestrator(["m"], backend=scripted(), ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve("2 + 2?", "single", answer="number")
        assert (await orchestrator.run(outcome.run[:10])).run == outcome.run
        with pytest.raises(UnknownNameError, match="no run called 'nothing'"):
            await orchestrator.run("nothing")


async def test_it_is_opened_first() -> None:
    """Otherwise one line says how."""
    with pytest.raises(InputError, match="async with Orchestrator"):
        await Orchestrator(["m"], backend=scripted()).solve("2 + 2?")


class Sum(BaseModel):
    """The answer as an object."""

    sum: int


async def test_the_answer_may_be_a_model() -> None:
    """The value is an instance of it; the old name of its type warns."""
    backend = ScriptedBackend(lambda _: '{"sum": 4}')
    outcome = await solve("2 + 2?", "single", answer=Sum, backend=backend, ledger=":memory:")

    assert outcome.value == Sum(sum=4)
    with pytest.warns(DeprecationWarning, match="answer_type"):
        assert outcome.model is Sum
