"""The event loop that the command line and `solve_sync` run on."""

from __future__ import annotations

import asyncio
import importlib.util

import pytest

from contemplate import ScriptedBackend, concurrency, solve_sync
from contemplate.cli.signals import EventLoop, run_async
from contemplate.types import Request


async def kind() -> str:
    """The module of the running loop."""
    return type(asyncio.get_running_loop()).__module__.partition(".")[0]


@pytest.fixture(params=["with", "without"])
def wanted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The loop that is used where uvloop is installed, and where it is not."""
    if request.param == "without":
        monkeypatch.setattr(concurrency, "find_spec", lambda _: None)
        return "asyncio"
    if importlib.util.find_spec("uvloop") is None:
        pytest.skip("uvloop is not there")
    return "uvloop"


def test_commands(wanted: str) -> None:
    """A command runs on the quick one, once or again and again."""
    assert run_async(kind) == wanted
    with EventLoop() as loop:
        assert [loop.run(kind), loop.run(kind)] == [wanted, wanted]


def test_code_that_is_not_async(wanted: str) -> None:
    """`solve_sync` does."""
    seen: list[str] = []

    async def answer(_: Request) -> str:
        seen.append(await kind())
        return "Answer: 4"

    outcome = solve_sync("2 + 2?", "single", answer="number", models=["m"], backend=ScriptedBackend(answer), ledger=":memory:")
    assert outcome.value == 4
    assert seen == [wanted]
