"""The one path of every model call, as a list of stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Self

from contemplate.concurrency import task_group
from contemplate.errors import ContemplateError
from contemplate.errors.boundary import boundary
from contemplate.ledger.base import Ledger
from contemplate.models.backends.routing import Router
from contemplate.models.batch import Batch, Member
from contemplate.models.call import Asked, Caller, Middleware, Reply, Screen, chained
from contemplate.models.limiter import Limits
from contemplate.models.retry import Retry
from contemplate.models.stages.able import Able
from contemplate.models.stages.attempts import Attempts
from contemplate.models.stages.fallback import fallback
from contemplate.models.stages.in_flight import InFlight
from contemplate.models.stages.kept import Kept
from contemplate.models.stages.own import After, Before, Stage
from contemplate.models.stages.private import Private
from contemplate.models.stages.reserve import Reserve
from contemplate.models.stages.samples import Samples
from contemplate.models.stages.send import Send
from contemplate.models.stages.store import Store
from contemplate.types import Privacy, Request, strictest

__all__ = ["Caller", "Calls", "Deliver", "Reply"]

Deliver = Callable[[int, Reply | ContemplateError], None]
"""Takes what came of an ask, by its index, as soon as it is there."""


class Calls:
    """Makes calls for all the runs of one orchestrator, on one ledger and shared limits.

    Attributes:
        router: finds the backend of a model.
        ledger: where completions are kept.
        privacy: the label of what is asked here, whatever the caller says.
        screens: see what is asked, in their order, and what comes back, in the opposite one.
    """

    def __init__(
        self,
        router: Router,
        ledger: Ledger,
        *,
        limits: Mapping[str, Limits] | None = None,
        retry: Retry | None = None,
        stages: Sequence[Stage] = (),
    ) -> None:
        """Set up the path.

        Args:
            router: finds the backend of a model.
            ledger: where completions are kept.
            limits: by endpoint (a provider's name, "local", a host and port), "default" for the others. What is not
                given is as the backend's own `limits` say, if it has any.
            retry: how often and how long a failed call is tried again.
            stages: the user's own.
        """
        self.router = router
        self.ledger = ledger
        path: list[Middleware] = [
            *([After(stages)] if stages else []),  # the user's own see each reply: stored just now, or long ago
            Kept(ledger),  # what is kept costs nothing, and a replay goes no further
            fallback,  # the next form, the next model
            InFlight(ledger),  # the same is asked for once at a time
            *([Before(stages)] if stages else []),  # the user's own see what is about to be sent
            Samples(router),  # several samples in one request
            Private(router),  # what a model may not see goes no further
            Able(router),  # what the model is known to lack is not sent
            Reserve(router),  # the budget sets the worst case aside, and takes what it really was
            Store(ledger),  # on disk before it is used
            Attempts(router, limits or {}, retry or Retry()),  # limits and retries
        ]
        self._handle = chained(path, Send(router, ledger))
        self.privacy: Privacy = "any"
        self.screens: tuple[Screen, ...] = ()

    def within(self, privacy: Privacy) -> Self:
        """The same path, with the same limits, for calls of a run with a label: no caller on it can have one less strict."""
        bounded = copy(self)
        bounded.privacy = strictest(self.privacy, privacy)
        return bounded

    def screened(self, *screens: Screen) -> Self:
        """The same path, with the same limits, for calls that `screens` see; those of this path see them after these."""
        seen = copy(self)
        seen.screens = (*screens, *self.screens)
        return seen

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
            PolicyError: a stage of the user's own refused the request, or the reply.
            PrivacyError: the model may not see it.
            InputError: a model can't be called as configured.
        """
        return await self._answered(requests, caller)

    async def _answered(self, requests: Sequence[Request], caller: Caller, member: Member | None = None) -> Reply:
        """The reply to the first of `requests` that can be answered, as the screens let it pass."""
        caller = replace(caller.within(self.privacy), views={}) if self.screens or caller.views else caller.within(self.privacy)
        for screen in self.screens:
            requests, caller = await screen.outgoing(requests, caller)
        reply = (await self._handle(_asked(requests, caller, member))).replies[0]
        for screen in reversed(self.screens):
            reply = await screen.incoming(reply, caller)
        return reply

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
            deliver: told the index of an ask in `asks`, from 0, and its reply or its error, once for each of them, as soon
                as it is there. What it raises ends it all.

        Raises:
            InputError: a model can't be called as configured. Other errors are delivered.
        """
        batch = Batch(len(asks))
        async with task_group() as tasks:
            for member, (requests, caller) in zip(batch.members, asks, strict=True):
                tasks.start_soon(self._answer, requests, caller, member, deliver)

    async def _answer(self, requests: Sequence[Request], caller: Caller, member: Member, deliver: Deliver) -> None:
        try:
            with boundary("calling") as caught:
                reply = await self._answered(requests, caller, member)
        finally:
            member.leave()
        deliver(member.index, reply if caught.error is None else caught.error)


def _asked(requests: Sequence[Request], caller: Caller, member: Member | None = None) -> Asked:
    if not requests:
        msg = "a call needs a model"
        raise ValueError(msg)
    return Asked((requests[0],), caller, tuple(requests[1:]), member=member)
