"""Replies that come piece by piece are put together to what comes at once."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.models.backends.reply import read_completion
from contemplate.models.backends.streaming import Assembled, Events
from contemplate.types import Message, Request, Sampling

REQUEST = Request(model="m", messages=(Message(role="user", content="?"),), sampling=Sampling(max_tokens=100))


def chunk(**delta: str) -> str:
    """One event of a stream."""
    return json.dumps({"model": "served", "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})


LAST = json.dumps({"choices": [{"delta": {}, "finish_reason": "stop"}]})
USAGE = json.dumps({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}})


def stream(*data: str, end: str = "\n") -> bytes:
    """The bytes of a stream."""
    return "".join(f": a comment{end}data: {one}{end}{end}" for one in data).encode()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=repr)
@given(cuts=st.lists(st.integers(0, 400), max_size=12), text=st.text(min_size=1, max_size=40))
def test_pieces_make_the_whole(end: str, cuts: list[int], text: str) -> None:
    """However the bytes are cut up, the reply, its tokens and its end are those of the stream, and no piece is told twice."""
    data = stream(chunk(role="assistant", content=text[:3]), chunk(content=text[3:]), LAST, USAGE, "[DONE]", end=end)
    told: list[str] = []
    events, whole = Events(), Assembled(told.append)
    places = sorted({0, *(cut for cut in cuts if cut < len(data)), len(data)})
    for begin, stop in pairwise(places):
        for one in events.feed(data[begin:stop]):
            whole.take(one)
    for one in events.rest():
        whole.take(one)

    completion = read_completion(whole.payload, REQUEST)
    assert "".join(told) == text
    assert completion == read_completion(
        {
            "model": "served",
            "choices": [{"message": {"content": text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12},
        },
        REQUEST,
    )
    assert whole.ended


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_reading_is_total(pieces: list[bytes]) -> None:
    """Whatever comes, there is a payload, and nothing is raised."""
    events, whole = Events(), Assembled(lambda _: None)
    for piece in (*pieces, b'data: {"choices": [{"delta": 3, "logprobs": {"content": 4}}]}\n\n', b"data: [1]\n\ndata: {\n\n"):
        for one in events.feed(piece):
            whole.take(one)

    assert "choices" in whole.payload


def test_a_stream_that_breaks_off_has_not_ended() -> None:
    """Neither an end nor a reason was seen."""
    whole = Assembled(lambda _: None)
    for one in Events().feed(stream(chunk(content="So far"))):
        whole.take(one)

    assert not whole.ended


def test_an_error_in_mid_stream_is_the_payload() -> None:
    """A gateway that has begun to answer before its provider failed."""
    whole = Assembled(lambda _: None)
    whole.take(chunk(content="So far"))
    whole.take(json.dumps({"error": {"message": "overloaded", "code": "503"}}))

    assert whole.payload["error"] == {"message": "overloaded", "code": "503"}
    assert "choices" not in whole.payload


def test_thinking_and_log_probabilities_come_along() -> None:
    """Apart from the text, as in a reply that comes at once."""
    whole = Assembled(lambda _: None)
    whole.take(chunk(reasoning_content="Six sevens"))
    token = {"token": "42", "logprob": -0.5, "top_logprobs": [{"token": "42", "logprob": -0.5}]}
    whole.take(json.dumps({"choices": [{"delta": {"content": "42"}, "logprobs": {"content": [token]}}]}))
    whole.take(LAST)

    completion = read_completion(whole.payload, REQUEST.model_copy(update={"logprobs": 1}))
    assert completion.reasoning == "Six sevens"
    assert completion.logprobs is not None
    assert completion.logprobs.chosen == (-0.5,)
