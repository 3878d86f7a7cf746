"""Replies of an OpenAI-compatible server, piece by piece: a real server on loopback."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders import a_request
from call_path import house
from contemplate import CallEnded, CallStarted, Event, Orchestrator, ScriptedBackend, TurnDelta, TurnEnded, solve
from contemplate.errors import OverloadedError, UnreachableError
from contemplate.models.backends import OpenAIBackend
from loopback import Loopback

TEXT = "Six sevens are 42.\n\nAnswer: 42"


async def streamed(loopback: Loopback, told: list[str]) -> object:
    """One call to the server, its pieces told."""
    backend = OpenAIBackend(loopback.url)
    try:
        return await backend.complete_streaming(a_request("6 * 7?"), told.append)
    finally:
        await backend.aclose()


async def test_the_pieces_make_the_completion(loopback: Loopback) -> None:
    """Text, end and tokens are those of a reply that comes at once."""
    loopback.script = TEXT
    told: list[str] = []
    backend = OpenAIBackend(loopback.url)
    whole = await backend.complete(a_request("6 * 7?"))
    pieces = await backend.complete_streaming(a_request("6 * 7?"), told.append)
    await backend.aclose()

    assert whole == pieces
    assert "".join(told) == TEXT
    assert len(told) > 4
    assert [seen.body.get("stream", False) for seen in loopback.seen] == [False, True]


async def test_a_server_that_does_not_stream(loopback: Loopback) -> None:
    """Its reply comes at once, and is read as ever; nothing is told on the way."""
    loopback.script, loopback.modes["stream"] = TEXT, "ignores"
    told: list[str] = []
    completion = await streamed(loopback, told)

    assert TEXT == completion.text  # type: ignore[attr-defined]
    assert [] == told


async def test_a_server_that_knows_no_options_of_streams(loopback: Loopback) -> None:
    """They are left out, and what it does not count is estimated."""
    loopback.script, loopback.modes["stream_options"] = TEXT, "refuses"
    told: list[str] = []
    async with house(loopback) as here:
        caller = replace(here.caller(), on_text=told.append)
        completion = (await here.calls.call([a_request("6 * 7?")], caller)).completion

    assert completion.tokens.estimated
    assert TEXT == "".join(told)
    assert ["stream_options" in seen.body for seen in loopback.seen] == [True, False]


async def test_a_stream_that_breaks_off(loopback: Loopback) -> None:
    """It is no reply, however much has come, and may be billed."""
    loopback.script = loopback.reply(TEXT * 20, drop=True)
    with pytest.raises(UnreachableError) as error:
        await streamed(loopback, [])

    assert error.value.may_be_billed


async def test_an_error_in_the_stream_is_that_error(loopback: Loopback) -> None:
    """As a gateway sends it that had begun to answer."""
    body = b'data: {"choices": [{"delta": {"content": "So"}}]}\n\ndata: {"error": {"message": "busy", "code": 503}}\n\n'
    loopback.script = loopback.reply(body=body, content_type="text/event-stream")
    with pytest.raises(OverloadedError, match="busy"):
        await streamed(loopback, [])


async def test_observers_that_ask_for_pieces_are_told_them(loopback: Loopback) -> None:
    """Between the beginning and the end of the call; the run is the same, and its replies are found again without a call."""
    loopback.script, loopback.modes["n"] = TEXT, "refuses"  # samples that share a request come whole
    seen: list[Event] = []
    async with Orchestrator(["m"], base_url=loopback.url, ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve("6 * 7?", "self-consistency", answer="number", on_event=seen.append, deltas=True)
        calls = len(loopback.seen)
        again = await orchestrator.solve("6 * 7?", "self-consistency", answer="number", on_event=seen.append)

    said: dict[str, str] = {}
    for event in seen:
        if isinstance(event, TurnDelta):
            said[event.id] = said.get(event.id, "") + event.text
    assert {turn.id: turn.text for turn in outcome.trace.turns if turn.text} == said
    assert again.answer == outcome.answer == "42"
    assert len(loopback.seen) == calls


async def test_nobody_asks_for_pieces() -> None:
    """Then there are none, and a server is asked as ever."""
    seen: list[Event] = []
    backend = ScriptedBackend(lambda _: TEXT)
    await solve("6 * 7?", "single", answer="number", backend=backend, ledger=":memory:", on_event=seen.append)

    assert not any(isinstance(event, TurnDelta) for event in seen)
    assert any(isinstance(event, TurnEnded) for event in seen)


async def test_each_attempt_is_an_event(loopback: Loopback) -> None:
    """One that failed, and the next one: with model, endpoint, tokens, time and reason."""
    loopback.script = [loopback.reply(status=500), TEXT]
    seen: list[Event] = []
    await solve("6 * 7?", "single", answer="number", models="m", base_url=loopback.url, ledger=":memory:", on_event=seen.append)

    started = [event for event in seen if isinstance(event, CallStarted)]
    failed, answered = (event for event in seen if isinstance(event, CallEnded))
    assert [1, 2] == [event.attempt for event in started]
    assert {("1.propose/seat-1", "m", loopback.url.removeprefix("http://").removesuffix("/v1"))} == {
        (event.turn, event.model, event.endpoint) for event in started
    }
    assert ("failed", None, True) == (failed.status, failed.tokens, "500" in str(failed.error))
    assert ("answered", None) == (answered.status, answered.error)
    assert answered.tokens is not None
    assert answered.tokens.completion == len(TEXT.split())
    assert answered.seconds > 0
