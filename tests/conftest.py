"""Fixtures that all tests share."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import selectors
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from loopback import Loopback
    from postgres import PostgresServer

T = TypeVar("T")


@pytest.fixture(scope="session")
def loopback_type() -> type[Loopback]:
    """The class of the server, from tests/loopback.py: by its path, as the tests are no package and not on sys.path."""
    spec = importlib.util.spec_from_file_location("loopback", Path(__file__).with_name("loopback.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["loopback"] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module.Loopback  # type: ignore[no-any-return]


@pytest.fixture
def loopback(loopback_type: type[Loopback]) -> Iterator[Loopback]:
    """A started OpenAI-compatible server on loopback, in a thread of its own; see tests/loopback.py."""
    with loopback_type() as server:
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
def postgres() -> Iterator[PostgresServer]:
    """A server, one for each process of the tests; see tests/postgres.py. Skipped where there is none, but not under CI."""
    spec = importlib.util.spec_from_file_location("postgres", Path(__file__).with_name("postgres.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["postgres"] = module
    spec.loader.exec_module(module)
    if (programs := module.binaries()) is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL's server is not installed")
        pytest.skip("PostgreSQL's server is not installed")
    with module.PostgresServer(programs) as server:
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
