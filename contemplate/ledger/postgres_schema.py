"""The schema of a PostgreSQL ledger: its tables, how they are made, and what the server's errors mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contemplate.errors import LedgerError, StorageError
from contemplate.ledger.database import ConnectionLostError, HeldError

if TYPE_CHECKING:
    import psycopg

SCHEMA = "contemplate"

# Ids compare and sort byte by byte, as in SQLite. Values are bytes: what a model wrote need not be text to PostgreSQL.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE completions (
            key text COLLATE "C" PRIMARY KEY, request bytea NOT NULL, completion bytea NOT NULL,
            created double precision NOT NULL)""",
        """CREATE TABLE calls (
            call text COLLATE "C" PRIMARY KEY, run text COLLATE "C" NOT NULL, turn text NOT NULL, key text NOT NULL,
            state text NOT NULL CHECK (state IN ('sent', 'stored', 'billed', 'free')),
            prompt_tokens bigint NOT NULL, completion_tokens bigint NOT NULL, usd double precision)""",
        "CREATE INDEX calls_of_run ON calls (run)",
        # `rowid` is the order of arrival, which SQLite keeps under that name by itself.
        """CREATE TABLE runs (
            run text COLLATE "C" PRIMARY KEY, created double precision NOT NULL, state text NOT NULL,
            spec bytea NOT NULL, outcome bytea, pass integer NOT NULL, rowid bigint GENERATED ALWAYS AS IDENTITY)""",
        """CREATE TABLE turns (
            run text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, place integer NOT NULL, turn bytea NOT NULL,
            sees text NOT NULL, cached boolean NOT NULL, pass integer NOT NULL, PRIMARY KEY (run, id))""",
    ),
    (
        """CREATE TABLE holders (
            holder text COLLATE "C" PRIMARY KEY, host text NOT NULL, pid bigint NOT NULL, machine text NOT NULL,
            born text NOT NULL, beat double precision NOT NULL)""",
        """CREATE TABLE leases (
            name text COLLATE "C" PRIMARY KEY, holder text COLLATE "C" NOT NULL, since double precision NOT NULL)""",
    ),
    ("""CREATE TABLE blobs (sha256 text COLLATE "C" PRIMARY KEY, content bytea NOT NULL, created double precision NOT NULL)""",),
    ("""CREATE TABLE messages (sha256 text COLLATE "C" PRIMARY KEY, message bytea NOT NULL)""",),
    ("CREATE INDEX runs_by_age ON runs (created, rowid)",),
)
"""What brings a ledger from format n to format n + 1. The table `ledger_format` has a row for each that was done."""

NOW = "extract(epoch FROM clock_timestamp())::double precision"
"""The seconds since 1970, by the clock of the server."""

# Whatever the server's own defaults are: ours alone is searched, no lock is waited for or held for ever, and what was
# committed is on disk. All end with the transaction, so that a pooler may hand the connection to somebody else.
_FOR_THIS_TRANSACTION = """SELECT
    set_config('search_path', 'contemplate', true), set_config('lock_timeout', %s, true),
    set_config('idle_in_transaction_session_timeout', '60s', true), set_config('synchronous_commit',
        CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, true)"""

_MIGRATION_LOCK = 0x43544D50
"""Held by the one process that migrates ("CTMP")."""
_FOUND = """
    SELECT n.oid IS NOT NULL, bool_or(c.relname = 'ledger_format'), count(c.oid)
    FROM (SELECT 1) AS one LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = 'contemplate'
    LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid GROUP BY n.oid"""

_WENT_AWAY = ("08", "57P01", "57P02", "57P03", "57P05", "25P03", "25006")
"""How the states begin with which a server ends a connection, starts up, or has become a standby."""


def begin(connection: psycopg.Connection, *, writes: bool, patience: float) -> None:
    """Begin a transaction in which our tables are found, and locks are waited for `patience` seconds."""
    connection.execute(f"BEGIN ISOLATION LEVEL READ COMMITTED READ {'WRITE' if writes else 'ONLY'}")
    connection.execute(_FOR_THIS_TRANSACTION, (f"{max(round(patience * 1000), 1)}ms",))


