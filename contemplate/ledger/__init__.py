"""The durable store of completions, runs, turns and calls; see `contemplate.ledger.base` for what it promises."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from contemplate.deprecated import renamed_names
from contemplate.errors import InputError, redact

if TYPE_CHECKING:
    from contemplate.ledger.base import Ledger
    from contemplate.ledger.postgres import PostgresLedger
    from contemplate.ledger.sqlite import SQLiteLedger

__all__ = [
    "Ledger",
    "PostgresLedger",
    "SQLiteLedger",
    "check_location",
    "default_location",
    "default_path",
    "open_ledger",
    "public_location",
]


_MISTYPED = re.compile(r"(?i)\s*(?:postgres(?:ql)?|psql|pgsql)\s*(?:[:;](?!//)|//)|\s*(?:host|hostaddr|dbname|user|password)\s*=")
"""What is meant to be the address of a server, and is none. What would be a file of that name may hold a password."""

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
        return "(a mistyped address)" if _MISTYPED.match(str(where)) else redact(str(where))
    from contemplate.ledger.postgres import public_address

    return public_address(str(where))


def check_location(where: Path | str) -> None:
    """Refuse what is meant to be an address and is none, and what it says is not repeated: a password may be in it.

    Raises:
        InputError: it is such a one.
    """
    if isinstance(where, str) and _MISTYPED.match(where):
        raise InputError(
            "the address of the ledger can't be read: it is postgresql://host:port/database, with user:password@ before the host"
        )


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
    check_location(location)
    if isinstance(location, str) and "://" in location:
        from contemplate.ledger.postgres import PostgresLedger, is_address

        if is_address(location):
            return await PostgresLedger.open(location)
        scheme = location.split("://", 1)[0]
        msg = f"a ledger can't be kept at a {scheme}:// address: give a file, or postgresql://host:port/database"
        raise InputError(msg)
    from contemplate.ledger.sqlite import SQLiteLedger

    return await SQLiteLedger.open(location, shared=shared)
