"""The stage of calls in flight: the same request is made once at a time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import anyio

from contemplate.ledger.base import Ledger
from contemplate.models.call import Answered, Asked, Handler, Reply


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
        """Wait for another call of the same key, if there is one, and go on if it brought nothing.

        Who waits leaves its batch, so that it holds up nobody. Where other machines write to the ledger too, the reply that was
        stored first is the one that counts.
        """
        key = asked.request.key
        flight = self._flights.setdefault(key, _Flight())
        flight.users += 1
        waits = flight.lock.locked()
        if waits and asked.member is not None:
            asked.member.leave()
        try:
            async with flight.lock:
                kept = await self._ledger.completion(key) if waits or asked.late else None
                if kept is not None and not kept.void:
                    return Answered((Reply(asked.request, kept, cached=True),))
                answered = await then(asked)
                if self._ledger.shared:
                    replies = [await self._first_stored(reply) for reply in answered.replies]
                    return replace(answered, replies=tuple(replies))
                return answered
        finally:
            flight.users -= 1
            if not flight.users:
                del self._flights[key]

    async def _first_stored(self, reply: Reply) -> Reply:
        first = await self._ledger.completion(reply.request.key)
        return reply if first is None else replace(reply, completion=first)
