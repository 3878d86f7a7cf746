"""The scripted backend: lists, functions, failures, and a script that runs dry."""

from __future__ import annotations

import anyio
import anyio.lowlevel
import pytest

from builders import a_request
from contemplate.errors import OverloadedError, ProgramError, UnsupportedError
from contemplate.models.backends.base import Backend
from contemplate.models.backends.scripted import ScriptedBackend
from contemplate.types import Completion, Request, Tokens


async def test_a_list_is_used_up_in_order() -> None:
    """Texts, completions and failures come one after another; then the script is dry, and says so."""
    backend = ScriptedBackend(["one", Completion(text="two"), OverloadedError("busy")])
    assert isinstance(backend, Backend)
    assert ["one", "two"] == [(await backend.complete(a_request("x"))).text for _ in range(2)]
    with pytest.raises(OverloadedError, match="busy"):
        await backend.complete(a_request("x"))
    with pytest.raises(ProgramError, match="ran dry after 3 replies"):
        await backend.complete(a_request("x"))
    await backend.aclose()
    assert 4 == len(backend.requests)


async def test_the_order_is_that_of_the_calls() -> None:
    """Of two calls at once, the first one made gets the first reply."""
    backend = ScriptedBackend(["one", "two"], delay=0.01)
    got: dict[str, str] = {}

    async def call(name: str) -> None:
        got[name] = (await backend.complete(a_request(name))).text

    async with anyio.create_task_group() as group:
        group.start_soon(call, "a")
        group.start_soon(call, "b")
    assert {request.messages[0].content: text for request, text in zip(backend.requests, ["one", "two"], strict=True)} == got


async def test_functions() -> None:
    """A function answers from the request, at once or later, and may fail by returning or raising."""

    def plain(request: Request) -> str | Exception:
        return OverloadedError("x") if request.messages[0].content == "fail" else request.messages[0].content.upper()

    async def later(request: Request) -> str:
        await anyio.lowlevel.checkpoint()
        return request.messages[0].content * 2

    assert "HI" == (await ScriptedBackend(plain).complete(a_request("hi"))).text
    assert "hihi" == (await ScriptedBackend(later).complete(a_request("hi"))).text
    with pytest.raises(OverloadedError):
        await ScriptedBackend(plain).complete(a_request("fail"))


async def test_texts_are_counted_from_above() -> None:
    """A text has no token counts of its own: they are estimated."""
    completion = await ScriptedBackend(["four"]).complete(a_request("hi"))
    assert Tokens(prompt=2 + 16 + 64, completion=4, estimated=True) == completion.tokens


async def test_schemas_are_answered_on_demand() -> None:
    """By default a request with a schema is refused and not on record; with `structured` it is answered as any other."""
    request = Request(**{**dict(a_request("x")), "reply_schema": {"type": "object"}})
    backend = ScriptedBackend(["one"])
    with pytest.raises(UnsupportedError, match="scripted without structured replies"):
        await backend.complete(request)
    assert [] == backend.requests
    assert '{"a": 1}' == (await ScriptedBackend(['{"a": 1}'], structured=True).complete(request)).text
