"""Fixtures that all tests share."""

from __future__ import annotations

import asyncio
import os
import selectors
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from loopback import Loopback
from postgres import PostgresServer, binaries
from stage import Stage

T = TypeVar("T")


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A started OpenAI-compatible server on loopback, in a thread of its own; see tests/loopback.py."""
    with Loopback() as server:
        yield server


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of the recorded replies; where it is missing the tests are skipped, and under CI they fail."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{folder} is missing")
        pytest.skip(f"{folder} is not there")
    return folder


@pytest.fixture(scope="session")
def stage() -> Stage:
    """Runs a recipe (or a strategy) with scripted agents on an empty ledger; see tests/stage.py."""
    return Stage()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server, one for each process of the tests; see tests/postgres.py. Skipped where there is none, but not under CI."""
    if (programs := binaries()) is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL's server is not installed")
        pytest.skip("PostgreSQL's server is not installed")
    with PostgresServer(programs) as server:
        yield server


@pytest.fixture
def address(postgres: PostgresServer) -> str:
    """The address of a database without a ledger."""
    return postgres.emptied()


class _SkippingSelector(selectors.DefaultSelector):
    """Passes the time that a loop would sleep in no time, and adds it up."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                message = "everybody waits, and nothing will ever happen"
                raise RuntimeError(message)
            self.now += max(timeout, 0.0)
        return ready


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._virtual = _SkippingSelector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now


@pytest.fixture
def in_virtual_time() -> Callable[[Coroutine[Any, Any, T]], T]:
    """Runs a coroutine on a loop whose clock starts at 0 and skips every sleep; a deadlock raises RuntimeError."""
    return _run_virtually


def _run_virtually(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=_VirtualLoop) as runner:
        return runner.run(work)
