"""The server of the panel, with the SDK's own client: in this process, over HTTP, and over standard streams."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from mcp.shared._httpx_utils import create_mcp_http_client

from contemplate import Budget, InputError, Orchestrator, Request, ScriptedBackend
from contemplate.cli.approval import approver
from contemplate.mcp import Desk, Rules
from contemplate.mcp.server import make_server
from contemplate.mcp.serving import Address, serve_http
from loopback import Loopback
from mcp import Client, MCPError, StdioServerParameters

TOOLS = (("calculator", '"expression": "6 * 7"'), ("erase", ""))
ASKED = {"question": "What is 6 * 7?", "answer": "number", "strategy": "self-consistency", "parameters": {"seats": 3}}


def say(request: Request) -> str:
    """Sevens are counted."""
    return "Answer: 42" if "6 * 7" in request.messages[-1].text else "Answer: 1"


@asynccontextmanager
async def desk(backend: ScriptedBackend | None = None, **rules: object) -> AsyncIterator[Desk]:
    """A desk on an empty ledger."""
    async with Orchestrator(["m"], backend=backend or ScriptedBackend(say), ledger=":memory:") as orchestrator:
        yield Desk(orchestrator, Rules(**rules))  # type: ignore[arg-type]


@asynccontextmanager
async def served(where: Desk, address: Address | None = None) -> AsyncIterator[str]:
    """The address of a desk that is served over HTTP, in this process."""
    sender, receiver = anyio.create_memory_object_stream[str](1)
    with sender, receiver:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(serve_http, where, address or Address(port=0), sender.send_nowait)
            yield await receiver.receive()
            tasks.cancel_scope.cancel()


async def check_all(client: Client) -> None:
    """Each tool, resource and prompt once."""
    lines: list[str] = []

    async def progress(number: float, _: float | None, message: str | None) -> None:
        assert len(lines) + 1 == number
        lines.append(message or "")

    asked = await client.call_tool("contemplate", ASKED, progress_callback=progress)
    found = asked.structured_content
    assert found is not None
    assert ("42", True, ["seat-1", "seat-2", "seat-3"]) == (found["answer"], found["answered"], found["tally"][0]["seats"])
    assert lines[0].startswith(f"run {found['run']}: self-consistency")
    assert {"1.propose/seat-2: m is asked", "1.propose/seat-3: 42", "2.vote: 42"} <= set(lines)

    shown = (await client.call_tool("show", {"run": found["run"], "texts": True})).structured_content
    assert shown is not None
    assert ["1.propose/seat-1", "1.propose/seat-2", "1.propose/seat-3", "2.vote"] == [turn["id"] for turn in shown["turns"]]
    assert "Answer: 42" == shown["turns"][0]["text"]
    again = (await client.call_tool("redecide", {"runs": [found["run"]], "rules": ["plurality", "unanimity"]})).structured_content
    assert again is not None
    assert [("plurality", 3), ("unanimity", 3)] == [(row["rule"], again["samples"]) for row in again["rows"]]

    questions = [{"question": f"What is 6 * {n}?", "answer": f"{6 * n}", "kind": "number"} for n in (7, 8)]
    compared = await client.call_tool("compare", {"strategies": ["single", "self-consistency"], "questions": questions})
    assert compared.structured_content is not None
    assert [("single", 0.5), ("self-consistency", 0.5)] == [
        (row["strategy"], row["accuracy"]) for row in compared.structured_content["standings"]
    ]
    assert "| single | 2 |" in compared.structured_content["report"]

    for uri, kind, holds in (
        ("contemplate://runs", "application/json", found["run"]),
        (f"contemplate://runs/{found['run']}", "application/json", "seat-3"),
        (found["page"], "text/html", "<!doctype html>"),
        ("contemplate://recipes", "application/json", "self-consistency"),
        ("contemplate://recipes/single", "application/yaml", "steps:"),
    ):
        (content,) = (await client.read_resource(uri)).contents
        assert kind == content.mime_type
        assert holds in content.text  # type: ignore[union-attr]
    prompt = await client.get_prompt("self-consistency", {"question": "Why?"})
    assert "'self-consistency'" in prompt.messages[0].content.text  # type: ignore[union-attr]
    assert prompt.messages[0].content.text.endswith("Why?")  # type: ignore[union-attr]


async def test_over_http() -> None:
    """Streamable HTTP, through sockets of this machine."""
    async with desk() as here, served(here) as url, Client(url) as client:
        await check_all(client)


@pytest.mark.slow
async def test_over_standard_streams(loopback: Loopback, tmp_path: Path) -> None:
    """The command itself, on a server that speaks OpenAI's protocol; nothing but the protocol is on its standard output."""
    loopback.script = lambda seen: "Answer: 42" if "6 * 7" in seen.body["messages"][-1]["content"] else "Answer: 1"
    words = ["-m", "contemplate", "mcp", "--model", "m", "--base-url", loopback.url, "--ledger", str(tmp_path / "l.db")]
    root = str(Path(__file__).parents[2])
    async with Client(StdioServerParameters(command=sys.executable, args=words, env={"PYTHONPATH": root})) as client:
        await check_all(client)