def prepare(connection: psycopg.Connection, location: str, patience: float) -> None:
    """Make the tables, or bring them to the newest format; several processes may do this at once.

    Tables that are not ours are left untouched.

    Raises:
        LedgerError: they are of a newer version, or the schema of our name is another program's.
    """
    if _format(connection, location) == len(MIGRATIONS):
        return
    begin(connection, writes=True, patience=patience)
    try:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MIGRATION_LOCK,))
        done = _format(connection, location)  # read again: another process may have been quicker
        if done is None:
            if not _found(connection)[0]:
                connection.execute("CREATE SCHEMA contemplate")
            connection.execute("CREATE TABLE ledger_format (format integer PRIMARY KEY, made timestamptz NOT NULL DEFAULT now())")
        for number in range(done or 0, len(MIGRATIONS)):
            for statement in MIGRATIONS[number]:
                connection.execute(statement.encode())
            connection.execute("INSERT INTO ledger_format (format) VALUES (%s)", (number + 1,))
        connection.execute("COMMIT")
    finally:
        if connection.info.transaction_status and not connection.closed:
            connection.execute("ROLLBACK")


def _format(connection: psycopg.Connection, location: str) -> int | None:
    """The format of the ledger; None if there is none yet."""
    _, ours, relations = _found(connection)
    if not ours:
        if relations:
            msg = f"{location}: the schema {SCHEMA!r} there is another program's; name another database for the ledger"
            raise LedgerError(msg)
        return None
    row = connection.execute("SELECT max(format) FROM contemplate.ledger_format").fetchone()
    found = (row[0] if row else None) or 0
    if found > len(MIGRATIONS):
        msg = (
            f"{location}: written by a newer contemplate (format {found}, this one reads up to {len(MIGRATIONS)}); "
            "upgrade with pip install -U contemplate-ai"
        )
        raise LedgerError(msg)
    return int(found)


def _found(connection: psycopg.Connection) -> tuple[bool, bool, int]:
    """Whether there is a schema of our name, our table of formats in it, and how many relations."""
    row = connection.execute(_FOUND).fetchone()
    return row or (False, False, 0)


def storage_error(error: psycopg.Error, location: str, *, lost: bool) -> StorageError:
    """The error that tells the user what an error of the server means, and what to do.

    Args:
        error: the error.
        location: where the ledger is.
        lost: the connection did not survive it.
    """
    state, reason = error.sqlstate or "", " ".join(str(error).split())
    if lost or state.startswith(_WENT_AWAY):
        return ConnectionLostError(
            f"{location}: the server went away ({reason}); what was stored is safe: resume when it is back"
        )
    if state == "42501":
        return StorageError(
            f"{location}: the user lacks a right ({reason}); an owner of the database can give it: "
            f"CREATE SCHEMA {SCHEMA} AUTHORIZATION the_user"
        )
    if state == "55P03":
        return HeldError(f"{location}: another process holds the ledger; wait until it is done, and resume")
    if state in {"53100", "53200"}:
        return StorageError(
            f"{location}: the server has no room ({reason}); make some and resume (what was stored before is safe)"
        )
    return StorageError(f"{location}: the ledger failed ({state or type(error).__name__}: {reason})")


def refusal_error(error: psycopg.Error, location: str) -> LedgerError | ConnectionLostError:
    """The error that says why there is no connection. The server says this in words alone, perhaps not in English."""
    reason = " ".join(str(error).split()).rsplit("failed: ", 1)[-1].removeprefix("FATAL: ").strip()
    if any(word in reason for word in ("authentication failed", "no password supplied", "role ", "no pg_hba.conf entry")):
        return LedgerError(
            f"{location}: the server refuses the user ({reason}); check user and password in the address, PGPASSWORD or ~/.pgpass"
        )
    if "database " in reason and "does not exist" in reason:
        return LedgerError(f"{location}: {reason}; make it with `createdb`, or name another")
    return ConnectionLostError(
        f"{location}: no PostgreSQL server answers there ({reason}); start it, or name another address or a file with --ledger"
    )
