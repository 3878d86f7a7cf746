"""The paid part of a call: budget, limiter, retry, provider, ledger. `contemplate.models.path` decides what goes this way."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio

from contemplate.concurrency import task_group
from contemplate.errors import CallError, InputError, InvalidValueError
from contemplate.ledger.base import Ledger, Sent
from contemplate.models.backends.base import Backend, ChoosyBackend, SamplingBackend
from contemplate.models.backends.parts import unsendable
from contemplate.models.backends.reply import worst_case
from contemplate.models.backends.routing import Router
from contemplate.models.budget import Account, Reservation
from contemplate.models.limiter import Limiter, Limits, Slot
from contemplate.models.retry import Retry, retrying
from contemplate.seeds import derive
from contemplate.types import Completion, Request, Tokens

_MOST_SAMPLES = 32
_TELLING = 200
"""Characters from which on two replies that were drawn apart are never the same."""


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


@dataclass
class _Flight:
    lock: anyio.Lock = field(default_factory=lambda: anyio.Lock(fast_acquire=True))
    users: int = 0


class CallPath:
    """The way to the providers for all the runs of one orchestrator, on one ledger and shared limits."""

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
        self._most_samples: dict[tuple[str, str], int] = {}

    async def pay(self, requests: Sequence[Request], caller: Caller) -> list[Completion]:
        """Call for as many samples as there are `requests`, which differ in `seed` and `draw` alone.

        It is one attempt (and again, as the retry policy says) with the first one's seed. What comes back is in the ledger,
        each under the key of its request, when this returns; the caller holds the flights of those keys.

        Returns:
            One completion for each of the first requests: for all of them, or fewer if fewer samples came.

        Raises:
            UnsupportedError: the model lacks what is asked for; where that is known already, nothing was sent.
            CallError, BudgetError, InputError: as for `contemplate.models.path.Calls.call`.
        """
        request = requests[0]
        await self.router.ready(request.model)
        backend = self.router.backend(request.model)
        self._check(backend, request, len(requests))
        price = await self.router.price(request.model)
        worst = worst_case(request, len(requests))
        usd = None if price is None else price.usd(worst)
        with await caller.account.reserve(worst, usd, model=request.model) as reservation:
            attempt = _Attempt(self, requests, caller, reservation, worst, usd)
            came = await attempt.until_it_succeeds(self._retry)
            tokens = _together(came)
            paid = None if price is None else price.usd(tokens)
            with anyio.CancelScope(shield=True):  # a reply that is there is paid for: it is kept, whatever happens to us
                came = came if len(came) == 1 else _told_apart(came, request)
                await self._keep(attempt.id, requests, came, tokens, paid)
            reservation.settle(tokens, paid)
        if self.ledger.shared:
            pairs = zip(requests, came, strict=False)
            return [await self.ledger.completion(request.key) or own for request, own in pairs]
        return came

    @staticmethod
    def _check(backend: Backend, request: Request, samples: int) -> None:
        """Refuse what the model is known to lack, before anything is reserved. A plain request needs nothing of the kind."""
        if samples == 1 and request.reply_schema is None and request.logprobs is None and not request.has_parts:
            return
        if isinstance(backend, ChoosyBackend):
            missing = backend.refuses(request, samples)
        else:  # it may have been written when a message was always a text
            missing = unsendable(request, request.model, sends=())
        if missing is not None:
            raise missing

    async def _keep(
        self, call: str, requests: Sequence[Request], came: Sequence[Completion], tokens: Tokens, usd: float | None
    ) -> None:
        """Store what came of one call, which took `tokens` and cost `usd`.

        Of several samples, each is stored under its own key first, and closes no call. A key keeps its first completion, so
        that the one that then closes the call may bear the tokens of them all.
        """
        if tokens is came[0].tokens:
            await self.ledger.store(call, requests[0], came[0], usd)
            return
        async with task_group() as tasks:
            for request, completion in zip(requests, came, strict=False):
                tasks.start_soon(self.ledger.store, "", request, completion, None)
        await self.ledger.store(call, requests[0], came[0].model_copy(update={"tokens": tokens}), usd)

    def flies(self, key: str) -> bool:
        """Whether a call of that key is in flight."""
        return key in self._flights and self._flights[key].lock.locked()

    @asynccontextmanager
    async def flight(self, key: str) -> AsyncIterator[bool]:
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

    def most_samples(self, model: str) -> int:
        """How many samples one request for `model` may ask for."""
        backend = self.router.backend(model)
        if not isinstance(backend, SamplingBackend):
            return 1
        return self._most_samples.get((backend.endpoint, model), _MOST_SAMPLES)

    def gave_samples(self, model: str, most: int) -> None:
        """Remember that `model` gives no more than `most` samples a request."""
        self._most_samples[self.router.backend(model).endpoint, model] = max(min(most, self.most_samples(model)), 1)

    def limiter(self, backend: Backend) -> Limiter:
        """The one limiter of a backend's endpoint."""
        endpoint = backend.endpoint
        if endpoint not in self._limiters:
            usual = self._limits.get("default") or getattr(backend, "limits", None) or Limits()
            self._limiters[endpoint] = Limiter(self._limits.get(endpoint) or usual)
        return self._limiters[endpoint]


