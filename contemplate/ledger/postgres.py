"""A ledger on a PostgreSQL server: for many processes on several machines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Self

from contemplate.errors import InputError, StorageError
from contemplate.ledger.codec import Stored
from contemplate.ledger.leases import Leases
from contemplate.ledger.postgres_schema import NOW, begin, prepare, refusal_error, storage_error
from contemplate.ledger.tables import TableLedger
from contemplate.ledger.writer import Writer

if TYPE_CHECKING:
    import psycopg

SCHEMES = ("postgresql", "postgres")
"""What the address of such a ledger begins with."""

_DEFAULTS = {
    "application_name": "contemplate",
    "connect_timeout": "10",
    # A server that vanished without a word is noticed within half a minute.
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "25000",
    "target_session_attrs": "primary",
}
"""What an address that does not say otherwise is opened with, as libpq names it."""


class PostgresLedger(TableLedger):
    """The ledger at `address`, in the schema "contemplate" of that database.

    A process has one connection to it. If that is lost, what was not committed is done again on a new one; what
    can't be within `patience` raises a StorageError.
    """

    shared = True

    def __init__(self, address: str, *, patience: float = 30.0) -> None:
        """Name the ledger; the server is reached on the first use.

        Args:
            address: postgresql://user:password@host:port/database, with parameters as libpq takes them. What it leaves
                out comes from libpq's environment and files: PGHOST, PGPASSWORD, ~/.pgpass and so on.
            patience: how many seconds to wait for a server that went away in the middle, or for others who hold the tables.

        Raises:
            InputError: the address can't be read, or psycopg is not installed.
        """
        location, parameters = _read(address)
        leases = Leases(NOW)
        connect = partial(_Postgres, location, parameters, patience)
        super().__init__(location, Writer(location, connect, patience=patience, duty=leases), leases)

    @classmethod
    async def open(cls, address: str, *, patience: float = 30.0) -> Self:
        """Reach the server now, rather than on the first use.

        Raises:
            LedgerError: it does not answer, refuses us, or what is there is no ledger or of a newer version.
            InputError: the address can't be read, or psycopg is not installed.
        """
        return await cls(address, patience=patience).opened()

    @staticmethod
    def _entry(stored: Stored) -> Stored:
        return stored.encode() if isinstance(stored, str) else stored


class _Postgres:
    """The connection to a server."""

    def __init__(self, location: str, parameters: dict[str, str], patience: float) -> None:
        import psycopg

        self._location, self._patience, self._error = location, patience, psycopg.Error
        try:
            # Prepared statements would outlive their transaction, and a pooler's other clients do not know them.
            self._connection = psycopg.connect(autocommit=True, prepare_threshold=None, **parameters)  # type: ignore[arg-type]
        except psycopg.Error as error:
            raise refusal_error(error, location) from error
        try:
            with self._explained():
                prepare(self._connection, location, patience)
        except BaseException:
            self._connection.close()
            raise

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> psycopg.Cursor:
        return self._connection.execute(sql.replace("?", "%s").encode(), parameters)

    @contextmanager
    def transaction(self, *, writes: bool) -> Iterator[None]:
        """Run what is inside in one transaction; statements whose rows nobody fetches leave together with the commit."""
        with self._explained():
            try:
                with ExitStack() as pipeline:
                    pipeline.enter_context(self._connection.pipeline())
                    try:
                        begin(self._connection, writes=writes, patience=self._patience)
                        yield
                        commit = self._connection.execute("COMMIT")
                    except BaseException:
                        with suppress(self._error):  # psycopg logs what goes wrong here if it is left by an exception
                            pipeline.close()
                        raise
                if commit.statusmessage != "COMMIT":  # a transaction that had failed is rolled back without an error
                    msg = f"{self._location}: the server did not commit ({commit.statusmessage})"
                    raise StorageError(msg)
            finally:
                if not self._connection.closed and self._connection.info.transaction_status:
                    self._connection.execute("ROLLBACK")

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except self._error as error:
            raise storage_error(error, self._location, lost=self._connection.closed) from error


def is_address(location: str) -> bool:
    """Whether `location` is the address of a PostgreSQL server."""
    return location.split("://", 1)[0] in SCHEMES and "://" in location


def public_address(address: str) -> str:
    """The address without user, password and parameters, to be shown; the same for what is no address."""
    return _read(address)[0] if is_address(address) else address


def _read(address: str) -> tuple[str, dict[str, str]]:
    """The server's public name, and the parameters to reach it with.

    Nothing that the address says is repeated before it is sure what in it is the password.
    """
    try:
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict
    except ImportError as error:
        msg = "a ledger on PostgreSQL needs psycopg: pip install 'contemplate-ai[postgres]', or give a file"
        raise InputError(msg) from error
    authority, _, path = address.split("://", 1)[-1].partition("/")
    given: dict[str, str] | None = None
    if is_address(address) and authority.count("@") <= 1 and "@" not in path.partition("?")[0]:
        with suppress(ProgrammingError):
            given = {name: str(value) for name, value in conninfo_to_dict(address).items()}
    port, host, database = ((given or {}).get(name, "") for name in ("port", "host", "dbname"))
    if given is None or not re.fullmatch(r"[\d,]*", port) or not re.fullmatch(r"[\w.:,/%-]*", host):
        msg = (
            "the address of the ledger can't be read: it is postgresql://host:port/database, with user:password@ before "
            "the host, where a password has %40 for @, %2F for /, %3A for : and %25 for %"
        )
        raise InputError(msg)
    return f"postgresql://{host}{':' if port else ''}{port}/{database}", {**_DEFAULTS, **given}
