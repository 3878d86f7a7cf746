"""Fixtures that all tests share."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from contemplate.orchestration import ledger_secret
from loopback import Loopback
from postgres import PostgresServer, binaries
from stage import Stage
from virtual_time import Virtually, run_virtually

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # whoever imports it, as DSPy does: it fetches nothing
settings.register_profile("shared-machine", deadline=None)  # others may be using it: how long an example takes says nothing
settings.load_profile("shared-machine")


@pytest.fixture(scope="session", autouse=True)
def one_secret() -> Iterator[None]:
    """All ledgers have one secret, so that scripted agents are asked the same in each; tests of secrets draw real ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger_secret, "draw_secret", lambda: "5e" * 32)
        yield


@pytest.fixture(autouse=True)
def asyncio_as_it_was() -> Iterator[None]:
    """No library that was called has put its own `asyncio.run` in the place of Python's: loops would stay open after it."""
    before = asyncio.run
    yield
    assert asyncio.run is before


@pytest.fixture(scope="session", autouse=True)
def nobodys_ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Runs that name no ledger are kept where no user's are, and no user's settings count."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CONTEMPLATE_LEDGER", raising=False)
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        yield


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A started OpenAI-compatible server on loopback, in a thread of its own; see tests/loopback.py."""
    with Loopback() as server:
        yield server


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of the recorded replies; where it is missing the tests are skipped, and under CI they fail."""
    return _shared("data")


@pytest.fixture(scope="session")
def cases() -> Path:
    """The folder of the small inputs; where it is missing the tests are skipped, and under CI they fail."""
    return _shared("cases")


def _shared(name: str) -> Path:
    folder = Path(__file__).parents[2] / "shared" / name
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


@pytest.fixture(scope="session")
def in_virtual_time() -> Virtually:
    """Runs a coroutine on a loop whose clock starts at 0 and skips every sleep; a deadlock raises RuntimeError."""
    return run_virtually
