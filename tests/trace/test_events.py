"""Events stand alone, and what observes them costs a run nothing."""

from __future__ import annotations

import logging
from collections import defaultdict

import anyio
import pytest

from contemplate import (
    Event,
    InputError,
    Noted,
    Orchestrator,
    RunEnded,
    RunStarted,
    ScriptedBackend,
    TurnEnded,
    TurnStarted,
    solve,
)
from contemplate.trace.events import Telling


def scripted() -> ScriptedBackend:
    """Always the same answer, a little later."""
    return ScriptedBackend(lambda _: "Answer: 4", delay=0.001)


async def test_two_runs_on_one_observer_are_told_apart() -> None:
    """Each event names its run; numbers have no gaps, and times do not go back."""
    seen: dict[str, list[Event]] = defaultdict(list)
    async with Orchestrator(["m"], backend=scripted(), ledger=":memory:") as orchestrator:

        async def ask(question: str) -> None:
            await orchestrator.solve(question, "self-consistency", answer="number", on_event=lambda e: seen[e.run].append(e))

        async with anyio.create_task_group() as tasks:
            for question in ("2 + 2?", "1 + 3?"):
                tasks.start_soon(ask, question)
        runs = {record.run: record.spec["question"]["text"] for record in await orchestrator.runs()}

    assert set(runs) == set(seen)
    for run, events in seen.items():
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        assert [event.at for event in events] == sorted(event.at for event in events)
        assert isinstance(events[0], RunStarted)
        assert events[0].question.text == runs[run]
        assert isinstance(events[-1], RunEnded)
        assert events[-1].outcome.run == run


async def test_events_say_what_a_turn_sees() -> None:
    """At its beginning and at its end, as the trace does."""
    seen: list[Event] = []
    outcome = await solve(
        "2 + 2?", "multiagent-debate", backend=scripted(), answer="number", ledger=":memory:", on_event=seen.append, models="m"
    )

    begun = {event.id: event.sees for event in seen if isinstance(event, TurnStarted)}
    ended = {event.turn.id: event.sees for event in seen if isinstance(event, TurnEnded)}
    assert begun != {}
    assert begun == {turn_id: tuple(outcome.trace.saw(turn_id)) for turn_id in begun}
    assert ended == {turn_id: tuple(outcome.trace.saw(turn_id)) for turn_id in outcome.trace}


async def test_several_observers_are_told_the_same() -> None:
    """In the order in which they were given."""
    first: list[Event] = []
    second: list[Event] = []
    await solve("2 + 2?", "single", backend=scripted(), ledger=":memory:", on_event=[first.append, second.append])

    assert first == second
    assert first != []


class Broken:
    """An observer that raises at one kind of event."""

    def __init__(self, kind: type, error: Exception) -> None:
        """Raise `error` at events of that kind."""
        self.kind, self.error = kind, error

    def __call__(self, event: Event) -> None:
        """Look at an event."""
        if isinstance(event, self.kind):
            raise self.error


@pytest.mark.parametrize("kind", [RunStarted, TurnEnded, RunEnded], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("error", [ValueError("broken"), InputError("broken")], ids=lambda error: type(error).__name__)
async def test_a_broken_observer_costs_nothing(kind: type, error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """The run goes on to its end, the others are told all, and the log says once what is broken."""
    seen: list[Event] = []
    async with Orchestrator(["m"], backend=scripted(), ledger=":memory:") as orchestrator:
        with caplog.at_level(logging.WARNING, "contemplate"):
            outcome = await orchestrator.solve("2 + 2?", "self-consistency", on_event=[Broken(kind, error), seen.append])
        record = await orchestrator.run(outcome.run)

    assert outcome.answer == "4"
    assert record.state == "finished"
    assert isinstance(seen[-1], RunEnded)
    assert len([entry for entry in caplog.records if entry.message == "observer failed"]) == 1


async def test_an_asynchronous_observer_is_refused_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody would await it."""

    async def observe(event: Event) -> None:
        raise AssertionError(event)

    with caplog.at_level(logging.WARNING, "contemplate"):
        Telling("r", [observe])(Noted("hello"))  # type: ignore[list-item]

    assert "asynchronous" in str(caplog.records[0].__dict__["why"])


async def test_the_old_name_still_works() -> None:
    """`listen` is `on_event`, and says so."""
    seen: list[Event] = []
    with pytest.warns(DeprecationWarning, match="on_event"):
        await solve("2 + 2?", "single", backend=scripted(), ledger=":memory:", listen=seen.append)

    assert isinstance(seen[-1], RunEnded)
