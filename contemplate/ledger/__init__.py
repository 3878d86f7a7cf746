"""The durable store of completions, runs, turns and calls; see `contemplate.ledger.base` for what it promises."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from contemplate.deprecated import renamed_names
from contemplate.errors import InputError

if TYPE_CHECKING:
    from contemplate.ledger.base import Ledger
    from contemplate.ledger.postgres import PostgresLedger
    from contemplate.ledger.sqlite import SQLiteLedger

__all__ = ["Ledger", "PostgresLedger", "SQLiteLedger", "default_location", "default_path", "open_ledger", "public_location"]


_renamed = renamed_names(__name__, {"default_place": "default_location", "public_place": "public_location"})


def __getattr__(name: str) -> object:
    """Import the ledgers when they are first asked for: a command that needs none shall not pay for them."""
    if name == "SQLiteLedger":
        from contemplate.ledger.sqlite import SQLiteLedger

        return SQLiteLedger
    if name == "PostgresLedger":
        from contemplate.ledger.postgres import PostgresLedger

        return PostgresLedger
    if name == "Ledger":
        from contemplate.ledger.base import Ledger

        return Ledger
    return _renamed(name)


def default_path() -> Path:
    """The ledger's file when nobody says otherwise: `$CONTEMPLATE_LEDGER`, or the user's data folder. Makes nothing."""
    if named := os.environ.get("CONTEMPLATE_LEDGER"):
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_data_dir("contemplate", appauthor=False)) / "ledger.db"


def default_location() -> str:
    """The ledger's location when nobody says otherwise: the address or file in `$CONTEMPLATE_LEDGER`, or `default_path`."""
    return os.environ.get("CONTEMPLATE_LEDGER") or str(default_path())


def public_location(where: Path | str) -> str:
    """`where` to be shown: an address without user, password and parameters.

    Raises:
        InputError: it is an address that can't be read, or psycopg is not installed.
    """
    if "://" not in str(where):
        return str(where)
    from contemplate.ledger.postgres import public_address

    return public_address(str(where))


async def open_ledger(where: Path | str | None = None, *, shared: bool = False) -> Ledger:
    """Open the ledger at `where`.

    Args:
        where: a file (made if it isn't there), ":memory:" for one that is forgotten, or the address of a PostgreSQL
            server, postgresql://user:password@host:port/database; None for the default one.
        shared: other processes write to a file at the same time, as those of an experiment do; a server is always shared.

    Raises:
        LedgerError: it is no ledger, is of a newer version, or can't be opened.
        InputError: `where` is an address of another kind, or psycopg is not installed.
    """
    location = default_location() if where is None else where
    if isinstance(location, str) and "://" in location:
        from contemplate.ledger.postgres import PostgresLedger, is_address

        if is_address(location):
            return await PostgresLedger.open(location)
        scheme = location.split("://", 1)[0]
        msg = f"a ledger can't be kept at a {scheme}:// address: give a file, or postgresql://host:port/database"
        raise InputError(msg)
    from contemplate.ledger.sqlite import SQLiteLedger

    return await SQLiteLedger.open(location, shared=shared)
