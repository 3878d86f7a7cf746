"""The stage of the ledger: what came back is stored before anything uses it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import anyio

from contemplate.concurrency import task_group
from contemplate.ledger.base import Ledger
from contemplate.models.call import Answered, Asked, Handler, Reply

_TELLING = 200
"""Characters from which on two replies that were drawn apart are never the same."""


class Store:
    """Keeps each reply under the key of its request, and closes the call with what it cost."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def __call__(self, asked: Asked, then: Handler) -> Answered:
        """Go on, and store what came; it is on disk when this returns."""
        answered = await then(asked)
        with anyio.CancelScope(shield=True):  # a reply that is there is paid for: it is kept, whatever happens to us
            if len(answered.replies) > 1:
                answered = replace(answered, replies=_told_apart(answered.replies))
            await self._keep(answered)
        return answered

    async def _keep(self, answered: Answered) -> None:
        """Store what came of one call.

        Of several samples, each is stored under its own key first, and closes no call. A key keeps its first completion, so
        that the one that then closes the call may bear the tokens of them all.
        """
        first = answered.replies[0]
        if answered.tokens != first.completion.tokens:
            async with task_group() as tasks:
                for reply in answered.replies:
                    tasks.start_soon(self._ledger.store, "", reply.request, reply.completion, None)
            first = replace(first, completion=first.completion.model_copy(update={"tokens": answered.tokens}))
        await self._ledger.store(answered.call, first.request, first.completion, answered.usd)


def _told_apart(replies: Sequence[Reply]) -> tuple[Reply, ...]:
    """The first alone, if a server that starts each sample from the same seed has said the same several times.

    Counted as several, one sample would look like a unanimous panel.
    """
    first, texts = replies[0], {reply.completion.text for reply in replies}
    again = first.request.sampling.temperature != 0 and len(first.completion.text) >= _TELLING and len(texts) == 1
    return tuple(replies[:1] if again else replies)
