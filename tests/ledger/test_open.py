"""Where the ledger is, and how it is opened."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

import contemplate.ledger
from contemplate.errors import InputError, LedgerError
from contemplate.ledger import default_path, open_ledger
from contemplate.ledger.base import Ledger
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


@pytest.mark.parametrize("address", ["postgresql://me:secret-word@host/db", "postgres://host/db", "sqlite:///x.db"])
async def test_server(address: str) -> None:
    """The address of a server is refused, without repeating what may be a password."""
    with pytest.raises(InputError, match="this version keeps its ledger in a SQLite file") as caught:
        await open_ledger(address)
    assert "secret-word" not in str(caught.value)


def test_refused(path: Path) -> None:
    """What the file is refused for reaches whoever opens it."""
    path.write_text("no ledger")
    with pytest.raises(LedgerError, match="not a contemplate ledger"):
        asyncio.run(open_ledger(path))


def test_lazy_names() -> None:
    """The package offers the ledgers by name, and no others."""
    assert SQLiteLedger is contemplate.ledger.SQLiteLedger
    assert Ledger is contemplate.ledger.Ledger
    with pytest.raises(AttributeError, match="no attribute 'Postgres'"):
        _ = contemplate.ledger.Postgres


def test_import_is_light(environment: dict[str, str]) -> None:
    """Naming the package does not import SQLite."""
    program = "import contemplate.ledger, sys; print('sqlite3' in sys.modules, 'platformdirs' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert "False False\n" == done.stdout