@pytest.mark.parametrize(
    ("tool", "words", "why"),
    [
        ("contemplate", {}, "contemplate: question: 'question' is missing"),
        ("contemplate", {"question": "x", "seed": "no"}, "contemplate: seed: expected a whole number, not 'no'"),
        ("contemplate", {"question": "x", "answer": "numbr"}, "contemplate: answer: 'numbr' is not allowed here; allowed: "),
        (
            "compare",
            {"strategies": ["single"], "questions": [{"question": "x"}]},
            "compare: questions.1.answer: 'answer' is missing",
        ),
    ],
)
async def test_arguments_that_do_not_fit_get_one_line(tool: str, words: dict[str, object], why: str) -> None:
    """Ours, and not the many of pydantic."""
    async with desk() as here, Client(make_server(here)) as client:
        (said,) = (await client.call_tool(tool, words)).content
    assert said.text.startswith(why)
    assert "\n" not in said.text
    assert "pydantic" not in said.text


async def test_tools_have_schemas_both_ways() -> None:
    """What goes in and what comes out."""
    async with desk() as here, Client(make_server(here)) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert ["contemplate", "compare", "show", "redecide"] == list(tools)
        assert ["question"] == tools["contemplate"].input_schema["required"]
        assert "context" not in tools["contemplate"].input_schema["properties"]
        assert all(tool.output_schema and tool.output_schema["properties"] for tool in tools.values())
        prompts = (await client.list_prompts()).prompts
        assert here.strategies == [prompt.name for prompt in prompts]
        assert all(prompt.description for prompt in prompts)


@pytest.mark.parametrize(
    ("tool", "words", "why"),
    [
        ("contemplate", {"question": "x", "strategy": "sinlge"}, "did you mean 'single'?"),
        ("contemplate", {"question": "x", "strategy": "/etc/passwd.yaml"}, "no strategy called"),
        ("contemplate", {"question": "x", "models": ["m@http://127.0.0.1:1/v1"]}, "no model called"),
        ("contemplate", {"question": ""}, "the question is empty"),
        ("contemplate", {"question": "x", "parameters": {"seets": 3}, "strategy": "self-consistency"}, "seets"),
        ("contemplate", {"question": "x", "privacy": "local"}, "labelled local"),
        ("compare", {"strategies": [], "questions": [{"question": "x", "answer": "y"}]}, "1 to 20 strategies"),
        ("show", {"run": "none"}, "no run called 'none'"),
        ("redecide", {"rules": ["plurality"]}, "run"),
    ],
)
async def test_what_was_foreseen_is_told(tool: str, words: dict[str, object], why: str) -> None:
    """As an error of the tool, in one line; no model is called."""
    backend = ScriptedBackend(say)
    async with desk(backend) as here, Client(make_server(here)) as client:
        result = await client.call_tool(tool, words)
    assert result.is_error
    assert why in result.content[0].text  # type: ignore[union-attr]
    assert "\n" not in result.content[0].text  # type: ignore[union-attr]
    assert [] == backend.requests


async def test_a_resource_that_is_not_there() -> None:
    """Is told in our words."""
    async with desk() as here, Client(make_server(here)) as client:
        with pytest.raises(MCPError, match="no run called 'none'"):
            await client.read_resource("contemplate://pages/none")


async def test_the_servers_label_holds_for_all() -> None:
    """Whoever asks can't widen it."""
    backend = ScriptedBackend(say)
    async with desk(backend, privacy="local") as here, Client(make_server(here)) as client:
        for tool, words in (
            ("contemplate", ASKED),
            ("compare", {"strategies": ["single"], "questions": [{"question": "x", "answer": "y"}]}),
        ):
            result = await client.call_tool(tool, words)
            assert result.is_error
            assert "labelled local" in result.content[0].text  # type: ignore[union-attr]
    assert [] == backend.requests


