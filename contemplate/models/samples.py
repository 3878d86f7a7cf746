"""Several samples of one question in one request, where the endpoint takes `n`; singly where it does not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from anyio.abc import TaskGroup

from contemplate.concurrency import task_group
from contemplate.errors import (
    BudgetError,
    ContemplateError,
    InputError,
    OverloadedError,
    RejectedError,
    TimedOutError,
    UnreachableError,
    UnsupportedError,
    boundary,
)
from contemplate.models.attempt import Caller, CallPath
from contemplate.types import Completion, Request

T = TypeVar("T")

WORTH_A_FALLBACK = (UnreachableError, OverloadedError, TimedOutError, RejectedError)


@dataclass(frozen=True)
class Reply:
    """What a call brought, and whether it was there already."""

    request: Request
    completion: Completion
    cached: bool


Deliver = Callable[[int, Reply | ContemplateError], None]
"""Takes what came of an ask, by its place, as soon as it is there."""

Single = Callable[[Sequence[Request], Caller], Awaitable[Reply]]
"""Makes one call, as `Calls.call` does."""


@dataclass(frozen=True)
class _Ask:
    place: int
    requests: Sequence[Request]
    caller: Caller


class JointRequests:
    """Asks once for what several turns ask alike, in as few requests as the endpoint lets it."""

    def __init__(
        self, path: CallPath, single: Single, kept: Callable[[Sequence[Request], Caller], Awaitable[Reply | None]]
    ) -> None:
        """Take the way to the providers.

        Args:
            path: where joint requests go.
            single: makes one call.
            kept: answers from the ledger; raises ReplayError if it must and can't.
        """
        self._path, self._single, self._kept = path, single, kept
        self._tasks: TaskGroup
        self._deliver: Deliver

    async def ask(self, asks: Sequence[tuple[Sequence[Request], Caller]], deliver: Deliver) -> None:
        """Answer them all; see `contemplate.models.path.Calls.call_many`."""
        self._deliver = deliver
        missing: dict[int, _Ask] = {}
        async with task_group() as tasks:
            for place, (requests, caller) in enumerate(asks):
                tasks.start_soon(self._look_up, _Ask(place, requests, caller), missing)
        async with task_group() as self._tasks:
            for group in _groups([missing[place] for place in sorted(missing)]):
                self._draw(group, 0)

    async def _look_up(self, ask: _Ask, missing: dict[int, _Ask]) -> None:
        found = await _caught(partial(self._kept, ask.requests, ask.caller))
        if found is None:
            missing[ask.place] = ask
        else:
            self._deliver(ask.place, found)

    def _draw(self, asks: list[_Ask], which: int) -> None:
        """Begin to draw a sample for each of `asks`, of request `which` of its list."""
        most = 1
        with suppress(InputError):  # the single call says what is wrong
            most = self._path.most_samples(asks[0].requests[which].model)
        if most == 1 or len(asks) == 1:
            self._draw_singly(asks, which)
            return
        for begin in range(0, len(asks), most):
            self._tasks.start_soon(self._draw_together, asks[begin : begin + most], which)

    def _draw_singly(self, asks: Sequence[_Ask], which: int) -> None:
        for ask in asks:
            self._tasks.start_soon(self._draw_one, ask, which)

    async def _draw_one(self, ask: _Ask, which: int) -> None:
        self._deliver(ask.place, await _caught(partial(self._single, ask.requests[which:], ask.caller)))

    async def _draw_together(self, asks: list[_Ask], which: int) -> None:
        async with AsyncExitStack() as flights:
            wanted: dict[int, _Ask] = {}
            async with task_group() as tasks:
                for ask in await self._taken_off(asks, which, flights):
                    # Once more: what was in flight when we first looked has landed since.
                    tasks.start_soon(self._look_up, _Ask(ask.place, ask.requests[which : which + 1], ask.caller), wanted)
            asks = [ask for ask in asks if ask.place in wanted]
            if not asks:
                return
            came = await _caught(partial(self._path.pay, [ask.requests[which] for ask in asks], asks[0].caller))
        if isinstance(came, ContemplateError):
            self._failed(asks, which, came)
            return
        for ask, completion in zip(asks, came, strict=False):
            self._deliver(ask.place, Reply(ask.requests[which], completion, cached=False))
        if rest := asks[len(came) :]:
            self._path.gave_samples(rest[0].requests[which].model, len(came))
            self._draw(rest, which)

    async def _taken_off(self, asks: Sequence[_Ask], which: int, flights: AsyncExitStack) -> list[_Ask]:
        """Those whose flights are free, and ours now. The others wait for theirs one by one, holding up nobody."""
        taken: list[_Ask] = []
        for ask in asks:
            key = ask.requests[which].key
            if self._path.flies(key):
                self._draw_singly([ask], which)
            else:
                await flights.enter_async_context(self._path.flight(key))
                taken.append(ask)
        return taken

    def _failed(self, asks: list[_Ask], which: int, error: ContemplateError) -> None:
        """A joint request failed: singly if it was too large or is not understood, else on to the next request, or it is over."""
        requests = asks[0].requests
        no_samples = isinstance(error, UnsupportedError) and error.what == "n"
        if no_samples:
            self._path.gave_samples(requests[which].model, 1)
        if no_samples or (isinstance(error, BudgetError) and len(asks) > 1):
            self._draw_singly(asks, which)
            return
        after = next_after(requests, which, error)
        if after is None:
            for ask in asks:
                self._deliver(ask.place, error)
            return
        for ask in asks:
            note_fallback(ask.caller, requests[which], requests[after], error)
        self._draw(asks, after)


def next_after(requests: Sequence[Request], which: int, error: ContemplateError) -> int | None:
    """The request that is worth trying after request `which` failed with `error`, or None.

    A model that lacks something may do in another form. One that failed otherwise would fail in each.
    """
    if not isinstance(error, WORTH_A_FALLBACK):
        return None
    others = isinstance(error, UnsupportedError)
    return next((i for i in range(which + 1, len(requests)) if others or requests[i].model != requests[which].model), None)


def note_fallback(caller: Caller, failed: Request, after: Request, error: ContemplateError) -> None:
    """Tell that another model is asked; the same one in another form is nothing to tell."""
    if after.model != failed.model:
        caller.note(f"{failed.model}: {error}; asking {after.model}")


def _groups(asks: Sequence[_Ask]) -> list[list[_Ask]]:
    """The asks that one request can serve, together; in their order."""
    groups: list[list[_Ask]] = []
    for ask in asks:
        group = next((group for group in groups if _share(group[0], ask)), None)
        if group is None:
            groups.append([ask])
        else:
            group.append(ask)
    return groups


def _share(one: _Ask, other: _Ask) -> bool:
    return (
        one.caller.account is other.caller.account
        and one.caller.run == other.caller.run
        and len(one.requests) == len(other.requests)
        and all(_alike(*pair) for pair in zip(one.requests, other.requests, strict=True))
    )


def _alike(one: Request, other: Request) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in Request.model_fields if name not in {"seed", "draw"})


async def _caught(work: Callable[[], Awaitable[T]]) -> T | ContemplateError:
    """What `work` brings, or the error that it ends in; a mistake of the caller's goes through, and ends it all."""
    with boundary("calling") as caught:
        came = await work()
    return came if caught.error is None else caught.error
