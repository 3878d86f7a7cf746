"""A loop whose clock starts at 0 and skips every sleep, so that a test says how long something takes and takes no time."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol, TypeVar

import pytest

from contemplate.ledger.writer import Writer

T = TypeVar("T")

_REAL_SECONDS = 30.0
"""The longest that a ledger's thread is waited for."""


class _SkippingSelector(selectors.DefaultSelector):
    """Passes the time that a loop would sleep in no time, and adds it up; while a thread works, the clock stands still."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.in_threads = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(_REAL_SECONDS if self.in_threads and timeout != 0 else 0)
        if not ready:
            if timeout is None or (self.in_threads and timeout > 0):
                message = "everybody waits, and nothing will ever happen"
                raise RuntimeError(message)
            self.now += max(timeout, 0.0)
        return ready


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._virtual = _SkippingSelector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now

    def waiting(self, method: Callable[..., Awaitable[T]]) -> Callable[..., Coroutine[Any, Any, T]]:
        """The method of a ledger's writer, known to wait for the writer's thread."""

        async def wait(*given: Any, **options: Any) -> T:
            self._virtual.in_threads += 1
            try:
                return await method(*given, **options)
            finally:
                self._virtual.in_threads -= 1

        return wait


class Virtually(Protocol):
    """The fixture `in_virtual_time`."""

    def __call__(self, work: Coroutine[Any, Any, T]) -> T:
        """What the coroutine returns."""
        ...


def run_virtually(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on such a loop; a deadlock raises RuntimeError. Only a ledger is waited for in real time."""
    with asyncio.Runner(loop_factory=_VirtualLoop) as runner, pytest.MonkeyPatch.context() as patch:
        loop = runner.get_loop()
        assert isinstance(loop, _VirtualLoop)
        for name in ("ask", "aclose"):
            patch.setattr(Writer, name, loop.waiting(getattr(Writer, name)))
        return runner.run(work)


async def timed(work: Awaitable[T]) -> tuple[T, float]:
    """What some work comes to, and how many seconds of its loop's time it took."""
    began = asyncio.get_running_loop().time()
    return await work, asyncio.get_running_loop().time() - began