def _together(came: Sequence[Completion]) -> Tokens:
    if len(came) == 1:
        return came[0].tokens
    return Tokens(
        prompt=sum(one.tokens.prompt for one in came),
        completion=sum(one.tokens.completion for one in came),
        estimated=any(one.tokens.estimated for one in came),
    )


def _told_apart(came: list[Completion], request: Request) -> list[Completion]:
    """The first alone, if a server that starts each sample from the same seed has said the same several times.

    Counted as several, one sample would look like a unanimous panel.
    """
    again = request.sampling.temperature != 0 and len(came[0].text) >= _TELLING and len({one.text for one in came}) == 1
    return came[:1] if again else came


class _Attempt:
    """One attempt at a call, again and again: each is reserved, limited, and written down before it leaves."""

    def __init__(
        self,
        path: CallPath,
        requests: Sequence[Request],
        caller: Caller,
        reservation: Reservation,
        worst: Tokens,
        usd: float | None,
    ) -> None:
        self.id = ""
        self._failed: CallError | None = None
        self._path, self._request, self._samples, self._caller = path, requests[0], len(requests), caller
        self._reservation, self._worst, self._usd = reservation, worst, usd
        self._backend = path.router.backend(self._request.model)
        self._limiter = path.limiter(self._backend)
        self._slot: Slot  # a fresh one for each attempt, by the gate

    async def until_it_succeeds(self, policy: Retry) -> list[Completion]:
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

    async def __call__(self) -> list[Completion]:
        """Make one attempt: written down before it leaves, and when it failed."""
        ledger = self._path.ledger
        if self._failed is not None:
            self._reservation.again(billed=self._failed.may_be_billed)
        self.id = uuid.uuid4().hex
        sent = {"call": self.id, "run": self._caller.run, "turn": self._caller.turn, "key": self._request.key}
        ledger.sent(Sent(**sent, tokens=self._worst, usd=self._usd))
        try:
            came = await self._exchange()
        except CallError as error:
            ledger.closed(self.id, billed=error.may_be_billed)
            self._failed = error
            raise
        except InvalidValueError:  # a backend's own mistake, perhaps after a reply came: it may be billed
            raise
        except InputError:
            ledger.closed(self.id, billed=False)
            raise
        self._slot.settle(_together(came).total)
        return came

    async def _exchange(self) -> list[Completion]:
        backend = self._backend
        if self._samples > 1 and isinstance(backend, SamplingBackend):
            return (await backend.complete_many(self._request, self._samples))[: self._samples]
        return [await backend.complete(self._request)]

    async def _before_retry(self, error: CallError, wait: float) -> None:
        """An attempt failed and another follows after `wait` seconds."""
        if error.retry_after is not None:
            self._limiter.pause(wait)
        self._caller.note(f"{self._request.model}: {error}; again in {wait:.1f} s")
