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
            answered = await self._kept(answered)
        return answered  # noqa: RET504 - for all that a checker knows, the scope swallows exceptions

    async def _kept(self, answered: Answered) -> Answered:
        """Store what came of one call; what another process has stored first under a key takes its place.

        Of several samples, each is stored under its own key first, and closes no call. A key keeps its first completion, so
        that the one that then closes the call may bear the tokens of them all.
        """
        first = answered.replies[0]
        if answered.tokens != first.completion.tokens:
            replies = list(answered.replies)
            async with task_group() as tasks:
                for place in range(len(replies)):
                    tasks.start_soon(self._store, replies, place)
            whole = first.completion.model_copy(update={"tokens": answered.tokens})
            await self._ledger.store(answered.call, first.request, whole, answered.usd)
            return replace(answered, replies=tuple(replies))
        before = await self._ledger.store(answered.call, first.request, first.completion, answered.usd)
        return answered if before is None else replace(answered, replies=(replace(first, completion=before),))

    async def _store(self, replies: list[Reply], place: int) -> None:
        """Store one of several samples, and put what its key keeps in its place."""
        reply = replies[place]
        if (before := await self._ledger.store("", reply.request, reply.completion, None)) is not None:
            replies[place] = replace(reply, completion=before)


def _told_apart(replies: Sequence[Reply]) -> tuple[Reply, ...]:
    """The first alone, if a server that starts each sample from the same seed has said the same several times.

    Counted as several, one sample would look like a unanimous panel.
    """
    first, texts = replies[0], {reply.completion.text for reply in replies}
    again = first.request.sampling.temperature != 0 and len(first.completion.text) >= _TELLING and len(texts) == 1
    return tuple(replies[:1] if again else replies)
