"""The functions that most people call."""

from __future__ import annotations

import asyncio
from pathlib import Path

import anyio
import pytest

from contemplate import (
    Budget,
    InputError,
    Orchestrator,
    Outcome,
    Propose,
    Question,
    Request,
    RunEnded,
    RunStarted,
    ScriptedBackend,
    Settings,
    Strategy,
    TurnEnded,
    TurnStarted,
    Vote,
    solve,
    solve_sync,
    stream,
)
from contemplate.models.limiter import Limits


def scripted() -> ScriptedBackend:
    """Always the same answer."""
    return ScriptedBackend(lambda _: "Answer: 4")


async def test_solve() -> None:
    """One await, one outcome."""
    outcome = await solve("2 + 2?", "self-consistency", backend=scripted(), answer="number", ledger=":memory:")

    assert outcome.answer == "4"
    assert outcome.confidence == pytest.approx(6 / 7)


def test_solve_sync() -> None:
    """The same without a loop."""
    assert solve_sync("2 + 2?", "single", backend=scripted(), answer="number", ledger=":memory:").answer == "4"


async def test_solve_sync_inside_a_running_loop() -> None:
    """As in a notebook."""
    assert solve_sync("2 + 2?", "single", backend=scripted(), answer="number", ledger=":memory:").answer == "4"


async def test_solve_sync_passes_errors_on() -> None:
    """The caller's mistake reaches the caller, out of the other thread too."""
    with pytest.raises(InputError, match="no strategy called"):
        solve_sync("2 + 2?", "nope", backend=scripted(), ledger=":memory:")


async def test_stream_tells_the_whole_run() -> None:
    """Each turn begins before it ends, and the outcome comes last."""
    events = [
        event async for event in stream("2 + 2?", "self-consistency", backend=scripted(), answer="number", ledger=":memory:")
    ]

    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunEnded)
    assert events[-1].outcome.answer == "4"
    begun = [event.id for event in events if isinstance(event, TurnStarted)]
    ended = [event.turn.id for event in events if isinstance(event, TurnEnded)]
    assert set(begun) <= set(ended)
    assert len(begun) == 5


async def test_leaving_a_stream_early_leaves_no_task_behind(tmp_path: Path) -> None:
    """The run is cancelled, and can be resumed."""
    before = asyncio.all_tasks()
    events = stream("2 + 2?", backend=ScriptedBackend(lambda _: "Answer: 4", delay=30), answer="number", ledger=tmp_path / "l.db")
    async for event in events:
        if isinstance(event, TurnStarted):
            break
    await events.aclose()  # type: ignore[attr-defined]  # an async generator

    assert asyncio.all_tasks() == before
    async with Orchestrator(["m"], ledger=tmp_path / "l.db") as orchestrator:
        (record,) = await orchestrator.ledger.runs()
    assert record.state == "interrupted"


async def test_a_stream_raises_the_callers_mistake() -> None:
    """Bad input is an exception, not silence."""
    with pytest.raises(InputError, match="no strategy called"):
        async for _ in stream("2 + 2?", "nope", backend=scripted(), ledger=":memory:"):
            pass


async def test_many_questions_share_one_budget() -> None:
    """Ten questions of five calls on a budget of twelve calls make twelve calls."""
    backend = ScriptedBackend(lambda _: "Answer: 4", delay=0.001)
    outcomes: list[Outcome] = []

    async with Orchestrator(["m"], backend=backend, ledger=":memory:", budget=Budget(calls=12)) as orchestrator:

        async def ask(number: int) -> None:
            outcomes.append(await orchestrator.solve(f"{number}?", "self-consistency", answer="number"))

        async with anyio.create_task_group() as tasks:
            for number in range(10):
                tasks.start_soon(ask, number)

    assert len(backend.requests) == 12
    assert sum(outcome.usage.calls for outcome in outcomes) == 12
    assert any(outcome.stopped == "budget" for outcome in outcomes)


