"""A server is named and no model: the one that it has is used, and said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from command import Cli
from contemplate import InputError, Noted, Orchestrator, ScriptedBackend, solve
from loopback import Loopback


def listed(*names: str) -> dict[str, Any]:
    """A list of models as most servers give it."""
    return {"object": "list", "data": [{"id": name, "object": "model"} for name in names]}


ONE: list[Any] = [
    listed("qwen3"),
    listed("qwen3", "qwen3"),
    {"models": [{"name": "qwen3", "model": "qwen3"}], "object": "list", "data": [{"id": "qwen3"}]},
    {"models": [{"name": "qwen3"}]},
    [{"id": "qwen3"}],
]


@pytest.mark.parametrize("listing", ONE, ids=["one", "twice", "both lists", "models", "bare list"])
def test_one_is_used_and_said(cli: Cli, loopback: Loopback, listing: Any) -> None:
    """The calls carry its name, and standard error says which it is."""
    loopback.listing = listing
    said = cli("ask", "6 * 7?", "--base-url", loopback.url, "--strategy", "single", "--json")

    assert (said.status, said.json["models"]) == (0, ["qwen3"])
    assert said.err == f"contemplate: no model named: using qwen3, the only one at {loopback.url}\n"
    assert {seen.body["model"] for seen in loopback.seen} == {"qwen3"}


def test_from_the_environment(cli: Cli, loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment variable is as good as the option."""
    monkeypatch.setenv("CONTEMPLATE_BASE_URL", loopback.url)
    said = cli("ask", "6 * 7?", "--strategy", "single", "--json")

    assert said.json["models"] == ["any"]


def test_from_the_settings(cli: Cli, loopback: Loopback) -> None:
    """A settings file too."""
    Path("contemplate.toml").write_text(f'base_url = "{loopback.url}"\n')
    said = cli("ask", "6 * 7?", "--strategy", "single", "--json", "--project", ".")

    assert said.json["models"] == ["any"]


def test_a_named_model_is_not_asked_about(cli: Cli, loopback: Loopback) -> None:
    """Also where the server does not list it."""
    loopback.listing = listed("a", "b")
    said = cli("ask", "6 * 7?", "--base-url", loopback.url, "--model", "c", "--strategy", "single", "--json")

    assert (said.status, said.json["models"], said.err) == (0, ["c"], "")


@pytest.mark.parametrize(
    ("listing", "message"),
    [
        (listed("b", "a"), "2 models are served there, so one must be named (--model): b, a"),
        (listed(*(f"m{n}" for n in range(40))), "40 models are served there"),
        (listed(), "its list of models is empty"),
        (404, "it does not say which models it has (HTTP 404)"),
        (401, "(HTTP 401)"),
        (301, "(HTTP 301)"),
        ({"error": "no"}, "(it is no list of models)"),
        ({"data": "qwen3"}, "(it is no list of models)"),
        ("qwen3", "(it is no list of models)"),
        ({"data": [{"id": 3}, {"id": " "}, None]}, "its list of models is empty"),
    ],
)
def test_otherwise_one_line(cli: Cli, loopback: Loopback, listing: Any, message: str) -> None:
    """Several are named; none, or no list, is bad input. Nobody is asked the question, and no ledger is filled."""
    loopback.listing = listing
    said = cli("ask", "6 * 7?", "--base-url", loopback.url)

    assert (said.status, said.out, loopback.seen) == (2, "", [])
    assert message in said.err
    assert said.err.count("\n") == 1


def test_nobody_there(cli: Cli) -> None:
    """As where a model is named."""
    said = cli("ask", "6 * 7?", "--base-url", "http://127.0.0.1:9/v1")

    assert said.status == 2
    assert said.err.startswith("contemplate: base URL http://127.0.0.1:9/v1: nothing answers there")


def test_what_asks_nobody_pings_nobody(cli: Cli, loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of runs needs no model."""
    monkeypatch.setenv("CONTEMPLATE_BASE_URL", loopback.url)
    loopback.listing = listed("a", "b")

    assert (cli("list", "runs").status, loopback.pings) == (0, 0)


def test_compare(cli: Cli, loopback: Loopback) -> None:
    """An experiment takes it as well, and says so first."""
    Path("q.jsonl").write_text(json.dumps({"question": "6 * 7?", "gold": "42", "kind": "number"}) + "\n")
    said = cli("compare", "--strategies", "single", "--questions", "q.jsonl", "--base-url", loopback.url)

    assert said.status == 0
    assert said.err.startswith(f"contemplate: no model named: using any, the only one at {loopback.url}\n")
    assert {seen.body["model"] for seen in loopback.seen} == {"any"}


async def test_in_python(loopback: Loopback) -> None:
    """`solve` the same; an observer is told."""
    told: list[Any] = []
    outcome = await solve("6 * 7?", "single", base_url=loopback.url, ledger=":memory:", on_event=told.append)

    assert outcome.models == ("any",)
    assert [event.message for event in told if isinstance(event, Noted)] == [
        f"no model named: using any, the only one at {loopback.url}"
    ]


async def test_several_in_python(loopback: Loopback) -> None:
    """An `InputError` that names them."""
    loopback.listing = listed("a", "b")
    with pytest.raises(InputError, match=r"2 models are served there, .*: a, b"):
        await solve("6 * 7?", "single", base_url=loopback.url, ledger=":memory:")


async def test_it_is_asked_once(loopback: Loopback) -> None:
    """An orchestrator remembers it."""
    async with Orchestrator(base_url=loopback.url, ledger=":memory:") as orchestrator:
        for question in ("1?", "2?"):
            await orchestrator.solve(question, "single")
        pings = loopback.pings

    assert pings <= 2  # the list, and whether the server answers


async def test_a_backend_that_was_given_answers_itself() -> None:
    """The base URL is no reason to ask anybody then."""
    outcome = await solve(
        "6 * 7?", "single", base_url="http://127.0.0.1:9/v1", backend=ScriptedBackend("Answer: 42"), ledger=":memory:"
    )

    assert outcome.decision is not None


async def test_the_key_in_the_environment(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list behind a key is read with the key for the base URL."""
    loopback.list_key = "the-key"
    monkeypatch.setenv("CONTEMPLATE_API_KEY", "the-key")
    outcome = await solve("6 * 7?", "single", base_url=loopback.url, ledger=":memory:")

    assert outcome.models == ("any",)


async def test_the_key_that_was_given(loopback: Loopback) -> None:
    """`api_key` goes before it; a wrong one is bad input."""
    loopback.list_key = "the-key"
    outcome = await solve("6 * 7?", "single", base_url=loopback.url, api_key="the-key", ledger=":memory:")

    assert outcome.models == ("any",)
    with pytest.raises(InputError, match="HTTP 401"):
        await solve("6 * 7?", "single", base_url=loopback.url, api_key="another", ledger=":memory:")
