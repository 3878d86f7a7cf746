"""The file of a SQLite ledger: its tables, how it is made, and how it is told from files that are none of ours."""

from __future__ import annotations

import errno
import math
import os
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

from contemplate.errors import DiskFullError, LedgerError, StorageError

APPLICATION_ID = 0x43544D50
"""Stands in the file's header ("CTMP"), so that no other program's database is ever taken for a ledger."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE completions (key TEXT PRIMARY KEY NOT NULL, request NOT NULL, completion NOT NULL, created REAL NOT NULL)",
        """CREATE TABLE calls (
            call TEXT PRIMARY KEY NOT NULL, run TEXT NOT NULL, turn TEXT NOT NULL, key TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('sent', 'stored', 'billed', 'free')),
            prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, usd REAL) WITHOUT ROWID""",
        "CREATE INDEX calls_of_run ON calls (run)",
        # `pass` counts how often the run was started, so that a finished run keeps only the turns of its last pass.
        """CREATE TABLE runs (
            run TEXT PRIMARY KEY NOT NULL, created REAL NOT NULL, state TEXT NOT NULL,
            spec NOT NULL, outcome, pass INTEGER NOT NULL)""",
        """CREATE TABLE turns (
            run TEXT NOT NULL, id TEXT NOT NULL, place INTEGER NOT NULL, turn NOT NULL, sees NOT NULL,
            cached INTEGER NOT NULL, pass INTEGER NOT NULL, PRIMARY KEY (run, id))""",
    ),
    (
        # Who is at work on which run, and who pays for which key; see `contemplate.ledger.leases`.
        """CREATE TABLE holders (
            holder TEXT PRIMARY KEY NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL, machine TEXT NOT NULL,
            born TEXT NOT NULL, beat REAL NOT NULL) WITHOUT ROWID""",
        "CREATE TABLE leases (name TEXT PRIMARY KEY NOT NULL, holder TEXT NOT NULL, since REAL NOT NULL) WITHOUT ROWID",
    ),
    # Pictures and sound that messages name by their SHA-256; each once, whoever sends it how often.
    ("CREATE TABLE blobs (sha256 TEXT PRIMARY KEY NOT NULL, content BLOB NOT NULL, created REAL NOT NULL)",),
    # Long messages of requests, which name them by their digests.
    ("CREATE TABLE messages (sha256 TEXT PRIMARY KEY NOT NULL, message NOT NULL)",),
    # The newest runs are looked for whenever the default strategy begins, and when runs are listed.
    ("CREATE INDEX runs_by_age ON runs (created)",),
)
"""What brings a file from format n to format n + 1. The format is SQLite's `user_version`."""

NOW = "((julianday('now') - 2440587.5) * 86400.0)"
"""The seconds since 1970, by the clock of the machine."""

_ELSEWHERE = "name another file with --ledger or CONTEMPLATE_LEDGER"
_FULL = "{}: the disk is full; free some space and resume (what was stored before is safe)"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_PERHAPS_FULL = ("SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHM", "SQLITE_IOERR_TRUNCATE", "SQLITE_IOERR_FSYNC", "SQLITE_CANTOPEN")
"""What SQLite calls a write that failed, among other reasons for want of room."""
_LITTLE_ROOM = 1 << 16
"""With less room than so many bytes a disk is full: the index of a write-ahead log grows by half of that at once."""

# Closing any descriptor of a file drops all of the process's locks on it, those of another ledger's connection
# too. The one descriptor that we open ourselves, to make the file private from birth, is therefore never open
# while another thread opens the same file.
_opening = threading.Lock()


def open_database(path: str, busy_seconds: float) -> sqlite3.Connection:
    """Open the ledger file at `path`, made with its folders if it isn't there, private to the user.

    A file that is not ours is left untouched, to the byte. Several processes may do this at once.

    Args:
        path: the file, or ":memory:".
        busy_seconds: how long to wait for another process that holds the file.

    Raises:
        LedgerError: in one line, what is wrong with the file and what to do.
        DiskFullError: there is no room for it.
    """
    try:
        if path == ":memory:":
            database = sqlite3.connect(path, isolation_level=None)
        else:
            with _opening:
                _make(Path(path))
                _check_ours(Path(path))
                database = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
        try:
            _prepare(database, path, busy_seconds)
        except BaseException:
            database.close()
            raise
    except sqlite3.Error as error:
        if is_full(error, path):
            raise DiskFullError(_FULL.format(path)) from error
        raise LedgerError(problem_of(error, path)) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            raise DiskFullError(_FULL.format(path)) from error
        reason = getattr(error, "strerror", None) or str(error)
        msg = f"{path}: the ledger can't be opened ({reason}); {_ELSEWHERE}"
        raise LedgerError(msg) from error
    return database


