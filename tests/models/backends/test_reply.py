"""Reading replies: every odd shape that providers send, and no shape that crashes the reader."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.errors import UnreachableError
from contemplate.models.backends.reply import (
    call_error,
    estimated_tokens,
    read_completion,
    read_completions,
    read_error,
    retry_after,
    worst_case,
)
from contemplate.types import Completion, Message, Request, Sampling, Tokens

REQUEST = Request(model="m", messages=(Message(role="user", content="é!"),), sampling=Sampling(max_tokens=10))
PROMPT_BOUND = 3 + 16 + 64


def read(message: object, finish: object = "stop", usage: object = None) -> Completion:
    """The completion of one choice."""
    return read_completion({"choices": [{"message": message, "finish_reason": finish}], "usage": usage}, REQUEST)


@pytest.mark.parametrize(
    ("said", "finish"),
    [
        (None, "stop"),
        ("stop", "stop"),
        ("length", "length"),
        ("max_tokens", "length"),
        ("content_filter", "filter"),
        ("tool_calls", "other"),
        (17, "other"),
    ],
)
def test_finish(said: object, finish: str) -> None:
    """Each way to end has its word; null means that it simply ended."""
    assert finish == read({"content": "x"}, said).finish


@pytest.mark.parametrize(
    ("message", "text", "finish"),
    [
        ({"content": ""}, "", "stop"),
        ({"content": None}, "", "stop"),
        ({"content": [{"type": "text", "text": "a"}, {"type": "image"}, {"text": "b"}]}, "ab", "stop"),
        ({"content": None, "refusal": "I can't."}, "I can't.", "refusal"),
        ({"content": "bad \ud800 half"}, "bad ? half", "stop"),
        (None, "", "stop"),
        ("text", "", "stop"),
    ],
)
def test_text(message: object, text: str, finish: str) -> None:
    """The text is found wherever a provider puts it; where there is none, it is empty."""
    completion = read(message)
    assert (text, finish) == (completion.text, completion.finish)


NOTHING: list[object] = [{}, {"message": None}, {"message": {"role": "assistant", "content": ""}, "finish_reason": None}]


@pytest.mark.parametrize("choices", [[], None, "x", [None], [[]], *([one] for one in NOTHING)])
def test_no_choices(choices: object) -> None:
    """What holds no reply is a failed call, that may be billed and is worth another try."""
    with pytest.raises(UnreachableError, match="x sent no reply") as caught:
        read_completion({"choices": choices, "usage": {"prompt_tokens": 5, "completion_tokens": 0}}, REQUEST, "x")
    assert caught.value.may_be_billed


@pytest.mark.parametrize(
    ("message", "text", "reasoning"),
    [
        ({"content": "4", "reasoning_content": "2+2"}, "4", "2+2"),
        ({"content": "4", "reasoning": "2+2"}, "4", "2+2"),
        ({"content": "\n<think>\n2+2\n</think>\n\n4"}, "4", "2+2"),
        ({"content": "2+2</think>4"}, "4", "2+2"),
        ({"content": "<think>cut off"}, "", "cut off"),
        ({"content": "say <think>x</think> so"}, "say <think>x</think> so", None),
        ({"content": "<think></think>4"}, "4", None),
        ({"content": "<think>b</think>4", "reasoning": "a"}, "4", "a\nb"),
    ],
)
def test_reasoning(message: dict[str, str], text: str, reasoning: str | None) -> None:
    """Thinking stands apart from the reply, however it came."""
    completion = read(message)
    assert (text, reasoning) == (completion.text, completion.reasoning)


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 2}, Tokens(prompt=3, completion=2)),
        (None, Tokens(prompt=PROMPT_BOUND, completion=4, estimated=True)),
        ({"prompt_tokens": 0, "completion_tokens": 0}, Tokens(prompt=PROMPT_BOUND, completion=4, estimated=True)),
        ({"prompt_tokens": 3, "completion_tokens": 0}, Tokens(prompt=3, completion=4, estimated=True)),
        ({"prompt_tokens": 3}, Tokens(prompt=3, completion=4, estimated=True)),
        ({"prompt_tokens": -3, "completion_tokens": 2}, Tokens(prompt=PROMPT_BOUND, completion=2, estimated=True)),
        ({"prompt_tokens": True, "completion_tokens": 1e300}, Tokens(prompt=PROMPT_BOUND, completion=4, estimated=True)),
        ({"prompt_tokens": 10**400, "completion_tokens": 2}, Tokens(prompt=PROMPT_BOUND, completion=2, estimated=True)),
    ],
)
def test_usage(usage: object, tokens: Tokens) -> None:
    """Counts that are missing, zero against the facts, or nonsense are estimated from above, and marked."""
    assert tokens == read({"content": "four"}, usage=usage).tokens


def many(texts: list[str], usage: object = None, **more: object) -> list[Completion]:
    """The completions of as many choices."""
    choices = [{"message": {"content": text}, "finish_reason": "stop"} for text in texts]
    return read_completions({"choices": choices, "usage": usage, **more}, REQUEST, len(texts))


@given(st.lists(st.text(max_size=30), min_size=1, max_size=6), st.integers(1, 1000), st.integers(1, 1000))
def test_the_tokens_of_samples_add_up(texts: list[str], prompt: int, completion: int) -> None:
    """Shared out by length: the prompt's on the first, and no token lost or invented where the count can be true."""
    texts = ["longer text " * 20, *texts]
    completion += sum(len(text.encode()) for text in texts) // 8
    came = many(texts, {"prompt_tokens": prompt, "completion_tokens": completion})
    assert texts == [one.text for one in came]
    assert ([prompt] + [0] * (len(texts) - 1), completion) == (
        [one.tokens.prompt for one in came],
        sum(one.tokens.completion for one in came),
    )
    assert all(one.tokens.estimated for one in came)


