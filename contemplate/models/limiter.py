"""The limiter of one endpoint: concurrency, requests a minute, tokens a minute, and what the endpoint turns out to bear.

A `Limiter` lets callers through first come, first served. Told rates are counted over a sliding window that is a little
longer than a minute, so that in no 60 seconds whatever do more requests or tokens arrive than the limits say; and
departures are spread over it (`contemplate.models.pace`).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from contextlib import nullcontext
from types import TracebackType
from typing import Self

import anyio

from contemplate.concurrency import loop_time
from contemplate.errors import CallError, OverloadedError
from contemplate.models.backends.allowance import Allowance
from contemplate.models.backends.base import Limits
from contemplate.models.pace import Bearable, Pace, spread

__all__ = ["Limiter", "Limits", "Slot"]

_MINUTE = 60.0
_MARGIN = 1 / 30
"""The part of a minute by which calls may arrive closer to each other than they left."""
_BURST = 1 / 120
"""The part of a minute's that may leave at once."""
_UNKNOWN_SHARE = 0.25
"""Of the tokens that calls might take, what they do take until it is seen: replies are seldom as long as they may be."""
_LATEST = 0.2
"""The weight of the latest call in what calls take."""
_TOO_MANY, _BUSY = 429, {503, 529}


class Slot:
    """One call's leave to go; an asynchronous context manager, used once."""

    __slots__ = ("_limiter", "asked", "counted", "free_at", "left_at", "number", "paced", "tokens", "wake")

    def __init__(self, limiter: Limiter, tokens: int) -> None:
        self.asked = self.tokens = tokens
        self.free_at = math.inf
        self.counted = False
        self.paced = 0.0  # tokens for which it holds up others
        self.number = 0
        self.left_at = -math.inf
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

    def __init__(self, limits: Limits, *, clock: Callable[[], float] = loop_time, minute: float = _MINUTE) -> None:
        """Start with nothing in flight.

        Args:
            limits: what to keep.
            clock: seconds that never run backwards; by default the event loop's.
            minute: seconds that a minute lasts.
        """
        self.limits = limits
        self._clock = clock
        self._window = minute * (1 + _MARGIN)
        self._queue: deque[Slot] = deque()
        self._left: deque[Slot] = deque()
        self._tokens = 0.0
        self._in_flight = 0
        self._departed = 0
        self._paused_until = -math.inf
        requests, tokens = limits.requests_per_minute, limits.tokens_per_minute
        self._told_rate = math.inf if requests is None else requests / self._window
        self._bears = Bearable(limits.concurrency, self._told_rate)
        self._told_burst = limits.burst or (1.0 if requests is None else requests * _BURST)
        self._pace = Pace(self._told_rate, self._told_burst)
        self._token_pace = None if tokens is None else Pace(tokens / self._window, tokens * _BURST)
        self._share: float | None = None  # of what calls might take, what they did
        self._spread, self._spread_until = math.inf, -math.inf
        self._usual = 0.0

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
        if not self._queue and self._wait(slot) <= 0:
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
            wait = self._wait(slot) if self._queue[0] is slot else math.inf
            if wait <= 0:
                return
            slot.wake = anyio.Event()
            with anyio.move_on_after(wait) if math.isfinite(wait) else nullcontext():
                await slot.wake.wait()

    def _take(self, slot: Slot) -> None:
        self._in_flight += 1
        self._departed += 1
        slot.number, slot.left_at = self._departed, now = self._departed, self._clock()
        self._bears.left(slot.number, now)
        if self._pace.rate < math.inf:
            self._pace.take(now, 1)
        if self._token_pace is not None:
            slot.paced = self._at_most_all(self._expected(slot.asked))
            self._token_pace.take(now, slot.paced)
        if self._told_rate < math.inf or self._token_pace is not None:
            slot.free_at = now + self._window
            slot.counted = True
            if self._share is not None:
                slot.tokens = round(self._expected(slot.asked))
            self._left.append(slot)
            self._tokens += slot.tokens

    def _expected(self, asked: int) -> float:
        return asked * (_UNKNOWN_SHARE if self._share is None else self._share)

    def _at_most_all(self, tokens: float) -> float:
        """Those of a minute at the most: a call that needs more takes a whole one."""
        return min(tokens, self.limits.tokens_per_minute or tokens)

    def leave(self) -> None:
        """Take back a place in flight."""
        self._in_flight -= 1
        self._wake_first()

    def settle(self, slot: Slot, tokens: int) -> None:
        """Count `tokens` for `slot` from now on, and a reply."""
        self._bears.answered()
        self._usual += _LATEST * (tokens - self._usual) if self._usual else tokens
        self._recount(slot, tokens)
        if slot.asked and self._token_pace is not None:
            share = min(tokens / slot.asked, 1.0)
            self._share = share if self._share is None else self._share + _LATEST * (share - self._share)

    def _recount(self, slot: Slot, tokens: int) -> None:
        if slot.counted:
            if self._token_pace is not None:
                paced = self._at_most_all(tokens)
                self._token_pace.correct(paced - slot.paced)
                slot.paced = paced
            self._tokens += tokens - slot.tokens
            slot.tokens = tokens
            self._wake_first()

    def failed(self, slot: Slot, error: CallError, longest: float = math.inf) -> None:
        """Learn from a failed call: what the endpoint does not bear, and until when it wants to be left alone.

        Args:
            slot: of the call.
            error: why it failed.
            longest: seconds; who asks for a longer pause is not left alone for it.
        """
        if not error.may_be_billed:
            self._recount(slot, 0)
        if not isinstance(error, OverloadedError):
            return
        now, asked = self._clock(), error.retry_after
        if asked is not None and asked > longest:
            return
        if error.status == _TOO_MANY:
            self.pause(self._bears.throttled(slot.number, slot.left_at, now, asked))
        else:
            if error.status in _BUSY:
                self._bears.cut(slot.left_at, now)
            self.pause(asked or 0.0)

    def heed(self, allowance: Allowance) -> None:
        """Spread what is left, as the last reply said, over the time until there is more, where little is left."""
        longest = max((one.seconds for one in (allowance.requests, allowance.tokens) if one is not None), default=0.0)
        self._spread = spread(allowance, self._in_flight, self._usual)
        self._spread_until = self._clock() + longest

    def _wake_first(self) -> None:
        if self._queue and (wake := self._queue[0].wake) is not None:
            wake.set()

    def _wait(self, slot: Slot) -> float:
        """Seconds until a call may go, or may be asked about again; infinite while all places are taken."""
        if self._in_flight >= int(self._bears.places):
            return math.inf
        now = self._clock()
        if now < self._paused_until:
            return self._paused_until - now
        wait = self._pace_of(now)
        if self._token_pace is not None:
            wait = max(wait, self._token_pace.wait(now, self._at_most_all(self._expected(slot.asked))))
        while self._left and self._left[0].free_at <= now:
            gone = self._left.popleft()
            gone.counted = False
            self._tokens -= gone.tokens
        return wait if self._fits(slot.asked) else max(wait, self._left[0].free_at - now)

    def _pace_of(self, now: float) -> float:
        """Seconds until the pace allows the next call: the told one, the learned one or that of the headers, the slowest."""
        learned = self._spread if now < self._spread_until else math.inf
        learned = min(learned, self._bears.rate)
        pace, rate = self._pace, min(learned, self._told_rate)
        if rate == math.inf:
            pace.rate = rate
            return 0.0
        pace.rate, pace.burst = rate, self._told_burst if learned > self._told_rate else 1.0
        return pace.wait(now, 1)

    def _fits(self, asked: int) -> bool:
        requests, cap = self.limits.requests_per_minute, self.limits.tokens_per_minute
        if requests is not None and len(self._left) >= requests:
            return False
        tokens = asked if self._share is None else self._expected(asked)
        return cap is None or not self._left or self._tokens + tokens <= cap
