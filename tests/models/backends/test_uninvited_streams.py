"""Streams that nobody asked for, and those that somebody asked for in vain: one reply, one post."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import a_request
from call_path import a_sample, house
from contemplate.errors import OverloadedError, UnreachableError
from contemplate.models.backends.reply import read_completion
from contemplate.models.backends.streaming import Assembled, folded
from contemplate.types import Completion, ToolCall
from loopback import Loopback, Reply, Seen


def piece(finish: str | None = None, index: int = 0, **delta: object) -> dict[str, Any]:
    """A chunk of a stream."""
    return {"choices": [{"index": index, "delta": delta, "finish_reason": finish}]}


def stream(*chunks: dict[str, Any], end: str = "data: [DONE]\n\n", line: str = "\n") -> bytes:
    """The bytes of a stream."""
    return ("".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + end).replace("\n", line).encode()


HELLO = (piece(content="Answer: 4"), piece("stop", content="2"))


async def sent_by(loopback: Loopback, body: bytes, content_type: str = "text/event-stream") -> Completion:
    """What comes of a body that was not asked for."""
    loopback.script = Reply(body=body, content_type=content_type)
    async with house(loopback) as here:
        reply = await here.calls.call([a_request()], here.caller())
    assert [False] == [seen.body["stream"] for seen in loopback.seen]
    return reply.completion


@pytest.mark.parametrize("content_type", ["text/event-stream", "application/json", "text/plain"])
@pytest.mark.parametrize("line", ["\n", "\r\n"])
async def test_a_stream_is_one_reply(loopback: Loopback, content_type: str, line: str) -> None:
    """Whatever its type says."""
    completion = await sent_by(loopback, stream(*HELLO, line=line), content_type)
    assert ("Answer: 42", "stop") == (completion.text, completion.finish)


@pytest.mark.parametrize("end", ["", "data: [DONE]\n\n", ": bye\n\n"])
async def test_its_end_is_the_reason_that_it_gives(loopback: Loopback, end: str) -> None:
    """The last word of the protocol may be missing; one that is cut off at its limit is."""
    completion = await sent_by(loopback, b": hello\n\nevent: chunk\n" + stream(piece("MAX_TOKENS", content="5 + 1"), end=end))
    assert ("5 + 1", "length") == (completion.text, completion.finish)


async def test_a_stream_that_breaks_off(loopback: Loopback) -> None:
    """It is a failed call, tried again, and nothing of it is kept."""
    loopback.script = Reply(body=stream(HELLO[0], end=""), content_type="text/event-stream")
    async with house(loopback) as here:
        with pytest.raises(UnreachableError, match="broke off before its end"):
            await here.calls.call([a_request()], here.caller())
        assert await here.calls.ledger.completion(a_request().key) is None
    assert 3 == len(loopback.seen)


async def test_an_error_in_a_stream(loopback: Loopback) -> None:
    """It is that error, also where the stream says that it is over."""
    failed = {"error": {"code": 503, "message": "busy"}, **piece("error", content="")}
    loopback.script = Reply(body=stream(HELLO[0], failed), content_type="text/event-stream")
    async with house(loopback) as here:
        with pytest.raises(OverloadedError, match="503: busy"):
            await here.calls.call([a_request()], here.caller())


async def test_an_empty_stream(loopback: Loopback) -> None:
    """It is no reply."""
    loopback.script = Reply(body=b"data: [DONE]\n\n", content_type="text/event-stream")
    async with house(loopback) as here:
        with pytest.raises(UnreachableError, match="sent no reply"):
            await here.calls.call([a_request()], here.caller())


async def test_samples_that_are_streamed(loopback: Loopback) -> None:
    """Each by its index."""
    chunks = [piece(index=place, content=text) for place, text in ((1, "Answer: "), (0, "Answer: "), (1, "7"), (0, "6"))]
    loopback.script = Reply(body=stream(*chunks, piece("stop", 0), piece("stop", 1)), content_type="text/event-stream")
    async with house(loopback) as here:
        await here.alike(2, lists=lambda draw: [a_sample(draw)])
    assert (["Answer: 6", "Answer: 7"], 1) == (here.texts, len(loopback.seen))


async def test_a_server_that_refuses_to_stream(loopback: Loopback) -> None:
    """It is asked without, from then on, and its reply comes at once."""
    loopback.script, loopback.modes["stream"] = "Answer: 42", "refuses"
    async with house(loopback) as here:
        caller = replace(here.caller(), on_text=[].append)
        replies = [await here.calls.call([a_sample(draw)], caller) for draw in range(2)]
    assert ["Answer: 42"] * 2 == [reply.completion.text for reply in replies]
    assert [True, False, False] == ["stream" in seen.body or "stream_options" in seen.body for seen in loopback.seen]


async def test_a_server_that_gives_nothing_but_streams(loopback: Loopback) -> None:
    """It is asked for one from then on, which is put together."""

    def only_streams(seen: Seen) -> Reply:
        if not seen.body.get("stream"):
            return Reply(status=400, body=b'{"error": {"message": "this model only supports stream mode"}}')
        return Reply(body=stream(*HELLO), content_type="text/event-stream")

    loopback.script = only_streams
    async with house(loopback) as here:
        replies = [await here.calls.call([a_sample(draw)], here.caller()) for draw in range(2)]
    assert ["Answer: 42"] * 2 == [reply.completion.text for reply in replies]
    assert [False, True, True] == [seen.body["stream"] for seen in loopback.seen]


@given(st.lists(st.integers(0, 30), max_size=5), st.booleans())
def test_tool_calls_are_put_together(cuts: list[int], both: bool) -> None:
    """However their arguments are cut up, and with others between them."""
    arguments = '{"expression": "6 * 7"}'
    places = sorted({0, *(cut for cut in cuts if cut < len(arguments)), len(arguments)})
    whole = Assembled(lambda _: None)

    def take(*calls: dict[str, Any]) -> None:
        whole.take(json.dumps(piece(tool_calls=calls)))

    for index in range(1 + both):
        take({"index": index, "id": f"c{index}", "type": "function", "function": {"name": "calc", "arguments": ""}})
    for begin, stop in pairwise(places):
        for index in range(1 + both):
            take({"index": index, "function": {"arguments": arguments[begin:stop]}})
    whole.take(json.dumps(piece("tool_calls")))

    came = read_completion(whole.payload, a_request())
    assert tuple(ToolCall(id=f"c{index}", name="calc", arguments=arguments) for index in range(1 + both)) == came.tool_calls


def test_thinking_in_pieces_of_parts() -> None:
    """It stands apart, as in a reply that comes at once."""
    whole = Assembled(lambda _: None)
    for chunk in (
        piece(content=[{"type": "thinking", "thinking": [{"type": "text", "text": "six "}]}]),
        piece(content=[{"type": "thinking", "thinking": [{"type": "text", "text": "sevens"}]}]),
        piece("stop", content="42"),
    ):
        whole.take(json.dumps(chunk))
    completion = read_completion(whole.payload, a_request())
    assert ("42", "six sevens") == (completion.text, completion.reasoning)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"data": 1}', b"<html>", b"dat", b"[]"])
def test_what_is_no_stream(body: bytes) -> None:
    """It is left to others."""
    assert folded(body) is None


@given(st.binary(max_size=200))
def test_folding_is_total(rest: bytes) -> None:
    """Whatever comes after the beginning of a stream, there is a payload."""
    whole = folded(b"data: " + rest)
    assert whole is not None
    assert isinstance(whole.payload, dict)