def storage_error(error: sqlite3.Error, path: str) -> StorageError:
    """The error that ends a run where SQLite has failed."""
    return DiskFullError(_FULL.format(path)) if is_full(error, path) else StorageError(problem_of(error, path))


def is_full(error: sqlite3.Error, path: str) -> bool:
    """Whether there was no room for what SQLite wrote: on the disk, in the user's quota, or under a limit on files.

    Only a write that the system refused as a whole is told as such. Of the others it is seen whether there is room at all.
    """
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_FULL"):
        return True
    if not name.startswith(_PERHAPS_FULL):
        return False
    try:
        room, limit = os.statvfs(Path(path).absolute().parent), _file_limit()
        return room.f_bavail * room.f_frsize < _LITTLE_ROOM or any(
            Path(path + end).stat().st_size + _LITTLE_ROOM > limit for end in ("", "-wal", "-shm") if Path(path + end).exists()
        )
    except OSError:
        return False


def _file_limit() -> float:
    """The most bytes that a file of this process may have."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return math.inf
    limit, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    return math.inf if limit == resource.RLIM_INFINITY else limit


def problem_of(error: sqlite3.Error, path: str) -> str:
    """The line that tells the user what SQLite's error means, and what to do."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_NOTADB"):
        return f"{path}: not a contemplate ledger (no SQLite file at all); {_ELSEWHERE}"
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return f"{path}: another process holds the ledger; wait until it is done, or {_ELSEWHERE}"
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return f"{path}: the ledger can't be written ({error}): make its file and folder writable, or {_ELSEWHERE}"
    if name.startswith("SQLITE_CORRUPT"):
        return f"{path}: the ledger is damaged ({error}); rescue it with `sqlite3 FILE .recover`, or {_ELSEWHERE}"
    return f"{path}: the ledger failed ({name or type(error).__name__}: {error}); {_ELSEWHERE}"


def _make(path: Path) -> None:
    """Make the file, empty, and its folders, unless they are there."""
    for folder in reversed(path.absolute().parents):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return


def _check_ours(path: Path) -> None:
    """Refuse a file that is none of ours, without a lock, a journal or a byte written."""
    if not path.is_file():
        msg = f"{path}: not a contemplate ledger but {'a folder' if path.is_dir() else 'a special file'}; {_ELSEWHERE}"
        raise LedgerError(msg)
    if not os.access(path, os.R_OK | os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        msg = f"{path}: the ledger can't be read and written; change its permissions, or {_ELSEWHERE}"
        raise LedgerError(msg)
    if path.stat().st_size == 0:
        return
    # The application id is in the main file as soon as anything is: a new ledger is made in one transaction,
    # before it is switched to a write-ahead log. Of the rest the main file may say nothing that holds: beside another
    # writer, after a full disk or a kill its other pages are in the log, and its header counts pages that are not there
    # yet. A schema that may be written is one that SQLite reads without counting.
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as database:
        database.execute("PRAGMA writable_schema = ON")
        if _pragma(database, "application_id") != APPLICATION_ID:
            msg = f"{path}: not a contemplate ledger but another program's database; {_ELSEWHERE}"
            raise LedgerError(msg)


def _prepare(database: sqlite3.Connection, path: str, busy_seconds: float) -> None:
    """Bring a file that is ours, or empty, to the newest format, and set the connection up."""
    database.execute(f"PRAGMA busy_timeout = {round(busy_seconds * 1000)}")
    if _version(database, path) < len(MIGRATIONS):
        database.execute("BEGIN IMMEDIATE")
        # Read again: another process may have been quicker.
        for number in range(_version(database, path), len(MIGRATIONS)):
            for statement in MIGRATIONS[number]:
                database.execute(statement)
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        database.execute("COMMIT")
    _use_log(database, time.monotonic() + busy_seconds)
    database.execute("PRAGMA synchronous = FULL")


def _version(database: sqlite3.Connection, path: str) -> int:
    version = _pragma(database, "user_version")
    if version > len(MIGRATIONS):
        msg = (
            f"{path}: written by a newer contemplate (format {version}, this one reads up to {len(MIGRATIONS)}); "
            "upgrade with pip install -U contemplate-ai"
        )
        raise LedgerError(msg)
    return version


def _use_log(database: sqlite3.Connection, until: float) -> None:
    """Switch to a write-ahead log; SQLite does not wait for other processes here, so we do."""
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _pragma(database: sqlite3.Connection, name: str) -> int:
    return int(database.execute(f"PRAGMA {name}").fetchone()[0])
