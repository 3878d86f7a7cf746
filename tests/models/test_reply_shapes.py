"""Schemas and log-probabilities on the way to a model: what is asked for where it is to be had, and what is asked instead."""

from __future__ import annotations

import pytest

from call_path import SCHEMA, a_sample, house
from contemplate.errors import (
    OverloadedError,
    UnsupportedError,
)
from contemplate.models.backends.scripted import ScriptedBackend
from contemplate.models.budget import Budget
from contemplate.types import Request, Tokens
from loopback import Loopback


def forms(draw: int = 0) -> list[Request]:
    """Two models, each in two forms."""
    return [a_sample(draw, model, reply_schema=schema) for model in ("m", "n") for schema in (SCHEMA, None)]


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
            await here.calls.call([a_sample(reply_schema=SCHEMA)], here.caller())
        for _ in range(2):
            with pytest.raises(UnsupportedError, match="model 'm' gives no log-probabilities: it answered 400: Unsupported"):
                await here.calls.call([a_sample(logprobs=3)], here.caller())
    assert 2 == len(loopback.seen)


async def test_logprobs_are_read_and_kept(server: Loopback) -> None:
    """For each sample of a joint request, and the same from the ledger."""
    server.modes["logprobs"] = "takes"
    async with house(server) as here:
        await here.alike(3, lists=lambda draw: [a_sample(draw, logprobs=3)])
        first, here.got = here.replies, {}
        await here.alike(3, lists=lambda draw: [a_sample(draw, logprobs=3)], offline=True)
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
        reply = await here.calls.call([a_sample(logprobs=3)], here.caller())
    assert reply.completion.logprobs is None


async def test_retries_of_single_calls_are_as_before(loopback: Loopback) -> None:
    """An overloaded model is tried as often as the policy says, and then the next one is asked, with a note."""
    loopback.script = lambda seen: loopback.reply(status=503) if seen.body["model"] == "m" else "fine"
    async with house(loopback) as here:
        reply = await here.calls.call([a_sample(), a_sample(model="n")], here.caller())
        with pytest.raises(OverloadedError):
            await here.calls.call([a_sample(1)], here.caller())
    assert ("fine", Tokens(prompt=10, completion=1)) == (reply.completion.text, reply.completion.tokens)
    assert ["m", "m", "m", "n", "m", "m", "m"] == [seen.body["model"] for seen in loopback.seen]
    assert "asking n" in here.notes[2]
