"""Turns start as soon as what they see is there, and not before."""

from __future__ import annotations

from collections.abc import Callable

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contemplate import Critique, Orchestrator, Outcome, Propose, Repeat, Request, Revise, ScriptedBackend, Strategy, Vote
from virtual_time import Virtually, timed


async def solved(strategy: Strategy, seconds: Callable[[Request], float], answer: str = "Answer: 1") -> Outcome:
    """Run `strategy` where each call takes so many seconds."""

    async def slow(request: Request) -> str:
        await anyio.sleep(seconds(request))
        return answer

    async with Orchestrator(["m"], backend=ScriptedBackend(slow), ledger=":memory:") as orchestrator:
        return await orchestrator.solve("1?", strategy, answer="number")


def duration(outcome: Outcome, turn: str) -> tuple[float, float]:
    """When a turn began and ended, in seconds from the start of the run."""
    clock = outcome.trace.clock(turn)
    assert clock is not None
    return clock.started, clock.ended


def test_a_critique_waits_for_its_target_only(in_virtual_time: Virtually) -> None:
    """With one slow proposal, the critiques of the others are over before it is."""
    strategy = Strategy(steps=[Propose(seats=3), Critique(of="each"), Vote()])

    def seconds(request: Request) -> float:
        return 0.4 if request.draw == 0 and "[" not in request.messages[-1].content else 0.02

    outcome = in_virtual_time(solved(strategy, seconds))

    slow_ends = duration(outcome, "1.propose/seat-1")[1]
    assert duration(outcome, "2.critique/seat-3/on-seat-2")[1] < slow_ends
    assert duration(outcome, "2.critique/seat-2/on-seat-1")[0] >= slow_ends


def test_the_wall_time_is_that_of_the_critical_path(in_virtual_time: Virtually) -> None:
    """Three agents, three rounds: three calls long, though there are nine."""
    strategy = Strategy(steps=[Propose(seats=3), Repeat(rounds=3, steps=[Revise()]), Vote()])

    outcome, seconds = in_virtual_time(timed(solved(strategy, lambda _: 0.1)))

    assert outcome.usage.calls == 9
    assert seconds == pytest.approx(0.3)


@settings(max_examples=25, deadline=None)
@given(
    seats=st.integers(1, 5),
    rounds=st.integers(1, 3),
    topology=st.sampled_from(["complete", "ring", "star", "bus", "tree", "none"]),
    times=st.lists(st.integers(0, 4), min_size=1, max_size=7),
)
def test_no_turn_starts_before_what_it_sees_is_over(seats: int, rounds: int, topology: str, times: list[int]) -> None:
    """Whatever the calls take: a turn begins when the last thing it sees has ended, and the trace has no cycle."""
    import networkx as nx

    strategy = Strategy(
        steps=[Propose(seats=seats), Repeat(rounds=rounds, steps=[Revise(topology=topology), Critique()]), Vote()]
    )
    outcome = anyio.run(
        solved, strategy, lambda request: times[(len(request.messages[-1].content) + request.draw) % len(times)] / 1000
    )

    assert nx.is_directed_acyclic_graph(outcome.trace)
    for turn in outcome.trace.turns:
        sees = [other for other, _ in outcome.trace.saw(turn.id)]
        if sees and turn.decision is None:
            assert duration(outcome, turn.id)[0] >= max(duration(outcome, other)[1] for other in sees)


@settings(max_examples=15, deadline=None)
@given(orders=st.lists(st.permutations(range(4)), min_size=2, max_size=2))
def test_who_answers_first_changes_nothing(orders: list[list[int]]) -> None:
    """The canonical trace is the same for every order of arrival."""
    strategy = Strategy(
        steps=[Propose(seats=4), Repeat(rounds=2, steps=[Critique(of="distinct"), Revise(sees=("peers", "critiques"))]), Vote()]
    )

    async def run(order: list[int]) -> list[dict[str, object]]:
        async def answer(request: Request) -> str:
            await anyio.sleep(order[request.draw % 4] / 500)
            return f"Answer: {request.draw % 3}"

        async with Orchestrator(["m"], backend=ScriptedBackend(answer), ledger=":memory:") as orchestrator:
            return (await orchestrator.solve("1?", strategy, answer="number")).trace.canonical()

    first, second = (anyio.run(run, order) for order in orders)

    assert first == second