async def test_tools_of_a_recipe_are_pure_alone_where_nobody_can_be_asked(tmp_path: Path) -> None:
    """As the command sets it up."""

    def erase() -> str:
        """Erase it."""
        raise AssertionError("it was called")

    (tmp_path / "strategies").mkdir()
    recipe = "summary: with tools\ntools: [calculator, erase]\nsteps: [{do: propose, seats: 1}, {do: vote}]\n"
    (tmp_path / "strategies" / "armed.yaml").write_text(recipe, encoding="utf-8")
    asks = [f'<tool_call>{{"name": "{name}", "arguments": {{{words}}}}}</tool_call>' for name, words in TOOLS]
    backend = ScriptedBackend(lambda request: "Answer: 42" if "Result of call" in request.messages[-1].text else "".join(asks))
    async with Orchestrator(
        ["m"], backend=backend, ledger=":memory:", project=tmp_path, approve=approver("never")
    ) as orchestrator:
        orchestrator.tools.names([erase])
        async with Client(make_server(Desk(orchestrator))) as client:
            await client.call_tool("contemplate", {**ASKED, "strategy": "armed", "parameters": {}})
            shown = (await client.call_tool("show", {})).structured_content
        _, turns = await orchestrator.stored("last")
    assert shown is not None
    assert ["calculator", "erase"] == shown["turns"][0]["tools"]
    assert [None, "denied"] == [use.failed for use in turns[0][0].tools]


async def test_budgets_are_the_lesser_of_both() -> None:
    """Nobody asks for more than the server allows."""
    async with desk(budget=Budget(calls=2)) as here, Client(make_server(here)) as client:
        for wanted, calls in ((0, 2), (50, 2), (1, 1)):
            found = (await client.call_tool("contemplate", {**ASKED, "max_calls": wanted, "seed": wanted})).structured_content
            assert found is not None
            assert calls == found["usage"]["calls"]


@pytest.mark.parametrize("transport", ["here", "http"])
async def test_a_call_that_is_cancelled_ends_its_run(transport: str) -> None:
    """At once; it can be resumed."""
    begun, over = anyio.Event(), anyio.Event()
    ended: list[float] = []

    async def slow(_: Request) -> str:
        begun.set()
        try:
            await anyio.sleep(60)
        finally:
            ended.append(anyio.current_time())
            over.set()
        return "Answer: 42"

    async with desk(ScriptedBackend(slow)) as here:

        async def cancelled(client: Client) -> None:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(client.call_tool, "contemplate", {**ASKED, "strategy": "single", "parameters": {}})
                await begun.wait()
                asked = anyio.current_time()
                tasks.cancel_scope.cancel()
            with anyio.fail_after(5):
                await over.wait()
                while (await here.orchestrator.run("last")).state != "interrupted":  # noqa: ASYNC110 - of another part
                    await anyio.sleep(0.01)
            assert ended[0] - asked < 2

        if transport == "here":
            async with Client(make_server(here)) as client:
                await cancelled(client)
        else:
            async with served(here) as url, Client(url) as client:
                await cancelled(client)


async def test_a_token_is_wanted_where_it_was_given() -> None:
    """Without it, or with another one, nothing is answered."""
    token = "a-token-of-length"
    async with desk() as here, served(here, Address(port=0, token=token)) as url:
        for sent, status in ((None, 401), ("another-token-of-length", 401), (token, 400)):
            async with create_mcp_http_client(headers={"Authorization": f"Bearer {sent}"} if sent else {}) as http:
                assert status == (await http.post(url, json={})).status_code


async def test_pages_elsewhere_can_not_speak_to_it() -> None:
    """Another Host, or an Origin that is not the server's."""
    async with desk() as here, served(here) as url, create_mcp_http_client() as http:
        body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
            sent = {"Accept": "application/json, text/event-stream", **headers}
            assert (await http.post(url, json=body, headers=sent)).status_code in {403, 421}


def test_hosts_that_others_reach_need_a_token() -> None:
    """And a token has a length."""
    with pytest.raises(InputError, match="needs a token"):
        Address(host="0.0.0.0").checked()
    with pytest.raises(InputError, match="16"):
        Address(token="short").checked()


async def test_a_port_that_is_taken() -> None:
    """Is told in one line."""
    async with desk() as here, served(here) as url:
        port = int(url.rpartition(":")[2].partition("/")[0])
        with pytest.raises(InputError, match="can't listen there"):
            await serve_http(here, Address(port=port), print)
