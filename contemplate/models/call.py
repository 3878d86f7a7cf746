"""A call, as it passes from stage to stage: who asks for what, and what came back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from contemplate import log
from contemplate.errors.boundary import boundary
from contemplate.models.batch import Member
from contemplate.models.budget import Account, Reservation
from contemplate.models.notices import Notice
from contemplate.types import Completion, Price, Privacy, Request, Tokens, strictest

_NONE = Tokens()


@dataclass(frozen=True)
class Caller:
    """On whose behalf a call is made.

    Attributes:
        account: what pays for it.
        run, turn: where it belongs.
        offline: answer from the ledger or not at all.
        tell: told what happens on the way. What it raises is logged, and changes nothing.
        watches: it wants to be told of each attempt, and not only of what goes wrong.
        on_text: told the pieces of a reply as it is written, where its server gives these; None: the reply comes at once.
        privacy: the label of what is asked.
        views: the labels of requests that hold less than the run does, by key; set by the path of calls alone.
    """

    account: Account
    run: str
    turn: str
    offline: bool = False
    tell: Callable[[Notice], None] = lambda _: None
    on_text: Callable[[str], None] | None = None
    privacy: Privacy = "any"
    watches: bool = True
    views: Mapping[str, Privacy] = field(default_factory=dict, hash=False)

    def label_of(self, request: Request) -> Privacy:
        """The label of what is in a request."""
        return self.views.get(request.key, self.privacy) if self.views else self.privacy

    def within(self, privacy: Privacy) -> Caller:
        """The same, with a label at least as strict."""
        label = strictest(self.privacy, privacy)
        return self if label == self.privacy else replace(self, privacy=label)

    def told(self, notice: Notice) -> None:
        """Tell it; a reply that is paid for is not lost because somebody could not take a notice."""
        with boundary("telling of a call") as caught:
            self.tell(notice)
        if caught.error is not None:
            log.warning("notice not taken", run=self.run, turn=self.turn, why=str(caught.error))


@dataclass(frozen=True)
class Reply:
    """The completion of a call, and whether it was there already."""

    request: Request
    completion: Completion
    cached: bool


@dataclass(frozen=True)
class Asked:
    """The requests of one ask, as one stage hands them to the next.

    Attributes:
        requests: at least one. Several are samples of one question: they differ in `seed` and `draw` alone.
        caller: who asks.
        instead: what may be asked for if this fails: another form of the request, then each fallback.
        late: something else was tried before it, so that the ledger may know more than when it was looked into.
        member: its part in the batch that it is asked for with; None if it is asked for by itself.
        reservation: what the budget has set aside for it, once that is done.
        price: of the model's tokens, where known; looked up with the reservation.
    """

    requests: tuple[Request, ...]
    caller: Caller
    instead: tuple[Request, ...] = ()
    late: bool = False
    member: Member | None = None
    reservation: Reservation | None = None
    price: Price | None = None

    @property
    def request(self) -> Request:
        """The first request: the one that is sent."""
        return self.requests[0]

    def with_reservation(self, reservation: Reservation, price: Price | None) -> Asked:
        """The same, once the budget has set aside what it may take."""
        return Asked(self.requests, self.caller, self.instead, self.late, self.member, reservation, price)

    @property
    def reserved(self) -> Reservation:
        """The reservation of a call that has passed the budget."""
        assert self.reservation is not None  # noqa: S101 - the stages that ask for it come after the budget's
        return self.reservation


@dataclass(frozen=True)
class Answered:
    """The completions that came back for an ask.

    Attributes:
        replies: to the first so many of the requests, at least to one; fewer where fewer samples came.
        call: the id of the attempt that brought them; empty where none was made.
        tokens: what that attempt took.
        usd: its price in US dollars; None where that is not known.
        lost: how many more samples there were that broke off.
    """

    replies: tuple[Reply, ...]
    call: str = ""
    tokens: Tokens = _NONE
    usd: float | None = None
    lost: int = 0


Handler = Callable[[Asked], Awaitable[Answered]]
"""Brings the replies to what is asked for, or raises an error of `contemplate.errors`."""


class Screen(Protocol):
    """Sees all that a run asks before the ledger is looked into, and all that comes back before it is used; may change both."""

    async def outgoing(self, requests: Sequence[Request], caller: Caller) -> tuple[Sequence[Request], Caller]:
        """The requests that are made instead, at least one, and on whose behalf."""
        ...

    async def incoming(self, reply: Reply, caller: Caller) -> Reply:
        """The reply that is used instead; a replay is shown it as well."""
        ...


class Middleware(Protocol):
    """One stage of the path: does its part, and hands on to `then`, which is the rest of the path."""

    def __call__(self, asked: Asked, then: Handler) -> Awaitable[Answered]:
        """Bring the replies to what is asked for."""
        ...


def chained(stages: Iterable[Middleware], last: Handler) -> Handler:
    """The handler that takes a call through `stages`, from the first to `last`, and back."""
    handler = last
    for stage in reversed(list(stages)):
        handler = partial(stage, then=handler)
    return handler