def test_tokens_of_the_first_sample_alone() -> None:
    """A count that can only be that of the first sample is scaled up: by what llama.cpp says beside it, or by its size."""
    texts = ["0123456789" * 2] * 4
    usage = {"prompt_tokens": 3, "completion_tokens": 5}
    assert [5, 5, 5, 5] == [one.tokens.completion for one in many(texts, usage)]
    assert [5, 5] == [one.tokens.completion for one in many(texts[:2], usage, timings={"predicted_n": 5})]
    assert [3, 2] == sorted((one.tokens.completion for one in many(texts[:2], usage)), reverse=True)


def test_samples_beyond_those_asked_for_are_dropped() -> None:
    """At most as many as were asked for."""
    choices = [{"message": {"content": text}} for text in "abc"]
    assert ["a", "b"] == [one.text for one in read_completions({"choices": choices}, REQUEST, 2)]


def test_the_worst_case_has_the_schema_and_all_samples() -> None:
    """A schema is in the prompt; the prompt is billed once."""
    schema = {"type": "object"}
    assert Tokens(prompt=PROMPT_BOUND + len('{"type":"object"}'), completion=30, estimated=True) == worst_case(
        Request(**{**dict(REQUEST), "reply_schema": schema}), 3
    )


def test_the_estimate_of_a_reply_ends_at_its_limit() -> None:
    """A reply takes no more tokens than it was allowed, however long its text."""
    assert 10 == estimated_tokens(REQUEST, "x" * 1000).completion


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
words = st.sampled_from(["content", "refusal", "reasoning", "text", "prompt_tokens", "completion_tokens"])
fields = st.dictionaries(words, anything)


@given(message=fields | anything, finish=anything, usage=fields | anything, model=anything)
def test_reading_is_total(message: object, finish: object, usage: object, model: object) -> None:
    """Whatever JSON comes, a completion comes out that can be stored, or it holds none."""
    choices = [{"message": message, "finish_reason": finish}]
    try:
        completion = read_completion({"choices": choices, "usage": usage, "model": model}, REQUEST)
    except UnreachableError:
        return
    assert Completion.model_validate_json(completion.model_dump_json()) == completion


@given(body=st.binary() | anything.map(lambda value: json.dumps({"error": value}).encode()), status=st.integers(400, 599))
def test_reading_errors_is_total(body: bytes, status: int) -> None:
    """Whatever stands in the body of an error, its message is one short line."""
    message = str(call_error(status, body, {}, "x"))
    assert "\n" not in message
    assert len(read_error(body).message) <= 200


@given(st.text())
def test_retry_after_is_total(value: str) -> None:
    """Whatever stands in the header, it is some seconds or nothing."""
    seconds = retry_after({"retry-after": value})
    assert seconds is None or 0 <= seconds < float("inf")


def test_a_key_at_the_cut_is_not_halved() -> None:
    """Keys are blotted out before the message is cut."""
    message = read_error(b"x" * 190 + b" sk-abcdefghijklmnopqrstuvwxyz").message
    assert "sk-" not in message
