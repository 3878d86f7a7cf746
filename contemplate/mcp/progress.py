"""Progress: what happens in a run, told to whoever asked while it goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from contemplate.concurrency import task_group
from contemplate.trace.events import Event, Noted, Observers, RunStarted, TurnEnded, TurnStarted
from contemplate.trace.words import brief

T = TypeVar("T")
Tell = Callable[[float, str], Awaitable[None]]
"""Tells how far something is: a number that grows, and a line of words."""

_BRIEF = 120
_MOST_WAITING = 1_000
"""So many lines wait for a client that is slow to take them; what comes then is left out."""


async def observed(work: Callable[[Observers], Awaitable[T]], tell: Tell) -> T:
    """Do a run, and tell what happens in it as it happens."""

    async def lines(put: Callable[[str], None]) -> T:
        def observe(event: Event) -> None:
            if (line := line_of(event)) is not None:
                put(line)

        return await work(Observers((observe,)))

    return await told(lines, tell)


async def told(work: Callable[[Callable[[str], None]], Awaitable[T]], tell: Tell) -> T:
    """Do some work, and tell the lines that it puts out, in their order; when it is over, what is still to be told is told.

    Args:
        work: is handed what takes a line.
        tell: takes each, with its number.
    """
    sender, receiver = anyio.create_memory_object_stream[str](_MOST_WAITING)

    def put(line: str) -> None:
        if sender.statistics().current_buffer_used < _MOST_WAITING:
            sender.send_nowait(line)

    async def forward() -> None:
        number = 0
        async for line in receiver:
            number += 1
            await tell(float(number), line)

    with receiver:
        async with task_group() as tasks:
            tasks.start_soon(forward)
            with sender:
                found = await work(put)
    return found


def line_of(event: Event) -> str | None:
    """What a client is told of an event; None for nothing."""
    match event:
        case RunStarted():
            return f"run {event.run}: {event.strategy} on {', '.join(event.models)}"
        case TurnStarted():
            return f"{event.id}: {event.model} is asked"
        case TurnEnded() if event.turn.status != "cancelled":
            return f"{event.turn.id}: {brief(event.turn, _BRIEF)}"
        case Noted():
            return event.message
        case _:
            return None
