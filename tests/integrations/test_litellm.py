"""Panels through litellm."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contemplate import ScriptedBackend
from contemplate.integrations import litellm as integration

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::UserWarning"),
]

MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "2 + 2?"}]


@pytest.fixture
def backend() -> ScriptedBackend:
    """Panels that say 4, registered."""
    backend = ScriptedBackend(lambda _: "Answer: 4")
    options: dict[str, Any] = {"backend": backend, "parameters": {"seats": 2}, "ledger": ":memory:"}
    integration.register(answer="number", **options)
    return backend


def test_a_call_is_answered(backend: ScriptedBackend) -> None:
    """With what it took; the key, address and headers of the call go nowhere."""
    import litellm

    options = {"seed": 7, "temperature": 0.5, "max_tokens": 50, "api_key": "sk-planted", "api_base": "http://127.0.0.1:1"}
    reply = litellm.completion("contemplate/self-consistency@a,b", MESSAGES, **options)

    assert reply.choices[0].message.content == "4"
    assert reply.usage.completion_tokens > 0
    assert reply.choices[0].message.provider_specific_fields["contemplate"]["models"] == ["a", "b"]
    assert {"a", "b"} == {request.model for request in backend.requests}
    assert {(0.5, 50)} == {(one.sampling.temperature, one.sampling.max_tokens) for one in backend.requests}
    assert "planted" not in repr(backend.requests)


async def test_streams_and_await(backend: ScriptedBackend) -> None:
    """Each form of a call gives the same answer."""
    import litellm

    model = "contemplate/self-consistency@a"
    assert (await litellm.acompletion(model, MESSAGES)).choices[0].message.content == "4"
    pieces = [piece.choices[0].delta.content async for piece in await litellm.acompletion(model, MESSAGES, stream=True)]
    assert "".join(filter(None, pieces)) == "4"
    pieces = [piece.choices[0].delta.content for piece in litellm.completion(model, MESSAGES, stream=True)]
    assert "".join(filter(None, pieces)) == "4"
    assert backend.requests


def test_a_schema_is_held() -> None:
    """`response_format` is the form of the answer."""
    import litellm

    integration.register(backend=ScriptedBackend(lambda _: 'Answer: {"n": 4}'), parameters={"seats": 2}, ledger=":memory:")
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    form = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    reply = litellm.completion("contemplate/self-consistency@a", MESSAGES, response_format=form)

    assert {"n": 4} == json.loads(reply.choices[0].message.content)


@pytest.mark.parametrize(
    ("model", "messages", "message"),
    [
        ("contemplate/self-consistensy", MESSAGES, "did you mean 'self-consistency'"),
        ("contemplate/./own.yaml", MESSAGES, "without paths or addresses"),
        ("contemplate/single@http://127.0.0.1:1/v1", MESSAGES, "without paths or addresses"),
        ("contemplate/single@m@http://127.0.0.1:1/v1", MESSAGES, "without paths or addresses"),
        ("contemplate/single", [{"role": "tool", "content": "x", "tool_call_id": "1"}], "role 'tool'"),
    ],
)
def test_a_mistake_is_the_callers(backend: ScriptedBackend, model: str, messages: Any, message: str) -> None:
    """With status 400 and one line."""
    import litellm

    with pytest.raises(litellm.BadRequestError, match=message) as caught:
        litellm.completion(model, messages)
    assert (400, []) == (caught.value.status_code, backend.requests)
