"""The limiter of one endpoint: concurrency, requests a minute, tokens a minute.

A `Limiter` lets callers through first come, first served. The rates are counted over a sliding window, so
in no 60 seconds whatever do more requests or tokens leave than the limits say.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from contextlib import nullcontext
from types import TracebackType
from typing import Self

import anyio

from contemplate.models.backends.base import Limits

__all__ = ["Limiter", "Limits", "Slot"]

_WINDOW = 60.0


class Slot:
    """One call's leave to go; an asynchronous context manager, used once."""

    def __init__(self, limiter: Limiter, tokens: int) -> None:
        self.tokens = tokens
        self.free_at = math.inf
        self.counted = False
        self.wake: anyio.Event | None = None
        self._limiter = limiter

    def settle(self, tokens: int) -> None:
        """Count what the call really took, in tokens, instead of what was asked for."""
        self._limiter.settle(self, tokens)

    async def __aenter__(self) -> Self:
        """Wait for leave."""
        await self._limiter.enter(self)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Make room for the next one."""
        self._limiter.leave()


class Limiter:
    """Lets calls of one endpoint through, in order, as its limits allow.

    It belongs to one event loop. A waiter that is cancelled gives its place back.
    """

    def __init__(self, limits: Limits, *, clock: Callable[[], float] = anyio.current_time) -> None:
        """Start with nothing in flight.

        Args:
            limits: what to keep.
            clock: seconds that never run backwards; by default the event loop's.
        """
        self.limits = limits
        self._clock = clock
        self._queue: deque[Slot] = deque()
        self._left: deque[Slot] = deque()
        self._tokens = 0
        self._in_flight = 0
        self._paused_until = -math.inf

    @property
    def in_flight(self) -> int:
        """Calls that have been let through and are not back."""
        return self._in_flight

    def slot(self, tokens: int) -> Slot:
        """Leave for one call that may take `tokens` tokens, for use in an `async with`."""
        return Slot(self, max(tokens, 0))

    def pause(self, seconds: float) -> None:
        """Let nobody through for `seconds`, as the endpoint asked; a shorter pause never cuts a longer one."""
        if seconds > 0:
            self._paused_until = max(self._paused_until, self._clock() + seconds)

    async def enter(self, slot: Slot) -> None:
        """Wait until `slot` may go, and count it; its `async with` does this."""
        if not self._queue and self._wait(slot.tokens) <= 0:
            self._take(slot)
            return
        self._queue.append(slot)
        try:
            await self._stand_in_line(slot)
        finally:
            self._queue.remove(slot)
            self._wake_first()
        self._take(slot)

    async def _stand_in_line(self, slot: Slot) -> None:
        """Wait until `slot` is the first in line and may go. Only the first one watches the clock."""
        while True:
            wait = self._wait(slot.tokens) if self._queue[0] is slot else math.inf
            if wait <= 0:
                return
            slot.wake = anyio.Event()
            with anyio.move_on_after(wait) if math.isfinite(wait) else nullcontext():
                await slot.wake.wait()

    def _take(self, slot: Slot) -> None:
        self._in_flight += 1
        if self.limits.requests_per_minute is not None or self.limits.tokens_per_minute is not None:
            slot.free_at = self._clock() + _WINDOW
            slot.counted = True
            self._left.append(slot)
            self._tokens += slot.tokens

    def leave(self) -> None:
        """Take back a place in flight."""
        self._in_flight -= 1
        self._wake_first()

    def settle(self, slot: Slot, tokens: int) -> None:
        """Count `tokens` for `slot` from now on."""
        if slot.counted:
            self._tokens += tokens - slot.tokens
            slot.tokens = tokens
            self._wake_first()

    def _wake_first(self) -> None:
        if self._queue and (wake := self._queue[0].wake) is not None:
            wake.set()

    def _wait(self, tokens: int) -> float:
        """Seconds until a call of `tokens` tokens may go, or may be asked about again; infinite while all places are taken."""
        if self._in_flight >= self.limits.concurrency:
            return math.inf
        now = self._clock()
        if now < self._paused_until:
            return self._paused_until - now
        while self._left and self._left[0].free_at <= now:
            gone = self._left.popleft()
            gone.counted = False
            self._tokens -= gone.tokens
        return 0.0 if self._fits(tokens) else self._left[0].free_at - now

    def _fits(self, tokens: int) -> bool:
        requests, cap = self.limits.requests_per_minute, self.limits.tokens_per_minute
        if requests is not None and len(self._left) >= requests:
            return False
        return cap is None or not self._left or self._tokens + tokens <= cap
