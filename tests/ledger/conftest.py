"""A fresh ledger of each kind, and values to put into it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

import contemplate
from builders import a_request
from contemplate.ledger import open_ledger
from contemplate.ledger.base import RunRecord, Sent
from contemplate.ledger.sqlite import SQLiteLedger
from contemplate.ledger.tables import TableLedger
from contemplate.types import Completion, Request, Tokens, Turn


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> str:
    """Where a ledger is, once of each kind; nothing is there yet."""
    return str(request.getfixturevalue("path" if request.param == "sqlite" else "address"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the ledger is; nothing is there yet."""
    return tmp_path / "ledger.db"


@pytest.fixture
async def ledger(place: str) -> AsyncIterator[TableLedger]:
    """An open ledger, once of each kind."""
    ledger = await open_ledger(place)
    assert isinstance(ledger, TableLedger)
    yield ledger
    await ledger.aclose()


@pytest.fixture
async def file_ledger(path: Path) -> AsyncIterator[SQLiteLedger]:
    """An open ledger in a file."""
    ledger = await SQLiteLedger.open(path)
    yield ledger
    await ledger.aclose()


@pytest.fixture
def request_of() -> Callable[[str], Request]:
    """Makes a request of a text."""
    return a_request


@pytest.fixture
def completion_of() -> Callable[[str], Completion]:
    """Makes a completion of a text."""
    return lambda text: Completion(text=text, tokens=Tokens(prompt=7, completion=5), model="m-1")


@pytest.fixture
def sent_of() -> Callable[[str], Sent]:
    """Makes an attempt of the run "run-1" with that id, at a worst case of 30 tokens and a dollar."""
    worst = Tokens(prompt=10, completion=20)
    return lambda call: Sent(call=call, run="run-1", turn="1.propose/seat-1", key="k", tokens=worst, usd=1.0)


@pytest.fixture
def turn_of() -> Callable[[str], Turn]:
    """Makes a turn with that id."""
    return lambda turn: Turn(id=turn, step="1.propose", verb="propose", seat="seat-1", text="I say \ud800\x00 this", key="k")


@pytest.fixture
def record_of() -> Callable[[str], RunRecord]:
    """Makes a running run with that id."""
    return lambda run: RunRecord(run=run, created=1000.5, state="running", spec={"question": "why\ud83d", "seed": 3})


@pytest.fixture
def environment() -> dict[str, str]:
    """What a child process needs to import contemplate."""
    return {**os.environ, "PYTHONPATH": str(Path(contemplate.__file__).parents[1])}


@pytest.fixture
def unprivileged() -> Iterator[None]:
    """Permissions hold: the superuser, whom none bind, acts as nobody."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
