"""What is no reply is not kept: a sample that broke off, and an answer that holds nothing at all."""

from __future__ import annotations

import pytest

from call_path import a_sample, house, ns
from contemplate.errors import UnreachableError
from contemplate.models.backends.scripted import ScriptedBackend
from contemplate.types import Completion
from loopback import Loopback

VOID = Completion(text="", finish="other")


async def test_a_sample_that_broke_off_says_nothing_of_how_many_come(server: Loopback) -> None:
    """It is asked for again, and the next samples are asked for together as before."""
    broken = server.reply(text="half a", finish="error")
    server.script = lambda seen: broken if (seen.place, seen.sample) == (0, 1) else f"{seen.place}.{seen.sample}"
    async with house(server) as here:
        await here.alike()
        first = here.texts
        here.got.clear()
        await here.alike(lists=lambda draw: [a_sample(10 + draw)])

    assert ["0.0", "0.2", "0.3", "0.4", "1.0"] == first
    assert [5, 1, 5] == ns(server)


async def test_samples_that_all_broke_off_are_a_failed_call(server: Loopback) -> None:
    """As one is; nothing is kept."""
    server.script = server.reply(text="half a", finish="error")
    async with house(server) as here:
        await here.alike()
        kept = [await here.calls.ledger.completion(a_sample(draw).key) for draw in range(5)]

    assert [None] * 5 == kept
    assert [True] * 5 == ["broke the reply off" in str(error) for error in here.errors]


async def test_a_void_completion_of_any_backend_is_no_reply() -> None:
    """It is asked for again, and what comes then is kept."""
    async with house(None, backend=ScriptedBackend([VOID, "yes"])) as here:
        reply = await here.calls.call([a_sample()], here.caller())
        kept = await here.calls.ledger.completion(a_sample().key)

    assert "yes" == reply.completion.text
    assert reply.completion == kept


async def test_nothing_but_void_completions_is_a_failed_call() -> None:
    """In one line, and nothing is kept."""
    async with house(None, backend=ScriptedBackend([VOID] * 3)) as here:
        with pytest.raises(UnreachableError, match="m sent no reply"):
            await here.calls.call([a_sample()], here.caller())
        kept = await here.calls.ledger.completion(a_sample().key)

    assert kept is None
