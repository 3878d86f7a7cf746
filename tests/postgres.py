"""A real PostgreSQL server on loopback, for tests: made in a temporary folder, and gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

PASSWORD = "quoth/the%@raven"
"""Full of signs that have a meaning in addresses."""
ENCODED = "quoth%2Fthe%25%40raven"


def binaries() -> Path | None:
    """The folder of the server's programs, which Debian keeps off the PATH; None where there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).resolve())
    return found[-1].parent if found else None


class PostgresServer:
    """The server. The superuser's name is "owner"; it starts when it is entered.

    Attributes:
        port: where it listens, on 127.0.0.1.
    """

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="contemplate-postgres-"))
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]

    def __enter__(self) -> Self:
        word = self._folder / "password"
        word.write_text(PASSWORD)
        if (user := self._user()) is not None:
            for place in (self._folder, word):
                os.chown(place, user.pw_uid, user.pw_gid)
        options = ["-D", "data", "-U", "owner", "-A", "scram-sha-256", "--pwfile", "password", "-E", "UTF8", "--no-sync"]
        made = self._run(["initdb", *options, "--locale=C.UTF-8"])
        if made.wait(60) != 0:
            raise RuntimeError(self._log())
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop(at_once=True)
        shutil.rmtree(self._folder)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "deadlock_timeout": 50}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self._process = self._run(["postgres", "-D", "data", *options])
        _wait_until(self._answers)

    def stop(self, *, at_once: bool = False) -> None:
        """Stop it, if it runs; connections end. `at_once`: as in a crash, without a last checkpoint."""
        process, self._process = self._process, None
        if process is not None:
            mode = "immediate" if at_once else "fast"
            self._run(["pg_ctl", "stop", "-D", "data", "-m", mode, "-w"]).wait(60)
            process.wait(60)

    def emptied(self) -> str:
        """The address of the database, with no ledger in it and nobody connected: quicker than a new one for each test."""
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres' AND pid <> pg_backend_pid()"
        self.execute(self.address(), others, "DROP SCHEMA IF EXISTS contemplate CASCADE")
        return self.address()

    def address(self, database: str = "postgres", *, user: str = f"owner:{ENCODED}") -> str:
        """The address of a database there."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    @staticmethod
    def execute(address: str, *statements: str) -> list[tuple[object, ...]]:
        """Run statements there; the rows of the last one."""
        import psycopg

        with psycopg.connect(address, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.address(), connect_timeout=5).close()
        except psycopg.OperationalError:
            if self._process is None or self._process.poll() is not None:
                raise RuntimeError(self._log()) from None
            return False
        return True

    def _run(self, command: list[str]) -> subprocess.Popen[bytes]:
        program, *arguments = command
        user = self._user()
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                [self._programs / program, *arguments],
                cwd=self._folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, user=user and user.pw_uid, group=user and user.pw_gid, extra_groups=user and [],
            )  # fmt: skip

    @staticmethod
    def _user() -> pwd.struct_passwd | None:
        """Whose process it is to be: PostgreSQL does not run as the superuser."""
        if os.geteuid() != 0:
            return None
        known = {entry.pw_name: entry for entry in pwd.getpwall()}
        return known.get("postgres", known["nobody"])

    def _log(self) -> str:
        return (self._folder / "log").read_text(errors="replace")


def _wait_until(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            message = f"the PostgreSQL server did not answer within {seconds:g} s"
            raise RuntimeError(message)
        time.sleep(0.02)
