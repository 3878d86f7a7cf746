"""The durable store of completions, runs, turns and calls; see `contemplate.ledger.base` for what it promises."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from contemplate.errors import InputError

if TYPE_CHECKING:
    from contemplate.ledger.base import Ledger
    from contemplate.ledger.sqlite import SQLiteLedger

__all__ = ["Ledger", "SQLiteLedger", "default_path", "open_ledger"]


def __getattr__(name: str) -> object:
    """Import the ledgers when they are first asked for: a command that needs none shall not pay for them."""
    if name == "SQLiteLedger":
        from contemplate.ledger.sqlite import SQLiteLedger

        return SQLiteLedger
    if name == "Ledger":
        from contemplate.ledger.base import Ledger

        return Ledger
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def default_path() -> Path:
    """Where the ledger is when nobody says otherwise: `$CONTEMPLATE_LEDGER`, or the user's data folder. Makes nothing."""
    if named := os.environ.get("CONTEMPLATE_LEDGER"):
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_data_dir("contemplate", appauthor=False)) / "ledger.db"


async def open_ledger(where: Path | str | None = None) -> Ledger:
    """Open the ledger at `where` (a file, made if it isn't there; the default one if None).

    Raises:
        LedgerError: the file is no ledger, is of a newer version, or can't be opened.
        InputError: `where` is the address of a server.
    """
    from contemplate.ledger.sqlite import SQLiteLedger

    if isinstance(where, str) and "://" in where:
        scheme = where.split("://", 1)[0]
        msg = f"a ledger can't be kept at a {scheme}:// address: this version keeps its ledger in a SQLite file; give a path"
        raise InputError(msg)
    return await SQLiteLedger.open(default_path() if where is None else where)
