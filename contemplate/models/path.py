"""The one path of every model call: ledger, budget, limiter, retry and fallback, provider, ledger."""

from __future__ import annotations

from collections.abc import Sequence

from contemplate.errors import ReplayError
from contemplate.models.attempt import Caller, CallPath
from contemplate.models.samples import WORTH_A_FALLBACK, Deliver, JointRequests, Reply, next_after, note_fallback
from contemplate.types import Request

__all__ = ["Caller", "Calls", "Deliver", "Reply"]


class Calls(CallPath):
    """Makes calls for all the runs of one orchestrator, on one ledger and shared limits."""

    async def call(self, requests: Sequence[Request], caller: Caller) -> Reply:
        """Answer with the first of `requests` that can be: from the ledger if any is there, else by calling.

        Args:
            requests: what is asked of the model wanted, perhaps in several forms, and then of each fallback. The next form
                is tried if the model lacks what the one before needs; after another error the next model is.
            caller: who asks.

        Raises:
            ReplayError: offline, and none of them is in the ledger.
            BudgetError: the call would pass a cap.
            CallError: every model failed; the last one's error.
            InputError: a model can't be called as configured.
        """
        if (kept := await self._kept(requests, caller)) is not None:
            return kept
        if not requests:
            msg = "a call needs a model"
            raise ValueError(msg)
        which = 0
        while True:
            try:
                return await self._first_or_only(requests[which], caller)
            except WORTH_A_FALLBACK as error:
                after = next_after(requests, which, error)
                if after is None:
                    raise
                note_fallback(caller, requests[which], requests[after], error)
                which = after

    async def call_many(self, asks: Sequence[tuple[Sequence[Request], Caller]], deliver: Deliver) -> None:
        """Answer each of `asks` as `call` would, in as few requests as can be.

        Asks of one run and account whose requests differ in `seed` and `draw` alone share a request for several samples,
        with the seed of the first, where the backend and the endpoint can do that: an endpoint that ignores `n`, refuses
        it or gives fewer is noticed once, and the rest is asked for singly. Such a request is one call, reserved whole; if
        the budget has no room for that, each is asked for singly, as many as fit. Each sample is in the ledger under its
        own key before it is delivered. The prompt's tokens are on the first; those of the completions are shared out by
        the lengths of the texts, so that each part is an estimate and their sum is what the provider counted.

        It may be cancelled at any time: what has come back by then is kept.

        Args:
            asks: the requests of each, as for `call`, and who asks.
            deliver: told the place of an ask in `asks`, from 0, and its reply or its error, once for each of them, as soon
                as it is there. What it raises ends it all.

        Raises:
            InputError: a model can't be called as configured. Other errors are delivered.
        """
        await JointRequests(self, self.call, self._kept).ask(asks, deliver)

    async def _kept(self, requests: Sequence[Request], caller: Caller) -> Reply | None:
        """What the ledger has to answer with.

        Raises:
            ReplayError: nothing, and there is no other way to answer.
        """
        for request in requests:
            if (kept := await self.ledger.completion(request.key)) is not None:
                return Reply(request, kept, cached=True)
        if caller.offline:
            msg = f"turn {caller.turn} asks what the ledger has no reply to; was a card, a recipe or contemplate itself changed?"
            raise ReplayError(msg)
        return None

    async def _first_or_only(self, request: Request, caller: Caller) -> Reply:
        """Make the call, unless another task is making the same one: then wait, and take its reply from the ledger."""
        async with self.flight(request.key) as waited:
            if waited and (kept := await self.ledger.completion(request.key)) is not None:
                return Reply(request, kept, cached=True)
            completion = (await self.pay([request], caller))[0]
        return Reply(request, completion, cached=False)
