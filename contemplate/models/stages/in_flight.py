"""The stage of calls in flight: the same request is made once at a time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import anyio

from contemplate import log
from contemplate.ledger.base import Ledger
from contemplate.models.call import Answered, Asked, Handler, Reply

_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5
"""The least and the most seconds between two looks at whether another process is over with a key."""


@dataclass
class _Flight:
    lock: anyio.Lock = field(default_factory=lambda: anyio.Lock(fast_acquire=True))
    users: int = 0


class InFlight:
    """Lets one call of each key through; whoever asks the same meanwhile waits, and takes its reply from the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._flights: dict[str, _Flight] = {}

    async def __call__(self, asked: Asked, then: Handler) -> Answered:
        """Wait for another call of the same key, here or in another process, and go on if it brought nothing.

        Who waits leaves its batch, so that it holds up nobody. Where other machines write to the ledger too, the reply that was
        stored first is the one that counts.
        """
        key = asked.request.key
        flight = self._flights.setdefault(key, _Flight())
        flight.users += 1
        if flight.lock.locked() and asked.member is not None:
            asked.member.leave()
        try:
            async with flight.lock:
                there = await self._claimed(asked, key)
                try:
                    return await self._alone(asked, then, there=there)
                finally:
                    self._ledger.unclaim(key)
        finally:
            flight.users -= 1
            if not flight.users:
                del self._flights[key]

    async def _alone(self, asked: Asked, then: Handler, *, there: bool) -> Answered:
        """The reply that came meanwhile, if `there` may be one; else go on."""
        kept = await self._ledger.completion(asked.request.key) if there else None
        if kept is not None and not kept.void:
            return Answered((Reply(asked.request, kept, cached=True),))
        answered = await then(asked)
        if not self._ledger.shared:
            return answered
        return replace(answered, replies=tuple([await self._first_stored(reply) for reply in answered.replies]))

    async def _claimed(self, asked: Asked, key: str) -> bool:
        """Wait until nobody else pays for `key`, and claim it; whether it may have a reply now."""
        pause = _FIRST_PAUSE
        while (claim := await self._ledger.claim(key)).holder is not None:
            if pause == _FIRST_PAUSE:
                log.info("another process pays", run=asked.caller.run, turn=asked.caller.turn, holder=str(claim.holder))
                if asked.member is not None:
                    asked.member.leave()
            await anyio.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)
        return claim.there

    async def _first_stored(self, reply: Reply) -> Reply:
        first = await self._ledger.completion(reply.request.key)
        return reply if first is None else replace(reply, completion=first)