async def test_limits_hold_for_all_questions_together() -> None:
    """Three questions of five calls, two in flight at most."""
    flying = most = 0

    async def answer(_: Request) -> str:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        await anyio.sleep(0.005)
        flying -= 1
        return "Answer: 4"

    settings = Settings(limits={"scripted": Limits(concurrency=2)})
    async with (
        Orchestrator(["m"], backend=ScriptedBackend(answer), ledger=":memory:", settings=settings) as orchestrator,
        anyio.create_task_group() as tasks,
    ):
        for number in range(3):
            tasks.start_soon(orchestrator.solve, f"{number}?", "self-consistency")

    assert most == 2


async def test_seats_take_models_in_turn() -> None:
    """Five seats on two models."""
    backend = scripted()
    outcome = await solve("2 + 2?", "self-consistency", models=["a", "b"], backend=backend, answer="number", ledger=":memory:")

    assert [turn.model for turn in outcome.trace.turns if turn.seat] == ["a", "b", "a", "b", "a"]
    assert sorted((request.model, request.draw) for request in backend.requests) == [
        ("a", 0),
        ("a", 1),
        ("a", 2),
        ("b", 0),
        ("b", 1),
    ]


async def test_a_deadline_gives_the_best_answer_so_far() -> None:
    """What is there counts, what is not is cancelled."""

    async def answer(request: Request) -> str:
        await anyio.sleep(0 if request.draw < 3 else 60)
        return f"Answer: {request.draw // 2}"

    outcome = await solve(
        "?", "self-consistency", backend=ScriptedBackend(answer), answer="number", ledger=":memory:", budget=Budget(seconds=0.3)
    )

    assert outcome.stopped == "deadline"
    assert outcome.answer == "0"
    assert [turn.status for turn in outcome.trace.turns if turn.seat] == ["said"] * 3 + ["cancelled"] * 2


async def test_right_and_wrong() -> None:
    """An outcome knows whether it is right, where the question does."""
    strategy = Strategy(steps=[Propose(seats=1), Vote()])
    for gold, expected in [("4", True), ("4.0", True), ("5", False), (None, None)]:
        outcome = await solve(Question(text="?", kind="number", gold=gold), strategy, backend=scripted(), ledger=":memory:")
        assert outcome.is_right() is expected


async def test_the_gold_answer_is_shown_to_nobody() -> None:
    """It is in no request."""
    backend = scripted()
    await solve(Question(text="?", kind="number", gold="987654"), "multiagent-debate", backend=backend, ledger=":memory:")

    assert not any("987654" in request.model_dump_json() for request in backend.requests)


async def test_multiple_choice_shows_its_options() -> None:
    """The letters are in the prompt, and a letter or an option's text is the same answer."""
    backend = ScriptedBackend(["Answer: (B)", "Answer: blue", "Answer: A"])
    outcome = await solve(
        "Which?", "self-consistency", choices=["red", "blue"], backend=backend, parameters={"seats": 3}, ledger=":memory:"
    )

    assert "(A) red\n(B) blue" in backend.requests[0].messages[-1].content
    assert outcome.decision is not None
    assert [(row.votes) for row in outcome.decision.tally] == [2, 1]
    assert [merge.reason for merge in outcome.decision.merges] != []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"question": ""}, "empty"),
        ({"question": "   \n"}, "empty"),
        ({"question": "x" * 200_001}, "200,001"),
        ({"question": "a\x00b"}, "NUL"),
        ({"strategy": "contemplatng"}, "did you mean 'contemplating'"),
        ({"parameters": {"saets": 3}}, "did you mean 'seats'"),
        ({"parameters": {"seats": 1}}, "a quorum of 2 can't be reached by 1 seat"),
        ({"choices": ["a"], "answer": "choice"}, "2 to 26 choices"),
        ({"project": "/nowhere/at/all"}, "no such folder"),
    ],
)
async def test_what_is_refused(options: dict[str, object], says: str) -> None:
    """One line, and nothing was called."""
    backend = scripted()
    with pytest.raises(InputError) as caught:
        await solve(**{"question": "2 + 2?", "backend": backend, "ledger": ":memory:", **options})  # type: ignore[arg-type]

    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert backend.requests == []
