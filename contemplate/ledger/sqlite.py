"""A ledger in one SQLite file: the default, and all that one machine needs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from contemplate.errors import StorageError
from contemplate.ledger.leases import Leases
from contemplate.ledger.schema import NOW, open_database, storage_error
from contemplate.ledger.tables import TableLedger
from contemplate.ledger.writer import Writer


class SQLiteLedger(TableLedger):
    """The ledger in the file at `path` (":memory:" for one that is forgotten)."""

    def __init__(self, path: Path | str, *, busy_seconds: float = 30.0, shared: bool = False) -> None:
        """Name the ledger; the file is opened, and made with its folders if it isn't there, on the first use.

        Args:
            path: the file.
            busy_seconds: how long to wait for another process that holds the file.
            shared: other processes write to it at the same time; see `Ledger`.
        """
        self.path = name = str(path)
        self.shared = shared
        leases = Leases(NOW)
        super().__init__(name, Writer(name, lambda: _SQLite(name, busy_seconds), duty=leases), leases)

    @classmethod
    async def open(cls, path: Path | str, *, busy_seconds: float = 30.0, shared: bool = False) -> Self:
        """Open the file now, rather than on the first use.

        Raises:
            LedgerError: it is no ledger, is of a newer version, or can't be opened.
        """
        return await cls(path, busy_seconds=busy_seconds, shared=shared).opened()


class _SQLite:
    """The connection to a file."""

    def __init__(self, path: str, busy_seconds: float) -> None:
        self._path, self._absolute = path, Path(path).absolute()
        self._connection = open_database(path, busy_seconds)
        self._file = self._found()

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> sqlite3.Cursor:
        return self._connection.execute(sql, parameters)

    @contextmanager
    def transaction(self, *, writes: bool) -> Iterator[None]:
        try:
            if writes:
                self._check_there()
                self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                if writes:
                    self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise storage_error(error, self._path) from error

    def _check_there(self) -> None:
        """Refuse to write to a file that has no name any more: what is written to it is gone when it is closed."""
        if self._found() != self._file:
            msg = f"{self._path}: the ledger's file was removed or replaced while it was in use; put it back, or start anew"
            raise StorageError(msg)

    def _found(self) -> tuple[int, int] | None:
        """The identity of the file under the path."""
        try:
            found = self._absolute.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def close(self) -> None:
        try:
            self._connection.close()
        except sqlite3.Error as error:
            raise storage_error(error, self._path) from error
