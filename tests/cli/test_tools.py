"""Tools on the command line: granted, approved, limited, and shown, on a server that does native calls."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from command import Cli
from loopback import Loopback, Reply, Seen

ASK = ("ask", "How many apples are there?", "--answer", "number", "--strategy", "single")
SHOP = Path(__file__).parent.parent / "tools" / "shop.py"


def native(tool: str, arguments: str) -> object:
    """A script that calls a tool in the protocol's form, and then answers."""

    def say(seen: Seen) -> Reply:
        if any(message["role"] == "tool" for message in seen.body["messages"]):
            return Loopback.reply("Answer: 391")
        call = {"id": "c1", "type": "function", "function": {"name": tool, "arguments": arguments}}
        return Loopback.reply(None, message={"tool_calls": [call]}, finish="tool_calls")

    return say


def test_a_tool_is_called_and_shown(cli: Cli, served: tuple[str, ...], loopback: Loopback) -> None:
    """In the protocol's own form; the page, `show` and --json have it."""
    loopback.script = native("calculator", '{"expression": "17*23"}')
    asked = cli(*ASK, *served, "--tool", "calculator", "--json").json

    assert "391" == asked["answer"]
    assert 1 == asked["usage"]["tool_calls"]
    first, second = loopback.seen
    assert ["calculator"] == [tool["function"]["name"] for tool in first.body["tools"]]
    assert "<tool_call>" not in first.body["messages"][-1]["content"]
    assert ["user", "assistant", "tool"] == [message["role"] for message in second.body["messages"]]
    assert "c1" == second.body["messages"][-1]["tool_call_id"]
    shown = cli("show", asked["run"]).out
    assert '--- calculator({"expression": "17*23"}) returned in' in shown
    assert "\n391\n" in shown
    cli("view", asked["run"], "--output", "page.html")
    assert '"tool":"calculator"' in Path("page.html").read_text(encoding="utf-8").replace('": "', '":"')
    assert "every turn came out the same" in cli("replay", asked["run"]).out


def test_a_server_that_refuses_tools_is_told_of_them_in_words(cli: Cli, served: tuple[str, ...], loopback: Loopback) -> None:
    """From the first refusal on."""

    def say(seen: Seen) -> Reply:
        if "tools" in seen.body:
            body = b'{"error": {"message": "tools is not supported", "param": "tools", "type": "invalid_request_error"}}'
            return Loopback.reply(status=400, body=body)
        last = seen.body["messages"][-1]["content"]
        call = '<tool_call>{"name": "calculator", "arguments": {"expression": "17*23"}}</tool_call>'
        return Loopback.reply("Answer: 391" if "Result of call 1" in last else call)

    loopback.script = say
    asked = cli(*ASK, *served, "--tool", "calculator", "--json").json

    assert "391" == asked["answer"]
    assert ["tools" in seen.body for seen in loopback.seen] == [True, False, False]


@pytest.mark.slow
@pytest.mark.parametrize(("how", "came"), [("always", "12"), ("never", "failed (denied)"), ("ask", "failed (denied)")])
def test_calls_that_reach_outside_are_approved(
    cli: Cli, served: tuple[str, ...], loopback: Loopback, how: str, came: str
) -> None:
    """Where nobody is there to be asked, none is."""
    folder = Path("project")
    folder.mkdir()
    (folder / "contemplate.toml").write_text(f"[tool.shop]\ncommand = ['{sys.executable}', '{SHOP}']\n", encoding="utf-8")
    loopback.script = native("shop_stock", '{"item": "apples"}')
    said = cli(*ASK, *served, "--tool", "shop", "--approve", how, "--project", str(folder), "--json")

    assert came in cli("show", said.json["run"]).out
    assert ("--approve always" in said.err) == (how == "ask")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--tool", "calculatr"), "did you mean 'calculator'?"),
        (("--tool", "calculator", "--tool-limit", "cals=3"), "calls"),
        (("--tool", "calculator", "--tool-limit", "calls=0"), "calls"),
    ],
)
def test_mistakes_are_named(cli: Cli, served: tuple[str, ...], loopback: Loopback, words: tuple[str, ...], why: str) -> None:
    """In one line; nothing is called."""
    said = cli(*ASK, *served, *words)

    assert 2 == said.status
    assert why in said.err
    assert 1 == said.err.count("\n")
    assert [] == loopback.seen
