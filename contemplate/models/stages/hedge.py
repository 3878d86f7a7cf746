"""Hedging: a second attempt beside one that takes long; the first reply counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import anyio

from contemplate.concurrency import task_group
from contemplate.errors import CallError
from contemplate.models.budget import Reservation
from contemplate.models.call import Answered, Asked, Handler
from contemplate.models.limiter import Limiter

_FIRST, _SECOND = 1, 2


@dataclass
class _Race:
    """What has come of the attempts.

    Attributes:
        won: the first reply.
        failed: the errors, by the attempt.
        under_way: how many attempts may still bring a reply.
    """

    won: Answered | None = None
    failed: dict[int, CallError] = field(default_factory=dict)
    under_way: int = 1


async def hedged(asked: Asked, then: Handler, after: float, limiter: Limiter) -> Answered:
    """Make an attempt, and a second one like it where the first has brought nothing within `after` seconds.

    The second one is a call like any other: it stands in line at the limiter, and is reserved and counted. Where the budget has
    no room for it at once, there is none. Who loses is cut off, and charged with its worst case, as nobody knows what it took.

    Args:
        asked: what is asked for; its reservation has counted the first attempt.
        then: makes an attempt.
        after: seconds.
        limiter: of the endpoint.

    Raises:
        CallError: the first attempt's error, once no other one is under way.
    """
    race, first = _Race(), asked.reserved
    second: Reservation | None = None
    try:
        async with task_group() as tasks:
            tasks.start_soon(_run, race, asked, then, _FIRST, tasks.cancel_scope.cancel)
            await anyio.sleep(after)
            if race.under_way and (second := asked.caller.account.try_reserve(first.tokens, first.usd)) is not None:
                race.under_way += 1
                again = asked.with_reservation(second, asked.price)
                tasks.start_soon(_run_second, race, again, then, limiter, first.attempts, tasks.cancel_scope.cancel)
    finally:
        if second is not None:
            _charge(second, race)
    if race.won is None:
        raise race.failed[_FIRST]
    return race.won


async def _run(race: _Race, asked: Asked, then: Handler, which: int, over: Callable[[], None]) -> None:
    """Make one of the attempts, and end the race if it is decided."""
    try:
        answered = await then(asked)
    except CallError as error:
        race.failed[which] = error
        race.under_way -= 1
        if not race.under_way:
            over()
        return
    race.won = race.won or answered
    race.under_way = 0
    over()


async def _run_second(race: _Race, asked: Asked, then: Handler, limiter: Limiter, before: int, over: Callable[[], None]) -> None:
    async with limiter.slot(asked.reserved.tokens.total) as slot:
        asked.reserved.attempt(billed_before=False)
        asked.reserved.attempts += before
        await _run(race, asked, then, _SECOND, over)
        if (error := race.failed.get(_SECOND)) is not None:
            limiter.failed(slot, error)
        elif race.won is not None:
            slot.settle(race.won.tokens.total)


def _charge(second: Reservation, race: _Race) -> None:
    """End the second reservation: where an attempt won, it stands for the one that lost."""
    loser = race.failed.get(_SECOND) or (race.failed.get(_FIRST) if race.won is not None else None)
    if not second.attempts:
        second.release(sent=False)
    elif loser is not None and not loser.may_be_billed:
        second.release(sent=True)
    else:
        second.forfeit()
