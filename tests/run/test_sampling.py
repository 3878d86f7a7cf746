"""How `propose` samples: read in seat order whoever answers first, no call too many, spare ones cancelled and not waited for."""

from __future__ import annotations

from collections.abc import Callable

import anyio
import pytest

from contemplate import Budget, Orchestrator, Outcome, Request, ScriptedBackend, Strategy
from contemplate.steps import Propose, Vote
from contemplate.voting.stopping import Beta, Full, Window
from virtual_time import Virtually, timed

SLOW = 30.0
"""Seconds that a call takes which nobody should wait for."""


def settle(test: object, seats: int = 10, **options: object) -> Strategy:
    """A vote over a panel that is sampled until `test` fires."""
    return Strategy(steps=[Propose(seats=seats, until=test, **options), Vote()])


class Seats:
    """Proposers that take their time: what each says, and after how many seconds."""

    def __init__(self, said: Callable[[int], object], takes: Callable[[int], float] = lambda _: 0.0) -> None:
        self.said, self.takes = said, takes
        self.asked: list[int] = []
        self.answered: list[int] = []
        self.backend = ScriptedBackend(self.answer)

    async def answer(self, request: Request) -> str:
        """Answer by the number of the draw."""
        self.asked.append(request.draw)
        await anyio.sleep(self.takes(request.draw))
        self.answered.append(request.draw)
        return f"Answer: {self.said(request.draw)}"


