"""Samples asked for alike, schemas and log-probabilities, over real connections: who is asked how often, and what it costs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import pytest

from contemplate.errors import (
    BudgetError,
    ContemplateError,
    InputError,
    OverloadedError,
    RejectedError,
    ReplayError,
    UnsupportedError,
)
from contemplate.ledger import SQLiteLedger
from contemplate.models.backends.routing import Router
from contemplate.models.backends.scripted import ScriptedBackend
from contemplate.models.budget import Account, Budget
from contemplate.models.path import Caller, Calls, Reply
from contemplate.models.retry import Retry
from contemplate.types import Completion, Message, Price, Request, Sampling, Tokens, Usage
from loopback import Loopback, Seen
from loopback import Reply as Served

SCHEMA = {"type": "object", "properties": {"verdict": {"type": "string", "enum": ["sound", "flawed"]}}}
QUICK = Retry(attempts=3, first_wait=0.01, deadline=5)


def a_request(draw: int = 0, model: str = "m", **more: object) -> Request:
    """One of several samples of the same question."""
    sampling = Sampling(max_tokens=20, temperature=0.7)
    given = {"messages": (Message(role="user", content="What is 6 * 7?"),), "sampling": sampling, "seed": 100 + draw, **more}
    return Request(model=model, draw=draw, **given)  # type: ignore[arg-type]  # validated


@dataclass
class House:
    """A way to the server with its ledger, and what was delivered."""

    calls: Calls
    account: Account
    got: dict[int, Reply | ContemplateError] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def caller(self, number: int = 0, *, offline: bool = False) -> Caller:
        """The turn of that number."""
        return Caller(self.account, "run", f"turn-{number}", offline=offline, note=self.notes.append)

    async def alike(
        self, count: int = 5, *, offline: bool = False, lists: Callable[[int], Sequence[Request]] | None = None
    ) -> None:
        """Ask for so many samples."""
        lists = lists or (lambda draw: [a_request(draw)])
        asks = [(lists(draw), self.caller(draw, offline=offline)) for draw in range(count)]
        await self.calls.call_many(asks, self.deliver)

    def deliver(self, place: int, came: Reply | ContemplateError) -> None:
        """Take what came; each comes once."""
        assert place not in self.got
        self.got[place] = came

    @property
    def texts(self) -> list[str]:
        """What was replied, in the order of the asks."""
        return [reply.completion.text for reply in self.replies]

    @property
    def replies(self) -> list[Reply]:
        """The replies in the order of the asks."""
        return [reply for _, reply in sorted(self.got.items()) if isinstance(reply, Reply)]

    @property
    def errors(self) -> list[ContemplateError]:
        """The errors in the order of the asks."""
        return [error for _, error in sorted(self.got.items()) if isinstance(error, ContemplateError)]


@asynccontextmanager
async def house(
    server: Loopback | None, budget: Budget | None = None, ledger: Path | str = ":memory:", backend: ScriptedBackend | None = None
) -> AsyncIterator[House]:
    """A house whose calls go to `server`."""
    router = Router(server.url if server else None, backend, prices={"m": Price(prompt=1, completion=10)})
    calls = Calls(router, SQLiteLedger(ledger), retry=QUICK)
    try:
        yield House(calls, Account(budget or Budget()))
    finally:
        await router.aclose()
        await calls.ledger.aclose()


def numbered(seen: Seen) -> str:
    """A text of its own for each sample."""
    return f"{'word ' * seen.sample}Answer: {seen.place}.{seen.sample}"


@pytest.fixture
def server(loopback: Loopback) -> Loopback:
    """A server that takes `n`, and says something else in each sample."""
    loopback.modes["n"] = "takes"
    loopback.script = numbered
    return loopback


def ns(server: Loopback) -> list[int]:
    """How many samples each request asked for."""
    return [seen.body.get("n", 1) for seen in server.seen]


async def test_five_samples_are_one_request(server: Loopback) -> None:
    """One request, one call; each sample under its own key; tokens and price are those of the request, and on record."""
    async with house(server) as here:
        await here.alike()
        used, spent = here.account.usage, await here.calls.ledger.spent("run")
        kept = [await here.calls.ledger.completion(a_request(draw).key) for draw in range(5)]

    assert [5] == ns(server)
    assert [f"{'word ' * sample}Answer: 0.{sample}" for sample in range(5)] == here.texts
    assert 100 == server.seen[0].body["seed"]
    prompt, completion = 10, sum(range(2, 7))
    usd = (prompt + 10 * completion) / 1e6
    assert Usage(calls=1, prompt_tokens=prompt, completion_tokens=completion, usd=usd) == used == spent
    tokens = [reply.completion.tokens for reply in here.replies]
    assert (prompt, completion) == (sum(part.prompt for part in tokens), sum(part.completion for part in tokens))
    assert [prompt, 0, 0, 0, 0] == [part.prompt for part in tokens]
    assert [reply.completion for reply in here.replies] == kept


async def test_an_endpoint_that_ignores_n_is_noticed_once(server: Loopback) -> None:
    """The first request brings one sample; the rest is asked for singly, and nobody asks for several again."""
    server.modes["n"] = "ignores"
    async with house(server) as here:
        await here.alike()
        assert [5, 1, 1, 1, 1] == ns(server)
        assert 5 == len(set(here.texts))
        here.got.clear()
        await here.alike(lists=lambda draw: [a_request(10 + draw)])
        assert [5, 1, 1, 1, 1] + [1] * 5 == ns(server)
        assert 10 == here.account.usage.calls


async def test_an_endpoint_that_refuses_n_is_noticed_once(server: Loopback) -> None:
    """A refusal costs a call and no tokens, and all are asked for singly, then and later."""
    server.modes["n"] = "refuses"
    async with house(server) as here:
        for first in (0, 10):
            await here.alike(3, lists=lambda draw, first=first: [a_request(first + draw)])  # type: ignore[misc]
            here.got.clear()
        used, spent = here.account.usage, await here.calls.ledger.spent("run")

    assert [3] + [1] * 6 == ns(server)
    assert (7, 60) == (used.calls, used.prompt_tokens)
    assert used == spent
    assert [] == here.notes


async def test_an_endpoint_that_gives_fewer(server: Loopback) -> None:
    """What is missing is asked for in requests of as many as it gives."""
    server.most_samples = 3
    async with house(server) as here:
        await here.alike(8)
        assert [8, 3, 2] == ns(server)
        assert 8 == len(set(here.texts))


async def test_no_more_than_32_in_one_request(server: Loopback) -> None:
    """Larger batches are several requests."""
    async with house(server) as here:
        await here.alike(40)
    assert [8, 32] == sorted(ns(server))
    assert 40 == len(here.replies)


async def test_a_budget_too_small_for_all_together(server: Loopback) -> None:
    """Where the joint reservation has no room, as many as fit are asked for singly, and the others are told why."""
    server.delay = 0.02
    async with house(server, Budget(tokens=200)) as here:
        await here.alike(12)
        used = here.account.usage

    assert {1} == set(ns(server))
    assert 0 < len(here.replies) < 12
    assert {BudgetError} == {type(error) for error in here.errors}
    assert 12 == len(here.got)
    assert used.prompt_tokens + used.completion_tokens <= 200


async def test_one_call_is_enough_for_all_together(server: Loopback) -> None:
    """A cap on calls counts requests."""
    async with house(server, Budget(calls=1)) as here:
        await here.alike()
    assert 5 == len(here.replies)


async def test_what_the_ledger_has_is_not_asked_for(server: Loopback) -> None:
    """A batch asks for those of its samples that are not there, and a replay for none."""
    async with house(server) as here:
        await here.calls.call([a_request(1)], here.caller())
        await here.calls.call([a_request(3)], here.caller())
        await here.alike()
        assert [1, 1, 3] == ns(server)
        assert [False, True, False, True, False] == [reply.cached for reply in here.replies]
        first, here.got = here.texts, {}
        await here.alike(6, offline=True)
        assert first == here.texts
        assert [ReplayError] == [type(error) for error in here.errors]
    assert 3 == len(server.seen)


async def test_two_runs_that_ask_the_same_at_once(server: Loopback) -> None:
    """Each sample is asked for once; who comes second waits for it."""
    server.delay = 0.1
    async with house(server) as here:
        other = House(here.calls, Account(Budget()))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(here.alike, 4)
            tasks.start_soon(other.alike, 6)
    assert [2, 4] == sorted(ns(server))
    assert here.texts == other.texts[:4]
    assert [True] * 4 + [False] * 2 == [reply.cached for reply in other.replies]


async def test_the_same_ask_twice_in_one_batch(server: Loopback) -> None:
    """Two asks of one key share its sample."""
    async with house(server) as here:
        await here.alike(4, lists=lambda place: [a_request(place // 2)])
    assert [2] == ns(server)
    assert 2 == len(set(here.texts))


async def test_cancelled_in_flight(server: Loopback, tmp_path: Path) -> None:
    """Cancelled while it waits, a joint request stays charged with its worst case, here and in the ledger."""
    server.script = server.reply(hang=True)
    async with house(server, ledger=tmp_path / "l.db") as here:
        with anyio.move_on_after(0.3):
            await here.alike()
        used, spent = here.account.usage, await here.calls.ledger.spent("run")
    assert {} == here.got
    assert used == spent
    assert (1, 100) == (used.calls, used.completion_tokens)


async def test_cancelled_when_it_was_paid(server: Loopback, tmp_path: Path) -> None:
    """Cancelled at the moment when the first sample is stored, all samples of the request are in the ledger."""
    async with house(server, ledger=tmp_path / "l.db") as here:
        with anyio.CancelScope() as scope:
            store = here.calls.ledger.store

            async def cancelled_store(call: str, request: Request, completion: Completion, usd: float | None) -> None:
                scope.cancel()
                await store(call, request, completion, usd)

            here.calls.ledger.store = cancelled_store  # type: ignore[method-assign]
            await here.alike()
        spent, used = await here.calls.ledger.spent("run"), here.account.usage
    async with house(server, ledger=tmp_path / "l.db") as again:
        await again.alike(offline=True)
    assert used == spent
    assert (1, 1, 5) == (used.calls, len(server.seen), len(again.replies))


@pytest.mark.parametrize("kind", ["status", "drop"])
async def test_a_joint_request_is_tried_again(server: Loopback, kind: str) -> None:
    """A busy or broken server costs a call, and no sample; what may have been billed is charged."""
    failing = [server.reply(status=503) if kind == "status" else server.reply(drop=True)]

    def script(seen: Seen) -> Served | str:
        return failing.pop() if failing and seen.sample == 0 else numbered(seen)

    server.script = script
    async with house(server) as here:
        await here.alike()
        used, spent = here.account.usage, await here.calls.ledger.spent("run")
    assert [5, 5] == ns(server)
    assert 5 == len(here.replies)
    assert used == spent
    assert (2, 1) == (used.calls, len(here.notes))
    assert (used.completion_tokens > 100) == (kind == "drop")


async def test_a_refusal_that_is_not_about_n(server: Loopback) -> None:
    """Each gets the same error, after one request."""
    server.script = server.reply(status=400, body=b'{"error": {"message": "the prompt is too long"}}')
    async with house(server) as here:
        await here.alike()
    assert [5] == ns(server)
    assert [RejectedError] * 5 == [type(error) for error in here.errors]


async def test_fallbacks_are_asked_together_too(server: Loopback) -> None:
    """When a model fails for good, the next one gets one request for all."""
    server.script = lambda seen: server.reply(status=404) if seen.body["model"] == "m" else numbered(seen)
    async with house(server) as here:
        await here.alike(lists=lambda draw: [a_request(draw), a_request(draw, "n")])
    assert [5, 5] == ns(server)
    assert {"n"} == {reply.request.model for reply in here.replies}
    assert 5 == len(here.notes)


async def test_asks_that_differ_go_apart(server: Loopback) -> None:
    """Only what differs in seed and draw alone shares a request."""
    async with house(server) as here:
        await here.alike(6, lists=lambda draw: [a_request(draw, "m" if draw % 3 else "other")])
    assert [("m", 4), ("other", 2)] == sorted((seen.body["model"], seen.body["n"]) for seen in server.seen)
    assert 6 == len(here.replies)


async def test_a_server_that_says_the_same_each_time(server: Loopback) -> None:
    """One that starts every sample from one seed gives one sample: long replies that were drawn apart differ."""
    server.script = lambda seen: f"{'word ' * 60}Answer: {seen.body['seed']}"
    async with house(server) as here:
        await here.alike(3)
        used, spent = here.account.usage, await here.calls.ledger.spent("run")
    assert [3, 1, 1] == ns(server)
    assert 3 == len(set(here.texts))
    assert used == spent
    assert 5 * 62 == used.completion_tokens


async def test_a_backend_without_samples() -> None:
    """It is asked singly, all at once."""
    backend = ScriptedBackend(lambda request: f"{request.draw}", delay=0.01)
    async with house(None, backend=backend) as here:
        await here.alike()
    assert ["0", "1", "2", "3", "4"] == here.texts
    assert 5 == len(backend.requests)


async def test_a_mistake_of_the_caller_s_ends_it_all(server: Loopback) -> None:
    """It is raised and not delivered, and no call is made."""
    async with house(server, Budget(usd=1)) as here:
        with pytest.raises(InputError, match="no price is known for model 'unpriced'"):
            await here.alike(3, lists=lambda draw: [a_request(draw, "unpriced")])
    assert ({}, []) == (here.got, server.seen)


async def test_what_deliver_raises_ends_it(server: Loopback) -> None:
    """An error of the one who takes the replies is not taken for one of a call."""

    def deliver(place: int, _: Reply | ContemplateError) -> None:
        raise LookupError(place)

    async with house(server) as here:
        with pytest.raises(LookupError):
            await here.calls.call_many([([a_request(draw)], here.caller()) for draw in range(3)], deliver)


# --- schemas and log-probabilities -----------------------------------------------------------------------------------


def forms(draw: int = 0) -> list[Request]:
    """Two models, each in two forms."""
    return [a_request(draw, model, reply_schema=schema) for model in ("m", "n") for schema in (SCHEMA, None)]


async def test_a_schema_that_is_taken(loopback: Loopback) -> None:
    """The reply is held to it."""
    loopback.modes["response_format"] = "takes"
    async with house(loopback) as here:
        reply = await here.calls.call(forms(), here.caller())
    assert '{"verdict": "sound"}' == reply.completion.text
    told = loopback.seen[0].body["response_format"]
    assert {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": SCHEMA}} == told


async def test_a_schema_that_is_refused_is_refused_once(loopback: Loopback) -> None:
    """The other form of the same model is asked, without a word; later at once, at the cost of no call."""
    loopback.modes["response_format"] = "refuses"
    async with house(loopback) as here:
        for draw in range(3):
            reply = await here.calls.call(forms(draw), here.caller())
            assert ("m", None) == (reply.request.model, reply.request.reply_schema)
        used, spent = here.account.usage, await here.calls.ledger.spent("run")
    assert [True, False, False, False] == ["response_format" in seen.body for seen in loopback.seen]
    assert [] == here.notes
    assert (4, 30) == (used.calls, used.prompt_tokens)
    assert used == spent


async def test_a_model_that_fails_is_not_asked_in_its_other_form(loopback: Loopback) -> None:
    """After an error that is not about the schema, the next model comes, in its first form."""
    loopback.modes["response_format"] = "takes"
    loopback.script = lambda seen: loopback.reply(status=404) if seen.body["model"] == "m" else "sound"
    async with house(loopback) as here:
        reply = await here.calls.call(forms(), here.caller())
    assert [("m", True), ("n", True)] == [(seen.body["model"], "response_format" in seen.body) for seen in loopback.seen]
    assert ("n", SCHEMA) == (reply.request.model, reply.request.reply_schema)
    assert 1 == len(here.notes)


async def test_joint_requests_change_their_form_together(server: Loopback) -> None:
    """A refused schema costs one request for all of them."""
    server.modes["response_format"] = "refuses"
    async with house(server) as here:
        await here.alike(lists=forms)
    assert [(5, True), (5, False)] == [(seen.body["n"], "response_format" in seen.body) for seen in server.seen]
    assert 5 == len(here.replies)


async def test_a_backend_that_is_known_to_lack_it_costs_nothing() -> None:
    """Nothing is sent, reserved or counted for the form that can't be."""
    backend = ScriptedBackend(["tagged"])
    async with house(None, Budget(calls=1), backend=backend) as here:
        reply = await here.calls.call(forms(), here.caller())
        spent = await here.calls.ledger.spent("run")
    assert ("tagged", None) == (reply.completion.text, reply.request.reply_schema)
    assert (1, 1) == (len(backend.requests), spent.calls)


