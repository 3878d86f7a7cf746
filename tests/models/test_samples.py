"""Several samples of one question in one request: what is sent, paid, kept and cancelled."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from call_path import House, a_sample, house, ns, numbered
from contemplate.errors import (
    BudgetError,
    ContemplateError,
    InputError,
    RejectedError,
    ReplayError,
)
from contemplate.models.backends.scripted import ScriptedBackend
from contemplate.models.budget import Account, Budget
from contemplate.models.path import Reply
from contemplate.types import Completion, Request, Usage
from loopback import Loopback, Seen
from loopback import Reply as Served


async def test_five_samples_are_one_request(server: Loopback) -> None:
    """One request, one call; each sample under its own key; tokens and price are those of the request, and on record."""
    async with house(server) as here:
        await here.alike()
        used, spent = here.account.usage, await here.calls.ledger.spent("run")
        kept = [await here.calls.ledger.completion(a_sample(draw).key) for draw in range(5)]

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
        await here.alike(lists=lambda draw: [a_sample(10 + draw)])
        assert [5, 1, 1, 1, 1] + [1] * 5 == ns(server)
        assert 10 == here.account.usage.calls


async def test_an_endpoint_that_refuses_n_is_noticed_once(server: Loopback) -> None:
    """A refusal costs a call and no tokens, and all are asked for singly, then and later."""
    server.modes["n"] = "refuses"
    async with house(server) as here:
        for first in (0, 10):
            await here.alike(3, lists=lambda draw, first=first: [a_sample(first + draw)])  # type: ignore[misc]
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


async def test_samples_that_share_a_grammar(server: Loopback) -> None:
    """Where several come as no JSON, requests with a schema go singly from then on, and others do not."""
    server.script = lambda seen: '{"o""":"g' if seen.body.get("n", 1) > 1 else '{"word": "yes"}'
    schema = {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]}
    async with house(server) as here:
        for first in (0, 10):
            await here.alike(3, lists=lambda draw, first=first: [a_sample(first + draw, reply_schema=schema)])  # type: ignore[misc]
            assert ['{"word": "yes"}' if first else '{"o""":"g'] * 3 == here.texts
            here.got.clear()
        await here.alike(3, lists=lambda draw: [a_sample(20 + draw)])

    assert [3, 1, 1, 1, 3] == ns(server)


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
        await here.calls.call([a_sample(1)], here.caller())
        await here.calls.call([a_sample(3)], here.caller())
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
        await here.alike(4, lists=lambda place: [a_sample(place // 2)])
    assert [2] == ns(server)
    assert 2 == len(set(here.texts))


async def test_cancelled_in_flight(server: Loopback, tmp_path: Path) -> None:
    """Cancelled while it waits, a joint request stays charged with its worst case, here and in the ledger."""
    server.script = server.reply(hang=True)
    async with house(server, ledger=tmp_path / "l.db") as here:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(here.alike)
            while not server.in_flight:  # noqa: ASYNC110 - the server runs in another thread
                await anyio.sleep(0.01)
            tasks.cancel_scope.cancel()
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
        await here.alike(lists=lambda draw: [a_sample(draw), a_sample(draw, "n")])
    assert [5, 5] == ns(server)
    assert {"n"} == {reply.request.model for reply in here.replies}
    assert 5 == len(here.notes)


async def test_asks_that_differ_go_apart(server: Loopback) -> None:
    """Only what differs in seed and draw alone shares a request."""
    async with house(server) as here:
        await here.alike(6, lists=lambda draw: [a_sample(draw, "m" if draw % 3 else "other")])
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
            await here.alike(3, lists=lambda draw: [a_sample(draw, "unpriced")])
    assert ({}, []) == (here.got, server.seen)


async def test_what_deliver_raises_ends_it(server: Loopback) -> None:
    """An error of the one who takes the replies is not taken for one of a call."""

    def deliver(place: int, _: Reply | ContemplateError) -> None:
        raise LookupError(place)

    async with house(server) as here:
        with pytest.raises(LookupError):
            await here.calls.call_many([([a_sample(draw)], here.caller()) for draw in range(3)], deliver)
