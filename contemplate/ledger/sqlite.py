"""A ledger in one SQLite file: the default, and all that one machine needs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from contemplate.ledger.schema import explain, open_database
from contemplate.ledger.tables import TableLedger
from contemplate.ledger.writer import Writer


class SQLiteLedger(TableLedger):
    """The ledger in the file at `path` (":memory:" for one that is forgotten)."""

    def __init__(self, path: Path | str, *, busy_seconds: float = 30.0) -> None:
        """Name the ledger; the file is opened, and made with its folders if it isn't there, on the first use.

        Args:
            path: the file.
            busy_seconds: how long to wait for another process that holds the file.
        """
        self.path = name = str(path)
        super().__init__(name, Writer(name, lambda: _SQLite(name, busy_seconds)))

    @classmethod
    async def open(cls, path: Path | str, *, busy_seconds: float = 30.0) -> Self:
        """Open the file now, rather than on the first use.

        Raises:
            LedgerError: it is no ledger, is of a newer version, or can't be opened.
        """
        return await cls(path, busy_seconds=busy_seconds).opened()


class _SQLite:
    """The connection to a file."""

    def __init__(self, path: str, busy_seconds: float) -> None:
        self._path = path
        self._connection = open_database(path, busy_seconds)

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> sqlite3.Cursor:
        return self._connection.execute(sql, parameters)

    @contextmanager
    def transaction(self, *, writes: bool) -> Iterator[None]:
        try:
            if writes:
                self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                if writes:
                    self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise explain(error, self._path) from error

    def close(self) -> None:
        try:
            self._connection.close()
        except sqlite3.Error as error:
            raise explain(error, self._path) from error