async def test_the_last_form_s_error_is_told(loopback: Loopback) -> None:
    """Where there is nothing else to ask, the error says what is missing."""
    loopback.modes |= {"response_format": "refuses", "logprobs": "refuses"}
    async with house(loopback) as here:
        with pytest.raises(UnsupportedError, match="model 'm' does not hold replies to a JSON Schema"):
            await here.calls.call([a_request(reply_schema=SCHEMA)], here.caller())
        for _ in range(2):
            with pytest.raises(UnsupportedError, match="model 'm' gives no log-probabilities: it answered 400: Unsupported"):
                await here.calls.call([a_request(logprobs=3)], here.caller())
    assert 2 == len(loopback.seen)


async def test_logprobs_are_read_and_kept(server: Loopback) -> None:
    """For each sample of a joint request, and the same from the ledger."""
    server.modes["logprobs"] = "takes"
    async with house(server) as here:
        await here.alike(3, lists=lambda draw: [a_request(draw, logprobs=3)])
        first, here.got = here.replies, {}
        await here.alike(3, lists=lambda draw: [a_request(draw, logprobs=3)], offline=True)
    assert [reply.completion for reply in first] == [reply.completion for reply in here.replies]
    assert (True, 3) == (server.seen[0].body["logprobs"], server.seen[0].body["top_logprobs"])
    for place, reply in enumerate(first):
        logprobs = reply.completion.logprobs
        assert logprobs is not None
        assert ((-0.5,) * (place + 2), (1.0,) * (place + 2)) == (logprobs.chosen, logprobs.confidence)
        assert [-0.5, -1.0, -1.5] == list(logprobs.first.values())


async def test_logprobs_that_are_silently_missing(loopback: Loopback) -> None:
    """The completion comes without them."""
    async with house(loopback) as here:
        reply = await here.calls.call([a_request(logprobs=3)], here.caller())
    assert reply.completion.logprobs is None


async def test_retries_of_single_calls_are_as_before(loopback: Loopback) -> None:
    """An overloaded model is tried as often as the policy says, and then the next one is asked, with a note."""
    loopback.script = lambda seen: loopback.reply(status=503) if seen.body["model"] == "m" else "fine"
    async with house(loopback) as here:
        reply = await here.calls.call([a_request(), a_request(model="n")], here.caller())
        with pytest.raises(OverloadedError):
            await here.calls.call([a_request(1)], here.caller())
    assert ("fine", Tokens(prompt=10, completion=1)) == (reply.completion.text, reply.completion.tokens)
    assert ["m", "m", "m", "n", "m", "m", "m"] == [seen.body["model"] for seen in loopback.seen]
    assert "asking n" in here.notes[2]