async def solve(seats: Seats, strategy: Strategy, **options: object) -> Outcome:
    """A run, and its replay, which must be the same and make no call."""
    async with Orchestrator(["m"], backend=seats.backend, ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve("What is 6 * 7?", strategy, answer="number", **options)  # type: ignore[arg-type]
        calls = len(seats.asked)
        replay = await orchestrator.replay(outcome.run)
        again, difference = replay.outcome, replay.difference
        assert difference is None
        assert (again.answer, len(seats.asked)) == (outcome.answer, calls)
    return outcome


def said(outcome: Outcome) -> list[str]:
    """The seats whose reply stands in the trace."""
    return [turn.seat for turn in outcome.trace.turns if turn.verb == "propose" and turn.status == "said"]


def cancelled(outcome: Outcome) -> list[str]:
    """The seats that were cancelled."""
    return [turn.seat for turn in outcome.trace.turns if turn.status == "cancelled"]


def test_answers_are_read_in_seat_order_whoever_comes_first(in_virtual_time: Virtually) -> None:
    """The slowest seat comes first in the vote: what ten seats say is read up to the same place as if asked one by one."""
    answers = [2, 1, 2, 1, 1, 1, 1, 1, 1, 1]
    one_by_one = in_virtual_time(solve(Seats(lambda draw: answers[draw]), settle(Beta(threshold=0.9), at_once=1)))
    backwards = Seats(lambda draw: answers[draw], takes=lambda draw: (10 - draw) * 0.02)
    at_once = in_virtual_time(solve(backwards, settle(Beta(threshold=0.9), at_once=10)))

    assert backwards.answered != sorted(backwards.answered)
    assert said(at_once) == said(one_by_one) == [f"seat-{number}" for number in range(1, 9)]
    assert at_once.decision == one_by_one.decision


@pytest.mark.parametrize(("answers", "calls"), [([1] * 10, 4), ([1, 2, 1, 1, 1, 1, 1, 1, 1, 1], 7), ([1, 2] * 5, 10)])
async def test_needed_never_asks_one_too_many(answers: list[int], calls: int) -> None:
    """As many are in flight as must answer before the test can fire at all; nothing is cancelled."""
    seats = Seats(lambda draw: answers[draw], takes=lambda draw: 0.01 * (draw % 3))

    outcome = await solve(seats, settle(Beta()))

    assert len(seats.asked) == calls
    assert cancelled(outcome) == []
    assert outcome.usage.calls == calls


def test_needed_asks_side_by_side(in_virtual_time: Virtually) -> None:
    """Four that must answer anyway take as long as one."""
    seats = Seats(lambda _: 1, takes=lambda _: 0.2)

    _, seconds = in_virtual_time(timed(solve(seats, settle(Beta()))))

    assert len(seats.asked) == 4
    assert seconds == pytest.approx(0.2)


async def test_a_window_is_asked_at_once() -> None:
    """Windows of five, one after the other."""
    seats = Seats(lambda draw: 1 + (draw == 2), takes=lambda _: 0.01)

    outcome = await solve(seats, settle(Window(size=5), seats=20))

    assert seats.asked == list(range(10))
    assert outcome.stopped == "settled"


def test_spare_calls_in_flight_are_cancelled_and_not_waited_for(in_virtual_time: Virtually) -> None:
    """Four fast seats settle it; six that would take half a minute are let go, and on record as cancelled."""
    seats = Seats(lambda _: 1, takes=lambda draw: 0.01 if draw < 4 else SLOW)

    outcome, seconds = in_virtual_time(timed(solve(seats, settle(Beta(), at_once=10))))

    assert seconds == pytest.approx(0.01)
    assert sorted(seats.asked) == list(range(10))
    assert sorted(seats.answered) == list(range(4))
    assert said(outcome) == [f"seat-{number}" for number in range(1, 5)]
    assert cancelled(outcome) == [f"seat-{number}" for number in range(5, 11)]
    assert outcome.decision is not None
    assert outcome.decision.abstentions == ()


async def test_a_spare_reply_that_came_back_does_not_vote_but_is_kept_and_paid() -> None:
    """It is in the ledger, so that asking for it later is free, and in the bill; its turn is on record as cancelled."""
    seats = Seats(lambda draw: 1 if draw < 4 else 2, takes=lambda draw: 0.2 if draw == 0 else 0.0)
    async with Orchestrator(["m"], backend=seats.backend, ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve("What is 6 * 7?", settle(Beta(), seats=8, at_once=8), answer="number")
        assert outcome.usage.calls == 8
        full = await orchestrator.solve("What is 6 * 7?", settle(Full(), seats=8, at_once=8), answer="number")
        replay = await orchestrator.replay(outcome.run)
        difference = replay.difference

    assert difference is None
    assert cancelled(outcome) == [f"seat-{number}" for number in range(5, 9)]
    assert outcome.decision is not None
    assert [(row.answer, row.votes) for row in outcome.decision.tally] == [("1", 4)]
    assert outcome.usage.completion_tokens == sum(turn.tokens.completion for turn in full.trace.turns)
    assert (full.usage.calls, full.usage.cached_calls) == (0, 8)


async def test_so_many_are_kept_in_flight() -> None:
    """With a number, that many are open at any time, counted from the last answer that was read."""
    open_now, most = 0, 0

    async def answer(request: Request) -> str:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        await anyio.sleep(0.02)
        open_now -= 1
        return f"Answer: {request.draw % 2}"

    async with Orchestrator(["m"], backend=ScriptedBackend(answer), ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve("?", settle(Beta(), seats=12, at_once=3), answer="number")

    assert most == 3
    assert outcome.usage.calls == 12


async def test_a_budget_that_ends_stops_the_sampling() -> None:
    """What was said counts; no further seat is asked."""
    seats = Seats(lambda draw: 1 + draw % 2)

    outcome = await solve(seats, settle(Beta(), seats=20, at_once=1), budget=Budget(calls=5))

    assert len(seats.asked) == 5
    assert outcome.stopped == "budget"
    assert outcome.answer == "1"


def test_a_deadline_keeps_what_was_said(in_virtual_time: Virtually) -> None:
    """The answers that were there by then are counted, a spare one that came back among them."""
    seats = Seats(lambda _: 1, takes=lambda draw: SLOW if draw == 2 else 0.0)

    outcome, seconds = in_virtual_time(timed(solve(seats, settle(Full(), seats=4, at_once=4), budget=Budget(seconds=0.5))))

    assert seconds == pytest.approx(0.5)
    assert outcome.stopped == "deadline"
    assert outcome.answer == "1"
    assert outcome.decision is not None
    assert outcome.decision.tally[0].seats == ("seat-1", "seat-2", "seat-4")


def test_cancelling_the_run_leaves_no_call_behind(in_virtual_time: Virtually) -> None:
    """All seats in flight are let go with it."""
    seats = Seats(lambda _: 1, takes=lambda _: SLOW)

    async def cancelled_after_a_while() -> None:
        async with Orchestrator(["m"], backend=seats.backend, ledger=":memory:") as orchestrator:
            with anyio.move_on_after(0.2):
                await orchestrator.solve("?", settle(Beta(), at_once=10), answer="number")

    _, seconds = in_virtual_time(timed(cancelled_after_a_while()))

    assert seconds == pytest.approx(0.2)
    assert len(seats.asked) == 10
    assert seats.answered == []


async def test_all_seats_may_have_the_first_model() -> None:
    """`models: first` leaves the others out; in turn, they alternate."""
    asked: dict[str, list[str]] = {}
    for models in ("first", "in-turn"):
        seats = Seats(lambda _: 1)
        strategy = Strategy(steps=[Propose(seats=3, models=models), Vote()])
        async with Orchestrator(["one", "two"], backend=seats.backend, ledger=":memory:") as orchestrator:
            await orchestrator.solve("?", strategy, answer="number")
        asked[models] = sorted(request.model for request in seats.backend.requests)

    assert asked == {"first": ["one"] * 3, "in-turn": ["one", "one", "two"]}
