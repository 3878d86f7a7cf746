"""The stage of calls in flight: the same request is made once at a time."""

from __future__ import annotations

from dataclasses import replace

import anyio

from contemplate import log
from contemplate.ledger.base import Claim, Ledger
from contemplate.models.call import Answered, Asked, Handler, Reply

_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5
"""The least and the most seconds between two looks at whether another process is over with a key."""


class _Flight:
    """A call that is under way; who asks the same meanwhile waits until it is over."""

    __slots__ = ("_over",)

    def __init__(self) -> None:
        self._over: anyio.Event | None = None

    async def wait(self) -> None:
        """Wait until it is over."""
        if self._over is None:
            self._over = anyio.Event()
        await self._over.wait()

    def end(self) -> None:
        """Let who waits go on."""
        if self._over is not None:
            self._over.set()


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
        while (other := self._flights.get(key)) is not None:
            if asked.member is not None:
                asked.member.leave()
            await other.wait()
        flight = self._flights[key] = _Flight()
        try:
            claim = await self._claimed(asked, key)
            try:
                return await self._alone(asked, then, claim)
            finally:
                self._ledger.unclaim(key)
        finally:
            del self._flights[key]
            flight.end()

    async def _alone(self, asked: Asked, then: Handler, claim: Claim) -> Answered:
        """The reply that is there, or may have come meanwhile; else go on."""
        kept = claim.kept
        if kept is None and claim.there:
            kept = await self._ledger.completion(asked.request.key)
        if kept is not None and not kept.void:
            return Answered((Reply(asked.request, kept, cached=True),))
        answered = await then(asked)
        if not self._ledger.shared:
            return answered
        return replace(answered, replies=tuple([await self._first_stored(reply) for reply in answered.replies]))

    async def _claimed(self, asked: Asked, key: str) -> Claim:
        """Wait until nobody else pays for `key`, and claim it, unless it has a reply."""
        pause = _FIRST_PAUSE
        while (claim := await self._ledger.claim(key)).holder is not None:
            if pause == _FIRST_PAUSE:
                told = {"run": asked.caller.run, "turn": asked.caller.turn, "key": key}
                log.info("another process pays", **told, holder=str(claim.holder))
                if asked.member is not None:
                    asked.member.leave()
            await anyio.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)
        return claim

    async def _first_stored(self, reply: Reply) -> Reply:
        first = await self._ledger.completion(reply.request.key)
        return reply if first is None else replace(reply, completion=first)
