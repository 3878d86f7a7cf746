"""The path of a call: its stages in their order, what is told on the way, and asks made together."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contemplate.errors import CallError, ContemplateError, OverloadedError, RejectedError, TimedOutError
from contemplate.ledger import SQLiteLedger
from contemplate.models.backends.routing import Router
from contemplate.models.backends.scripted import ScriptedBackend
from contemplate.models.budget import Account, Budget
from contemplate.models.call import Answered, Asked, Caller, Handler, Reply, chained
from contemplate.models.notices import AttemptEnded, AttemptStarted, FellBack, Notice, Retried
from contemplate.models.path import Calls
from contemplate.models.retry import Retry
from contemplate.types import Completion, Message, Price, Request, Sampling, Tokens

ONCE = Retry(attempts=1)
TOKENS = Tokens(prompt=3, completion=2)
PRICES = {"m": Price(prompt=1, completion=2)}


def a_request(draw: int = 0, model: str = "m") -> Request:
    """One of several samples of a question to a model."""
    return Request(model=model, messages=(Message(role="user", content="?"),), sampling=Sampling(max_tokens=20), draw=draw)


@asynccontextmanager
async def calls_to(backend: ScriptedBackend, retry: Retry = ONCE) -> AsyncIterator[Calls]:
    """A path to `backend`, on a ledger in memory."""
    ledger = SQLiteLedger(":memory:")
    try:
        yield Calls(Router(backend=backend, prices=PRICES), ledger, retry=retry)
    finally:
        await ledger.aclose()


def a_caller(told: list[Notice] | None = None) -> Caller:
    """One who can pay, and keeps what it is told."""
    return Caller(Account(Budget()), "run", "turn", tell=[].append if told is None else told.append)


async def test_stages_are_passed_in_their_order_and_back() -> None:
    """The first of the list is the first on the way out, and the last on the way back."""
    passed: list[str] = []

    def stage(name: str) -> object:
        async def through(asked: Asked, then: Handler) -> Answered:
            passed.append(f"{name} out")
            answered = await then(asked)
            passed.append(f"{name} back")
            return answered

        return through

    async def last(asked: Asked) -> Answered:
        passed.append("sent")
        return Answered((Reply(asked.request, Completion(text=""), cached=False),))

    await chained([stage("a"), stage("b")], last)(Asked((a_request(),), a_caller()))  # type: ignore[list-item]
    assert ["a out", "b out", "sent", "b back", "a back"] == passed


# --- notices ----------------------------------------------------------------------------------------------------------


async def test_each_attempt_is_told_of() -> None:
    """A retry and a fallback: every attempt has its number, how it ended, and what it took."""
    busy, refused = OverloadedError("busy"), RejectedError("unknown model")
    backend, told = ScriptedBackend([busy, refused, Completion(text="yes", tokens=TOKENS)]), []
    async with calls_to(backend, Retry(attempts=2, first_wait=0)) as calls:
        await calls.call([a_request(model="x"), a_request()], a_caller(told))

    ended = [notice for notice in told if isinstance(notice, AttemptEnded)]
    assert [AttemptStarted("x", "scripted", 1), AttemptStarted("x", "scripted", 2), AttemptStarted("m", "scripted", 1)] == [
        notice for notice in told if isinstance(notice, AttemptStarted)
    ]
    assert [("failed", busy, None), ("failed", refused, None), ("answered", None, TOKENS)] == [
        (one.status, one.error, one.tokens) for one in ended
    ]
    assert [None, None, PRICES["m"].usd(TOKENS)] == [one.usd for one in ended]
    others = [notice for notice in told if not isinstance(notice, AttemptStarted | AttemptEnded)]
    assert [Retried("x", busy, 0.0), FellBack("x", refused, "m")] == others
    said = ["x: busy; again in 0.0 s", "x: unknown model (attempt 2 of 2); asking m"]
    assert said == [str(notice) for notice in others]


async def test_an_attempt_that_is_cut_off_is_told_of() -> None:
    """By the deadline of all attempts: it was cancelled, and lasted until then."""
    backend, told = ScriptedBackend(["late"], delay=5), []
    async with calls_to(backend, Retry(attempts=1, deadline=0.05)) as calls:
        with pytest.raises(TimedOutError):
            await calls.call([a_request()], a_caller(told))
    ended = told[-1]
    assert isinstance(ended, AttemptEnded)
    assert ("cancelled", None, None) == (ended.status, ended.tokens, ended.error)
    assert 0.04 <= ended.seconds < 5


async def test_who_cannot_take_a_notice_gets_the_reply_all_the_same() -> None:
    """An exception of the one who is told costs nothing."""

    def broken(_: Notice) -> None:
        raise LookupError

    async with calls_to(ScriptedBackend(["yes"])) as calls:
        reply = await calls.call([a_request()], Caller(Account(Budget()), "run", "turn", tell=broken))
    assert "yes" == reply.completion.text


async def test_what_is_kept_is_not_told_of() -> None:
    """A reply from the ledger takes no attempt."""
    told: list[Notice] = []
    async with calls_to(ScriptedBackend(["yes"])) as calls:
        await calls.call([a_request()], a_caller())
        await calls.call([a_request()], a_caller(told))
    assert [] == told


# --- asks made together ------------------------------------------------------------------------------------------------


class Sampler(ScriptedBackend):
    """Draws several samples a request, up to `most`; the models in `down` refuse everything."""

    def __init__(self, most: int, down: Sequence[str] = ()) -> None:
        """Take what it can do."""
        super().__init__(self._drawn_for)
        self.most, self.down, self.drawn = most, down, 0

    def _drawn_for(self, request: Request) -> str | CallError:
        if request.model in self.down:
            return RejectedError(f"{request.model} is down")
        self.drawn += 1
        return f"{request.model}: {self.drawn}"

    async def complete_many(self, request: Request, n: int) -> list[Completion]:
        """Draw as many as it can."""
        await anyio.lowlevel.checkpoint()
        return [await self.complete(request) for _ in range(min(n, self.most))]


def spare(model: str) -> str:
    """The fallback of a model."""
    return f"{model}-spare"


asks = st.lists(st.tuples(st.sampled_from("mno"), st.integers(0, 5)), max_size=12)


@settings(max_examples=40, deadline=None)
@given(asks, asks, st.integers(1, 4), st.sets(st.sampled_from("mno")), st.booleans())
def test_asks_made_together_get_what_each_would_get_alone(
    before: list[tuple[str, int]], wanted: list[tuple[str, int]], most: int, down: set[str], batches: bool
) -> None:
    """Each is answered once, from its first model that answers; the same key has the same reply, and is paid for once."""
    backend, got, told = Sampler(most, sorted(down)), {}, []

    def lists(asked: Sequence[tuple[str, int]]) -> list[tuple[list[Request], Caller]]:
        return [([a_request(draw, model), a_request(draw, spare(model))], caller) for model, draw in asked]

    def deliver(place: int, came: Reply | ContemplateError) -> None:
        assert place not in got
        got[place] = came

    async def ask() -> None:
        async with calls_to(backend) as calls, anyio.create_task_group() as tasks:
            if batches:
                tasks.start_soon(calls.call_many, lists(before), lambda *_: None)
            else:
                await calls.call_many(lists(before), lambda *_: None)
            await calls.call_many(lists(wanted), deliver)

    caller = a_caller(told)
    anyio.run(ask)

    replies = [got[place] for place in range(len(wanted))]
    assert all(isinstance(reply, Reply) for reply in replies)
    keys = {}
    for (model, draw), reply in zip(wanted, replies, strict=True):
        assert isinstance(reply, Reply)
        assert (spare(model) if model in down else model, draw) == (reply.request.model, reply.request.draw)
        assert keys.setdefault(reply.request.key, reply.completion.text) == reply.completion.text
    assert len(set(keys.values())) == len(keys)
    sent = Counter((spare(model) if model in down else model, draw) for model, draw in {*before, *wanted})
    assert len(sent) == backend.drawn
    started = [notice for notice in told if isinstance(notice, AttemptStarted)]
    assert caller.account.usage.calls == len(started)
    assert sum(notice.model not in down for notice in started) <= len(sent)


async def test_keys_of_a_shared_request_are_in_flight_until_it_is_stored() -> None:
    """Cancelled while its samples are being stored, it is waited for by who asks for one of them meanwhile."""
    backend, storing, later, caller = Sampler(2), anyio.Event(), [], a_caller()
    async with calls_to(backend) as calls, anyio.create_task_group() as tasks:
        store = calls.ledger.store

        async def slow_store(call: str, request: Request, completion: Completion, usd: float | None) -> None:
            scope.cancel()
            storing.set()
            await anyio.sleep(0.05)
            await store(call, request, completion, usd)

        async def ask_later() -> None:
            await storing.wait()
            later.append(await calls.call([a_request(1)], a_caller()))

        calls.ledger.store = slow_store  # type: ignore[method-assign]
        tasks.start_soon(ask_later)
        with anyio.CancelScope() as scope:
            await calls.call_many([([a_request(draw)], caller) for draw in range(2)], lambda *_: None)
    assert (True, 2) == (later[0].cached, backend.drawn)
