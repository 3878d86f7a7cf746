"""Several questions under way at the same time, their results in the questions' order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import anyio

T = TypeVar("T")
R = TypeVar("R")


async def concurrently(ask: Callable[[T], Awaitable[R]], all_of: Sequence[T], most: int) -> list[R]:
    """Ask all, `most` of them at once.

    Args:
        ask: asks one.
        all_of: what is asked.
        most: how many may be under way, 1 or more.
    """
    found: dict[int, R] = {}
    places = anyio.CapacityLimiter(most)

    async def one(number: int) -> None:
        async with places:
            found[number] = await ask(all_of[number])

    async with anyio.create_task_group() as tasks:
        for number in range(len(all_of)):
            tasks.start_soon(one, number)
    return [found[number] for number in range(len(all_of))]
