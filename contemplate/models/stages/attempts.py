"""The stage of attempts: as often as the retry policy allows, each when the limiter of the endpoint lets it go."""

from __future__ import annotations

from collections.abc import Mapping

import anyio

from contemplate.errors import CallError, OverloadedError
from contemplate.models.backends.base import BaseBackend
from contemplate.models.backends.routing import Router
from contemplate.models.call import Answered, Asked, Handler
from contemplate.models.limiter import Limiter, Limits, Slot
from contemplate.models.notices import Retried
from contemplate.models.remedies import refused_until
from contemplate.models.retry import Retry, retrying
from contemplate.models.stages.hedge import hedged
from contemplate.seeds import derive
from contemplate.text import one_line


class Attempts:
    """Goes on again and again until a reply is there, at the pace that each endpoint's limits allow.

    The place in the limiter is held during an attempt, and not between two of them.
    """

    def __init__(self, router: Router, limits: Mapping[str, Limits], retry: Retry) -> None:
        """Take what the attempts go by.

        Args:
            router: finds the backend of a model.
            limits: by endpoint, "default" for the others. What is not given is as the backend's own `limits` say, if it has any.
            retry: how often and how long a failed call is tried again.
        """
        self._router, self._limits, self._retry = router, limits, retry
        self._limiters: dict[str, Limiter] = {}
        self._shut: dict[tuple[str, str], float] = {}  # by endpoint and model, when calls are taken again

    async def __call__(self, asked: Asked, then: Handler) -> Answered:
        """Make attempts until one succeeds.

        Raises:
            CallError: the last attempt's error; without an attempt, where its provider takes no calls for long.
            BudgetError: there is no room for another attempt.
        """
        backend = self._router.backend(asked.request.model)
        attempt = _Attempt(asked, then, self._limiter(backend), backend, self._retry)
        request = asked.request
        which = backend.endpoint, asked.request.model
        self._see_whether_it_takes_calls(*which)
        try:
            return await retrying(
                attempt,
                self._retry,
                seed=lambda: derive(request.seed or 0, request.key),
                on_retry=attempt.failed,
                gate=attempt.next_slot,
            )
        except OverloadedError as error:
            if error.retry_after is not None and error.retry_after >= self._retry.deadline:
                self._shut[which] = anyio.current_time() + error.retry_after
            raise

    def _see_whether_it_takes_calls(self, endpoint: str, model: str) -> None:
        """Ask nothing of a model whose provider has said that it takes no calls before all attempts would be over.

        Raises:
            OverloadedError: so it is; nothing was sent.
        """
        if self._shut and (left := self._shut.get((endpoint, model), 0.0) - anyio.current_time()) >= self._retry.deadline:
            until = refused_until(left, self._retry.deadline)
            raise OverloadedError(f"{endpoint}, model {one_line(model, 80)!r} was not asked: {until}", retry_after=left)

    def _limiter(self, backend: BaseBackend) -> Limiter:
        """The one limiter of a backend's endpoint."""
        endpoint = backend.endpoint
        if endpoint not in self._limiters:
            usual = self._limits.get("default") or backend.limits or Limits()
            self._limiters[endpoint] = Limiter(self._limits.get(endpoint) or usual)
        return self._limiters[endpoint]


class _Attempt:
    """An attempt that can be made again; each counts on the reservation of the call."""

    def __init__(self, asked: Asked, then: Handler, limiter: Limiter, backend: BaseBackend, retry: Retry) -> None:
        self._asked, self._then, self._limiter, self._backend = asked, then, limiter, backend
        self._retry = retry
        self._billed = False  # whether the attempt before may have been
        self._slot: Slot  # a fresh one for each attempt, by the gate

    def next_slot(self) -> Slot:
        """The leave of the next attempt to go."""
        self._slot = self._limiter.slot(self._asked.reserved.tokens.total)
        return self._slot

    async def __call__(self) -> Answered:
        """Make one attempt."""
        self._asked.reserved.attempt(billed_before=self._billed)
        try:
            if self._retry.hedge is None or self._asked.caller.on_text is not None:
                answered = await self._then(self._asked)
            else:
                answered = await hedged(self._asked, self._then, self._retry.hedge, self._limiter)
        except CallError as error:
            self._limiter.failed(self._slot, error, self._retry.deadline)
            raise
        self._slot.settle(answered.tokens.total)
        if (allowance := self._backend.allowance) is not None:
            self._limiter.heed(allowance)
        return answered

    async def failed(self, error: CallError, wait: float) -> None:
        """Note that an attempt failed and another one follows after `wait` seconds."""
        self._billed = error.may_be_billed
        self._asked.caller.told(Retried(self._asked.request.model, error, wait))
