"""The one path of every model call: ledger, budget, limiter, retry and fallback, provider, ledger."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio

from contemplate.backends.base import Backend
from contemplate.backends.reply import worst_case
from contemplate.backends.routing import Router
from contemplate.budget import Account, Reservation
from contemplate.errors import CallError, InputError, OverloadedError, RejectedError, ReplayError, TimedOutError, UnreachableError
from contemplate.ledger.base import Ledger, Sent
from contemplate.limits import Limiter, Limits, Slot
from contemplate.retry import Retry, retrying
from contemplate.seeds import derive
from contemplate.types import Completion, Request, Tokens

_WORTH_A_FALLBACK = (UnreachableError, OverloadedError, TimedOutError, RejectedError)


@dataclass(frozen=True)
class Caller:
    """On whose behalf a call is made.

    Attributes:
        account: what pays for it.
        run, turn: where it belongs.
        offline: answer from the ledger or not at all.
        note: told in one line about retries and fallbacks.
    """

    account: Account
    run: str
    turn: str
    offline: bool = False
    note: Callable[[str], None] = lambda _: None


@dataclass(frozen=True)
class Reply:
    """What a call brought, and whether it was there already."""

    request: Request
    completion: Completion
    cached: bool


@dataclass
class _Flight:
    lock: anyio.Lock = field(default_factory=lambda: anyio.Lock(fast_acquire=True))
    users: int = 0


class Calls:
    """Makes calls for all the runs of one orchestrator, on one ledger and shared limits."""

    def __init__(
        self, router: Router, ledger: Ledger, *, limits: Mapping[str, Limits] | None = None, retry: Retry | None = None
    ) -> None:
        """Set up the path.

        Args:
            router: finds the backend of a model.
            ledger: where completions are kept.
            limits: by endpoint (a provider's name, "local", a host and port), "default" for the others. What is not
                given is as the backend's own `limits` say, if it has any.
            retry: how often and how long a failed call is tried again.
        """
        self.router = router
        self.ledger = ledger
        self._limits = dict(limits or {})
        self._retry = retry or Retry()
        self._limiters: dict[str, Limiter] = {}
        self._flights: dict[str, _Flight] = {}

    async def call(self, requests: Sequence[Request], caller: Caller) -> Reply:
        """Answer with the first of `requests` that can be: from the ledger if any is there, else by calling.

        Args:
            requests: the same messages to the model wanted, and then to each fallback.
            caller: who asks.

        Raises:
            ReplayError: offline, and none of them is in the ledger.
            BudgetError: the call would pass a cap.
            CallError: every model failed; the last one's error.
            InputError: a model can't be called as configured.
        """
        for request in requests:
            if (kept := await self.ledger.completion(request.key)) is not None:
                return Reply(request, kept, cached=True)
        if caller.offline:
            msg = f"turn {caller.turn} asks what the ledger has no reply to; was a card, a recipe or contemplate itself changed?"
            raise ReplayError(msg)
        for request, after in zip(requests, [*requests[1:], None], strict=True):
            try:
                return await self._first_or_only(request, caller)
            except _WORTH_A_FALLBACK as error:
                if after is None:
                    raise
                caller.note(f"{request.model}: {error}; asking {after.model}")
        msg = "a call needs a model"
        raise ValueError(msg)

    async def _first_or_only(self, request: Request, caller: Caller) -> Reply:
        """Make the call, unless another task is making the same one: then wait, and take its reply from the ledger."""
        async with self._flight(request.key) as waited:
            if waited and (kept := await self.ledger.completion(request.key)) is not None:
                return Reply(request, kept, cached=True)
            await self.router.ready(request.model)
            price = await self.router.price(request.model)
            worst = worst_case(request)
            usd = None if price is None else price.usd(worst)
            with await caller.account.reserve(worst, usd, model=request.model) as reservation:
                attempt = _Attempt(self, request, caller, reservation, worst, usd)
                completion = await attempt.until_it_succeeds(self._retry)
                paid = None if price is None else price.usd(completion.tokens)
                with anyio.CancelScope(shield=True):  # a reply that is there is paid for: it is kept, whatever happens to us
                    await self.ledger.store(attempt.id, request, completion, paid)
                reservation.settle(completion.tokens, paid)
        return Reply(request, completion, cached=False)

    @asynccontextmanager
    async def _flight(self, key: str) -> AsyncIterator[bool]:
        """Hold the only flight of `key`; gives whether another one was waited for."""
        flight = self._flights.setdefault(key, _Flight())
        flight.users += 1
        waited = flight.lock.locked()
        try:
            async with flight.lock:
                yield waited
        finally:
            flight.users -= 1
            if not flight.users:
                del self._flights[key]

    def limiter(self, backend: Backend) -> Limiter:
        """The one limiter of a backend's endpoint."""
        endpoint = backend.endpoint
        if endpoint not in self._limiters:
            usual = self._limits.get("default") or getattr(backend, "limits", None) or Limits()
            self._limiters[endpoint] = Limiter(self._limits.get(endpoint) or usual)
        return self._limiters[endpoint]


class _Attempt:
    """One attempt at a call, again and again: each is reserved, limited, and written down before it leaves."""

    def __init__(
        self, calls: Calls, request: Request, caller: Caller, reservation: Reservation, worst: Tokens, usd: float | None
    ) -> None:
        self.id = ""
        self._failed: CallError | None = None
        self._calls, self._request, self._caller = calls, request, caller
        self._reservation, self._worst, self._usd = reservation, worst, usd
        self._backend = calls.router.backend(request.model)
        self._limiter = calls.limiter(self._backend)
        self._slot: Slot  # a fresh one for each attempt, by the gate

    async def until_it_succeeds(self, policy: Retry) -> Completion:
        """Try as often as `policy` allows; what surely was not billed goes back to the budget."""
        seed = derive(self._request.seed or 0, self._request.key)
        try:
            return await retrying(self, policy, seed=seed, on_retry=self._before_retry, gate=self._next_slot)
        except CallError as error:
            if not error.may_be_billed:
                self._reservation.release(sent=True)
            raise
        finally:
            if not self.id:  # cancelled while it stood in line: nothing has left
                self._reservation.release(sent=False)

    def _next_slot(self) -> Slot:
        self._slot = self._limiter.slot(self._worst.total)
        return self._slot

    async def __call__(self) -> Completion:
        """Make one attempt: written down before it leaves, and when it failed."""
        ledger = self._calls.ledger
        if self._failed is not None:
            self._reservation.again(billed=self._failed.may_be_billed)
        self.id = uuid.uuid4().hex
        sent = {"call": self.id, "run": self._caller.run, "turn": self._caller.turn, "key": self._request.key}
        ledger.sent(Sent(**sent, tokens=self._worst, usd=self._usd))
        try:
            completion = await self._backend.complete(self._request)
        except CallError as error:
            ledger.closed(self.id, billed=error.may_be_billed)
            self._failed = error
            raise
        except InputError:
            ledger.closed(self.id, billed=False)
            raise
        self._slot.settle(completion.tokens.total)
        return completion

    async def _before_retry(self, error: CallError, wait: float) -> None:
        """An attempt failed and another follows after `wait` seconds."""
        if error.retry_after is not None:
            self._limiter.pause(wait)
        self._caller.note(f"{self._request.model}: {error}; again in {wait:.1f} s")
