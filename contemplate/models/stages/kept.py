"""The stage of what is kept: what the ledger has is not asked for."""

from __future__ import annotations

from contemplate.errors import ReplayError
from contemplate.ledger.base import Ledger
from contemplate.models.call import Answered, Asked, Handler, Reply


class Kept:
    """Answers from the ledger, with a reply to the request or to one that may be asked for instead."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def __call__(self, asked: Asked, then: Handler) -> Answered:
        """Look each request up; go on only if none has a reply. One that stands alone is looked up when it is claimed.

        What is void is no reply, and is asked for again; a replay takes it for what the run had.

        Raises:
            ReplayError: none has, and the caller is offline.
        """
        if not (asked.instead or asked.caller.offline):
            return await then(asked)  # the ledger says so when the key is claimed
        for request in (*asked.requests, *asked.instead):
            kept = await self._ledger.completion(request.key)
            if kept is not None and (asked.caller.offline or not kept.void):
                return Answered((Reply(request, kept, cached=True),))
        if (caller := asked.caller).offline:
            msg = f"turn {caller.turn} asks what the ledger has no reply to; was a card, a recipe or contemplate itself changed?"
            raise ReplayError(msg)
        return await then(asked)
