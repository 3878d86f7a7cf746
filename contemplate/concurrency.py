"""Structured concurrency, with errors that read like those of sequential code."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import anyio
from anyio.abc import TaskGroup

from contemplate.errors import ContemplateError, InputError, StorageError

T = TypeVar("T")

_AT_ONCE = 16
"""So many go on in one round of the event loop; each then has about a millisecond's work to do."""


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Makes event loops of uvloop, where the extra `fast` has brought it; None: Python's own are used.

    So they are where a program was begun without input or output: libuv ends a process whose own files get their numbers.
    """
    if find_spec("uvloop") is None or not all(map(_is_open, range(3))):
        return None
    import uvloop

    return uvloop.new_event_loop


def _is_open(number: int) -> bool:
    """Whether a file of that number is open."""
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def loop_time() -> float:
    """Seconds on the clock of the running event loop."""
    return asyncio.get_running_loop().time()


class Rounds:
    """Lets those go on who become ready at one moment, first come, first served, a few in each round of an event loop.

    What they do then takes time, and whatever else lives in that loop must not wait for all of them.
    """

    def __init__(self) -> None:
        """Begin with nobody."""
        self._ready: deque[Callable[[], None]] = deque()
        self._places = _AT_ONCE  # that are left in this round

    def let(self, wakes: Iterable[Callable[[], None]]) -> None:
        """Call each of `wakes`, which lets somebody go on: now, if this round has a place, else in a later one."""
        self._ready.extend(wakes)
        self._fill()

    async def turn(self) -> None:
        """Wait until it is the caller's turn to go on."""
        if self._places and not self._ready:
            self._take_place()
            return
        waiter = asyncio.get_running_loop().create_future()
        self.let([lambda: None if waiter.done() else waiter.set_result(None)])  # done: cancelled
        await waiter

    def _fill(self) -> None:
        while self._ready and self._places:
            self._take_place()
            self._ready.popleft()()

    def _take_place(self) -> None:
        if self._places == _AT_ONCE:
            asyncio.get_running_loop().call_soon(self._next)
        self._places -= 1

    def _next(self) -> None:
        self._places = _AT_ONCE
        self._fill()


_rounds: WeakKeyDictionary[asyncio.AbstractEventLoop, Rounds] = WeakKeyDictionary()
"""By loop, of which they hold none: it would never go."""


def rounds() -> Rounds:
    """Those of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _rounds.get(loop)
    if found is None:
        found = _rounds[loop] = Rounds()
    return found


@asynccontextmanager
async def task_group() -> AsyncIterator[TaskGroup]:
    """A task group that raises one error and not a group.

    It is the caller's mistake if there is one, else what failed in the ledger, else another error of the tree, else any.
    """
    try:
        async with anyio.create_task_group() as tasks:
            yield tasks
    except BaseExceptionGroup as group:
        leaves = list(_leaves(group))
        kinds = (InputError, StorageError, ContemplateError, BaseException)
        chosen = next(leaf for kind in kinds for leaf in leaves if isinstance(leaf, kind))
        raise chosen from None


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


@asynccontextmanager
async def owned(work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Run `work` beside a generator's body, and end it with the body.

    A generator that is left early is closed by the event loop from another task, where a task group's cancel
    scope can't be left. So this is the one place with a task that is not in a task group: it is cancelled and
    awaited here, whoever closes the generator.
    """
    task = asyncio.ensure_future(work())
    try:
        yield
    finally:
        task.cancel()
        cancelled = await _over(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
        if cancelled is not None:
            raise cancelled


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Await `work` until it is over, however often the caller is cancelled meanwhile, by a scope or by `task.cancel()`.

    A shielded cancel scope alone holds off scopes, and not asyncio's own cancellation.

    Raises:
        CancelledError: the caller was cancelled while it waited; by now the work is over, whatever came of it.
    """
    task, cancelled = asyncio.ensure_future(work), None
    with anyio.CancelScope(shield=True):
        cancelled = await _over(task)
    if cancelled is not None:
        raise cancelled from (None if task.cancelled() else task.exception())
    return task.result()


async def _over(task: asyncio.Future[Any]) -> asyncio.CancelledError | None:
    """Wait until `task` is over; the last cancellation that came meanwhile."""
    cancelled = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    return cancelled
