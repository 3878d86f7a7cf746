"""Messages made of parts: sent in the protocol's form over a real connection, refused up front where they can't be."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.errors import InputError, UnsupportedError
from contemplate.ledger import SQLiteLedger
from contemplate.models.backends.base import Backend
from contemplate.models.backends.litellm import LiteLLMBackend
from contemplate.models.backends.local import LocalBackend
from contemplate.models.backends.openai import OpenAIBackend
from contemplate.models.backends.parts import as_sent, filled, message_bound, part_bound, read_tool_calls
from contemplate.models.backends.reply import read_completion, worst_case
from contemplate.models.backends.routing import Router
from contemplate.models.backends.scripted import ScriptedBackend
from contemplate.models.budget import Account, Budget
from contemplate.models.path import Caller, Calls
from contemplate.types import Blob, Completion, Message, Part, Request, Role, Sampling, Text, ToolCall, ToolResult
from loopback import Loopback

CALL = ToolCall(id="c1", name="add", arguments='{"a": 1, "b": 1}')
OTHER = ToolCall(id="c2", name="now", arguments="")
IMAGE = Blob(sha256="0" * 64, mime="image/png", size=10)


def of_parts(*messages: tuple[Role, str | tuple[Part, ...]]) -> Request:
    """A request of these messages."""
    return Request(
        model="m",
        messages=tuple(Message(role=role, content=content) for role, content in messages),
        sampling=Sampling(max_tokens=9),
    )


TALK = of_parts(
    ("system", "Be brief."),
    ("user", (Text(text="1 + 1?"), Text(text="And the time?"))),
    ("assistant", (Text(text="I add."), CALL, OTHER)),
    ("tool", (ToolResult(call="c1", text="2"), ToolResult(call="c2", text="noon"))),
    ("assistant", (CALL,)),
    ("tool", (ToolResult(call="c1", text="2"),)),
)
WITH_IMAGE = of_parts(("user", (Text(text="What is this?"), IMAGE)))


class Old(Backend):
    """A backend that was written when a message was a text."""

    endpoint = "old"

    def __init__(self) -> None:
        self.requests: list[Request] = []

    async def complete(self, request: Request) -> Completion:
        """Take any request."""
        self.requests.append(request)
        return Completion(text="yes")

    async def aclose(self) -> None:
        """Nothing to let go of."""


async def called(backend: Backend, request: Request) -> Completion:
    """One call on the whole path, with a ledger of its own."""
    ledger = SQLiteLedger(":memory:")
    calls = Calls(Router(backend=backend), ledger)
    try:
        caller = Caller(Account(Budget()), "run", "turn", offline=False)
        return (await calls.call([request], caller)).completion
    finally:
        await ledger.aclose()


async def test_parts_in_the_form_of_the_protocol(loopback: Loopback) -> None:
    """Texts in a list, calls beside the words, each result in a message of its own."""
    backend = OpenAIBackend(loopback.url)
    await backend.complete(TALK)
    await backend.aclose()

    add = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": 1}'}}
    now = {"id": "c2", "type": "function", "function": {"name": "now", "arguments": ""}}
    assert [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "1 + 1?"}, {"type": "text", "text": "And the time?"}]},
        {"role": "assistant", "content": "I add.", "tool_calls": [add, now]},
        {"role": "tool", "tool_call_id": "c1", "content": "2"},
        {"role": "tool", "tool_call_id": "c2", "content": "noon"},
        {"role": "assistant", "content": None, "tool_calls": [add]},
        {"role": "tool", "tool_call_id": "c1", "content": "2"},
    ] == loopback.seen[0].body["messages"]


async def test_tool_calls_come_back(loopback: Loopback) -> None:
    """A reply that calls a tool is a completion that holds the call, and goes into the next request as it came."""
    function = {"name": "add", "arguments": '{"a": 1, "b": 1}'}
    loopback.script = loopback.reply(
        None, message={"tool_calls": [{"id": "c1", "type": "function", "function": function}]}, finish="tool_calls"
    )
    backend = OpenAIBackend(loopback.url)
    completion = await backend.complete(of_parts(("user", "1 + 1?")))
    await backend.complete(of_parts(("user", "1 + 1?"), ("assistant", completion.tool_calls)))
    await backend.aclose()

    assert (("", (CALL,))) == (completion.text, completion.tool_calls)
    assert function == loopback.seen[1].body["messages"][1]["tool_calls"][0]["function"]


@pytest.mark.parametrize(
    ("backend", "request_"),
    [(LocalBackend(), WITH_IMAGE)],
    ids=["local"],
)
def test_what_can_not_be_sent_is_refused(backend: LiteLLMBackend | LocalBackend, request_: Request) -> None:
    """Without a call, in one line."""
    refused = backend.refuses(request_)

    assert refused is not None
    assert "parts" == refused.what
    assert "\n" not in str(refused)


def test_texts_are_sent_by_all() -> None:
    """Parts that are words."""
    words = of_parts(("user", (Text(text="1 + 1?"),)))

    assert [None] * 3 == [b.refuses(words) for b in (OpenAIBackend("http://127.0.0.1:1/v1"), LiteLLMBackend("a"), LocalBackend())]


async def test_bytes_that_are_lost_cost_nothing(loopback: Loopback) -> None:
    """They are looked for before anything is sent."""
    backend = OpenAIBackend(loopback.url)
    with pytest.raises(InputError, match="the ledger has no attachment with the SHA-256 000000000000"):
        await called(backend, WITH_IMAGE)
    with pytest.raises(InputError, match="the bytes of an attachment are missing"):
        await backend.complete(WITH_IMAGE)
    await backend.aclose()

    assert [] == loopback.seen


def test_bytes_are_filled_in_and_are_no_part_of_the_key() -> None:
    """Nor of what is stored."""
    whole = filled(WITH_IMAGE, {IMAGE.sha256: b"picture"})

    assert (WITH_IMAGE.key, WITH_IMAGE.model_dump_json()) == (whole.key, whole.model_dump_json())
    url = as_sent(whole.messages[0])[0]["content"][1]["image_url"]["url"]
    assert "data:image/png;base64,cGljdHVyZQ==" == url
    assert "cGljdHVyZQ" not in repr(whole)


async def test_an_older_backend_is_given_plain_text_only() -> None:
    """One that does not say what it refuses may take a list of parts for a text."""
    old = Old()
    with pytest.raises(UnsupportedError, match="can't be sent text in parts"):
        await called(old, of_parts(("user", (Text(text="1 + 1?"),))))
    completion = await called(old, of_parts(("user", "1 + 1?")))

    assert (1, "yes") == (len(old.requests), completion.text)


async def test_a_script_takes_all_parts() -> None:
    """It sends nothing anywhere; and the ledger keeps such a request and its reply."""
    backend = ScriptedBackend([Completion(text="", tool_calls=(CALL,))])

    assert (CALL,) == (await called(backend, TALK)).tool_calls
    assert TALK == backend.requests[0]


@given(st.text(), st.text())
def test_bounds_hold(name: str, text: str) -> None:
    """Whatever is sent has at least as many tokens in its bound as it has bytes."""
    parts: list[Part] = [
        Text(text=text),
        ToolCall(id="c", name=name, arguments=json.dumps({"a": text})),
        ToolResult(call="c", text=text),
    ]

    assert all(part_bound(part) >= len(text.encode()) for part in parts)
    assert part_bound(parts[1]) >= len(json.dumps(json.dumps({"a": text}), ensure_ascii=False).encode())


def test_the_worst_case_counts_each_part() -> None:
    """A picture by its pixels, a sound by its seconds, and as much again for each message as ever."""
    plain = worst_case(of_parts(("user", "é!"))).prompt
    parts = worst_case(of_parts(("user", (Text(text="é"), Text(text="!"), IMAGE)))).prompt

    assert 3 + 16 + 64 == plain
    assert plain + 512 == parts
    assert 16 == message_bound(Message(role="user", content=()))
    picture, sound = (
        Blob(sha256="0" * 64, mime="image/png", size=1, width=640, height=33),
        IMAGE.model_copy(update={"seconds": 9.5}),
    )
    assert (40 * 3 + 512, 475 + 512) == (part_bound(picture), part_bound(sound))


@pytest.mark.parametrize(
    ("given_", "calls"),
    [
        (None, ()),
        ("add", ()),
        ([None, 7, {}, {"function": None}, {"function": {"arguments": "{}"}}, {"function": {"name": 7}}], ()),
        ([{"function": {"name": "add"}}], (ToolCall(id="call-1", name="add", arguments="{}"),)),
        (
            [{"id": "x", "function": {"name": "add", "arguments": {"a": 1}}}],
            (ToolCall(id="x", name="add", arguments='{"a": 1}'),),
        ),
        ([{"id": 7, "function": {"name": "a\ud800", "arguments": "{"}}], (ToolCall(id="call-1", name="a?", arguments="{"),)),
    ],
)
def test_odd_tool_calls(given_: object, calls: tuple[ToolCall, ...]) -> None:
    """What has no name is none."""
    assert calls == read_tool_calls({"tool_calls": given_})


def test_at_most_so_many_tool_calls() -> None:
    """A reply of thousands is cut."""
    assert 128 == len(read_tool_calls({"tool_calls": [{"function": {"name": "add"}}] * 1000}))


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_any_tool_calls_are_read(calls: object) -> None:
    """Reading is total."""
    read_completion({"choices": [{"message": {"content": "x", "tool_calls": calls}}]}, TALK)
    read_completion({"choices": [{"message": {"tool_calls": [{"id": calls, "function": {"name": calls}}]}}]}, TALK)
    read_completion({"choices": [{"message": {"tool_calls": [{"function": {"name": "a", "arguments": calls}}]}}]}, TALK)
