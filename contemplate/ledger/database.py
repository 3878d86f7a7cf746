"""The database that a ledger needs: a connection that runs statements in transactions."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from contemplate.errors import StorageError


class ConnectionLostError(StorageError):
    """The server can't be reached, or went away in the middle, so that nobody knows whether it committed."""


class HeldError(StorageError):
    """Somebody else holds what the transaction needs, and it was waited for long enough: its parts need not be tried singly."""


class Rows(Protocol):
    """The rows that a statement returned."""

    @property
    def rowcount(self) -> int:
        """How many rows it has changed."""
        ...

    def fetchone(self) -> Any:  # noqa: ANN401 - a row is what its statement says
        """The next row, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """The rows that are left."""
        ...


class Database(Protocol):
    """A connection, used by one thread. What goes wrong with it is raised as a StorageError."""

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> Rows:
        """Run a statement with a `?` for each of `parameters`. It may fail as late as at the end of the transaction."""
        ...

    def transaction(self, *, writes: bool) -> AbstractContextManager[None]:
        """A transaction: what is run inside is kept as a whole, on disk, or not at all if an exception leaves it."""
        ...

    def close(self) -> None:
        """Let go of it."""
