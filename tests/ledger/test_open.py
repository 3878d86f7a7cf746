"""Where the ledger is, and how it is opened."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

import contemplate.ledger
from contemplate.errors import InputError, LedgerError
from contemplate.ledger import default_location, default_path, open_ledger, public_location
from contemplate.ledger.base import Ledger
from contemplate.ledger.postgres import PostgresLedger
from contemplate.ledger.sqlite import SQLiteLedger


def test_default_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The environment names it; else it is in the user's data folder. Nothing is made."""
    monkeypatch.setenv("CONTEMPLATE_LEDGER", str(tmp_path / "mine.db"))
    assert tmp_path / "mine.db" == default_path()
    monkeypatch.setenv("CONTEMPLATE_LEDGER", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert "ledger.db" == default_path().name
    assert "contemplate" == default_path().parent.name
    assert [] == list(tmp_path.iterdir())


def test_open_ledger(monkeypatch: pytest.MonkeyPatch, path: Path, tmp_path: Path) -> None:
    """A path opens that file, and nothing the default one."""
    monkeypatch.setenv("CONTEMPLATE_LEDGER", str(tmp_path / "default.db"))

    async def open_and_close(where: Path | str | None) -> None:
        ledger = await open_ledger(where)
        assert isinstance(ledger, SQLiteLedger)
        await ledger.aclose()

    for where in (path, str(path), None):
        asyncio.run(open_and_close(where))
    assert ["default.db", "ledger.db"] == sorted(file.name for file in tmp_path.iterdir())


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
async def test_server(scheme: str, address: str) -> None:
    """The address of a PostgreSQL server opens a ledger there."""
    ledger = await open_ledger(address.replace("postgresql", scheme, 1))
    assert isinstance(ledger, PostgresLedger)
    await ledger.aclose()


@pytest.mark.parametrize("address", ["mysql://me:secret-word@host/db", "sqlite:///x.db", "://x"])
async def test_other_server(address: str) -> None:
    """An address of another kind is refused, without repeating what may be a password."""
    with pytest.raises(InputError, match=r"a ledger can't be kept at a .*give a file, or postgresql://") as caught:
        await open_ledger(address)
    assert "secret-word" not in str(caught.value)


async def test_default_server(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """The environment may name an address too."""
    monkeypatch.setenv("CONTEMPLATE_LEDGER", address)
    assert address == default_location()
    ledger = await open_ledger()
    assert isinstance(ledger, PostgresLedger)
    await ledger.aclose()


def test_public_location(path: Path) -> None:
    """A file is shown as it is, an address without what is secret in it."""
    assert str(path) == public_location(path)
    assert ":memory:" == public_location(":memory:")
    assert "postgresql://host:5433/db" == public_location("postgres://me:secret@host:5433/db?sslmode=require&password=secret")


def test_refused(path: Path) -> None:
    """What the file is refused for reaches whoever opens it."""
    path.write_text("no ledger")
    with pytest.raises(LedgerError, match="not a contemplate ledger"):
        asyncio.run(open_ledger(path))


def test_lazy_names() -> None:
    """The package offers the ledgers by name, and no others."""
    assert SQLiteLedger is contemplate.ledger.SQLiteLedger
    assert PostgresLedger is contemplate.ledger.PostgresLedger
    assert Ledger is contemplate.ledger.Ledger
    with pytest.raises(AttributeError, match="no attribute 'Postgres'"):
        _ = contemplate.ledger.Postgres


def test_import_is_light(environment: dict[str, str]) -> None:
    """Naming the package, or a ledger, imports no database."""
    program = (
        "import contemplate.ledger, contemplate.ledger.postgres, sys;"
        "print([name for name in ('sqlite3', 'platformdirs', 'psycopg') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert "[]\n" == done.stdout
