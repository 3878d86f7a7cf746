"""Tools on real MCP servers, over both transports."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from contemplate import InputError, McpServer, Orchestrator, Outcome, Request, ScriptedBackend
from contemplate.orchestration.settings import read_settings

SHOP = str(Path(__file__).parent / "shop.py")
STDIO = McpServer(name="shop", command=(sys.executable, SHOP), pure=("stock",))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of a shop that runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen([sys.executable, SHOP, str(port)], stderr=subprocess.DEVNULL) as shop:
        try:
            until = time.monotonic() + 30
            while time.monotonic() < until:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            shop.terminate()


def calling(*calls: tuple[str, str]) -> ScriptedBackend:
    """An agent that makes all the calls at once, and then answers."""
    asks = "".join(f'<tool_call>{{"name": "{name}", "arguments": {arguments}}}</tool_call>' for name, arguments in calls)

    def say(request: Request) -> str:
        return "Answer: 12" if "Result of call" in request.messages[-1].text else asks

    return ScriptedBackend(say)


async def asked(backend: ScriptedBackend, *tools: McpServer | str, servers: tuple[McpServer, ...] = ()) -> Outcome:
    """A question to one seat, and its replay."""
    async with Orchestrator(["m"], backend=backend, ledger=":memory:") as orchestrator:
        orchestrator.tools.names(servers)
        outcome = await orchestrator.solve("How many apples are there?", "single", answer="number", tools=tools)
        assert (await orchestrator.replay(outcome.run)).difference is None
    return outcome


CALLS = (
    ("shop_stock", '{"item": "apples"}'),
    ("shop_stock", '{"item": "pears"}'),
    ("shop_sell", '{"item": "apples", "count": "x"}'),
)


@pytest.mark.parametrize("transport", ["stdio", pytest.param("http", marks=pytest.mark.slow)])
async def test_tools_of_a_server_are_called(transport: str, request: pytest.FixtureRequest) -> None:
    """Results, errors of its own in its own words, and arguments that it refuses."""
    server = STDIO if transport == "stdio" else McpServer(name="shop", url=request.getfixturevalue("address"))
    backend = calling(*CALLS)
    outcome = await asked(backend, server)
    stock, none, sold = outcome.trace.turns[0].tools

    assert ("12", None) == (stock.result, stock.failed)
    assert ("error", "Error executing tool stock: there are no pears here") == (none.failed, none.error)
    assert "error" == sold.failed
    assert "count" in (sold.error or "")
    assert (transport == "stdio") == stock.pure
    offer = backend.requests[0].messages[-1].text
    assert "How many of an item there are." in offer
    assert "<|im_start|>" not in offer


@pytest.mark.slow
async def test_one_tool_of_a_server_can_be_granted() -> None:
    """By its own name; the others are not there."""
    outcome = await asked(calling(*CALLS[:1], ("shop_close", "{}")), "shop_stock", servers=(STDIO,))

    assert [None, "unknown"] == [use.failed for use in outcome.trace.turns[0].tools]


@pytest.mark.slow
async def test_a_server_that_goes_away_is_a_failed_call() -> None:
    """And the run goes on."""
    outcome = await asked(calling(("shop_close", "{}"), ("shop_stock", '{"item": "apples"}')), STDIO)

    assert ["unreachable", "unreachable"] == [use.failed for use in outcome.trace.turns[0].tools]
    assert "12" == outcome.answer


@pytest.mark.parametrize(
    ("server", "why"),
    [
        (McpServer(name="no", command=("/nowhere/program",)), "there is no program"),
        (McpServer(name="no", command=(sys.executable, "-c", "raise SystemExit('out of order')")), "out of order"),
        (McpServer(name="no", url="http://127.0.0.1:9/mcp"), "ConnectError"),
        (McpServer(name="no", url="http://127.0.0.1:9/mcp", key_variable="NO_SUCH_KEY"), "NO_SUCH_KEY"),
        pytest.param(
            McpServer(name="shop", command=(sys.executable, SHOP), only=("buy",)), "no tool buy", marks=pytest.mark.slow
        ),
    ],
)
async def test_a_server_that_can_not_be_used_is_refused_before_any_call(server: McpServer, why: str) -> None:
    """In one line."""
    backend = calling()
    with pytest.raises(InputError, match=why) as refused:
        await asked(backend, server)
    assert "\n" not in str(refused.value)
    assert [] == backend.requests


def test_settings_name_servers(tmp_path: Path) -> None:
    """Under [tool.NAME]; a mistake is named with its place."""
    file = tmp_path / "contemplate.toml"
    file.write_text('[tool.shop]\ncommand = ["python", "shop.py"]\nonly = ["stock"]\nprivacy = "local"\n')
    assert ("python", "shop.py") == read_settings(file).tool["shop"].command
    for text, why in (
        ('[tool.shop]\ncommand = "x"\nurl = "http://a"', "either a command or a url"),
        ('[tool.shop]\ncomand = "x"', "comand"),
        ('[tool.shop]\nurl = "ftp://a"', "no http address"),
    ):
        file.write_text(text)
        with pytest.raises(InputError, match=why):
            read_settings(file)
