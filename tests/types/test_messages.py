"""Messages: plain text as ever, or parts, each in its place."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.errors import InputError
from contemplate.types import (
    Blob,
    Completion,
    Message,
    Part,
    Request,
    Role,
    Sampling,
    Text,
    ToolCall,
    ToolResult,
    canonical_json,
)

CALL = ToolCall(id="c1", name="add", arguments='{"a": 1}')
RESULT = ToolResult(call="c1", text="2")
IMAGE = Blob(sha256="0" * 64, mime="image/png", size=10)
PLAIN = st.builds(Message, role=st.sampled_from(["system", "user", "assistant"]), content=st.text())
WORDS = st.builds(Text, text=st.text())
CALLS = st.builds(ToolCall, id=st.text(), name=st.text(), arguments=st.text())
RESULTS = st.builds(ToolResult, call=st.text(), text=st.text())
MESSAGES = st.lists(
    PLAIN
    | st.builds(Message, role=st.just("assistant"), content=st.lists(WORDS | CALLS, max_size=3).map(tuple))
    | st.builds(Message, role=st.just("tool"), content=st.lists(RESULTS, min_size=1, max_size=3).map(tuple)),
    max_size=4,
).map(tuple)


@pytest.mark.parametrize(
    ("request_", "key"),
    [
        (
            Request(
                model="m",
                messages=(Message(role="system", content="Be brief."), Message(role="user", content="1 + 1?")),
                seed=3,
                draw=1,
            ),
            "7358db03b7a3653299ab9c8f1f487ae63727455a522739edde207038dfb48f1e",
        ),
        (
            Request(
                model="m",
                messages=(Message(role="user", content="é"),),
                sampling=Sampling(temperature=0.5, stop=("x",)),
                reply_schema={"type": "object"},
                logprobs=3,
            ),
            "e150f3d7d7f4a52b0dd8aadaf90e984e075c8d904c00c865143fc036154d9f3f",
        ),
    ],
)
def test_keys_stay(request_: Request, key: str) -> None:
    """Keys that were computed before there were parts."""
    assert key == request_.key


@given(st.lists(PLAIN, max_size=4))
def test_plain_text_has_the_key_that_it_had(messages: list[Message]) -> None:
    """Each message goes into the key as its role and its text."""
    asked = Request(model="m", messages=tuple(messages), seed=1)
    row = {
        "model": "m",
        "messages": [{"role": message.role, "content": message.text} for message in messages],
        "sampling": {"temperature": None, "top_p": None, "max_tokens": 1024, "stop": []},
        "endpoint": None,
        "seed": 1,
        "draw": 0,
    }

    assert hashlib.sha256(canonical_json(row).encode()).hexdigest() == asked.key
    assert not asked.has_parts


@given(MESSAGES)
def test_requests_come_back_from_their_json(messages: tuple[Message, ...]) -> None:
    """With their parts, and with their key."""
    asked = Request(model="m", messages=messages)
    back = Request.model_validate_json(asked.model_dump_json())

    assert asked == back
    assert asked.key == back.key


def test_the_words_of_parts() -> None:
    """Texts and results, in their order; a call is no words."""
    assert "one\ntwo" == Message(role="assistant", content=(Text(text="one"), CALL, Text(text="two"))).text
    assert "2" == Message(role="tool", content=(RESULT,)).text
    assert "plain" == Message(role="user", content="plain").text


@pytest.mark.parametrize(
    ("role", "parts"),
    [
        ("user", (CALL,)),
        ("user", (RESULT,)),
        ("assistant", (RESULT,)),
        ("tool", (Text(text="2"),)),
        ("tool", (RESULT, IMAGE)),
        ("tool", ()),
        ("tool", "2"),
    ],
)
def test_parts_fit_the_role(role: Role, parts: str | tuple[Part, ...]) -> None:
    """An assistant calls, a tool returns, and nobody else does either."""
    with pytest.raises(InputError, match="role"):
        Message(role=role, content=parts)


@pytest.mark.parametrize(
    ("arguments", "parsed"), [('{"a": 1}', {"a": 1}), ("{}", {}), ("[1]", None), ('{"a"', None), ("", None), ("[" * 9999, None)]
)
def test_arguments_are_read(arguments: str, parsed: dict[str, object] | None) -> None:
    """As an object, or not at all."""
    assert parsed == ToolCall(id="1", name="add", arguments=arguments).parsed()


def test_a_completion_without_tool_calls_says_nothing_of_them() -> None:
    """What is stored is what it was; with calls it comes back."""
    called = Completion(text="", tool_calls=(CALL,))

    assert "tool_calls" not in json.loads(Completion(text="x").model_dump_json())
    assert called == Completion.model_validate_json(called.model_dump_json())
