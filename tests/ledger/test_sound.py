"""A sound ledger opens, whatever its main file looks like for the moment: full disks, other writers, writers that were killed."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from contemplate.errors import DiskFullError, LedgerError, StorageError
from contemplate.ledger.schema import open_database, storage_error

STORES = """
import asyncio, sys
from contemplate.errors import ContemplateError
from contemplate.ledger.sqlite import SQLiteLedger
from contemplate.types import Completion, Message, Request, Tokens

def request(number):
    return Request(model="m", messages=(Message(role="user", content=f"{number} " + "x" * 3000),))

async def store(ledger, number):
    await ledger.store(f"call-{number}", request(number), Completion(text="y" * 3000, tokens=Tokens(prompt=1)), None)
"""

FILLS = (
    STORES
    + """
import os
path, filler = sys.argv[1:]

async def fill():
    ledger, kept, why = await SQLiteLedger.open(path), 0, None
    while kept < 5000:
        try:
            await store(ledger, kept)
        except ContemplateError as error:
            why = error
            break
        kept += 1
    await ledger.aclose()
    print(type(why).__name__, str(why).count("\\n"), "disk is full" in str(why))
    return kept

async def look(kept, what):
    ledger = await SQLiteLedger.open(path)
    keys = set(await ledger.keys())
    print(what, {request(number).key for number in range(kept)} <= keys)
    return ledger

async def main():
    kept = await fill()
    await (await look(kept, "full")).aclose()
    if filler == "limit":
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    else:
        os.unlink(filler)
    ledger = await look(kept, "room")
    await store(ledger, kept + 1)
    await ledger.aclose()

asyncio.run(main())
"""
)
"""Fills the disk that the ledger is on, opens the ledger again, makes room, and goes on."""

LOOPS = (
    STORES
    + """
import time
async def main(path, name, seconds, opens):
    until, opened = time.monotonic() + seconds, 0
    while time.monotonic() < until or opened < opens:
        ledger = await SQLiteLedger.open(path)
        for number in range(4):
            await store(ledger, f"{name} {opened} {number}")
        await ledger.aclose()
        opened += 1
    print(opened)

asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])))
"""
)
"""Opens the ledger again and again, stores something, and closes it."""

WRITES = (
    STORES
    + """
async def main(path):
    ledger, number = await SQLiteLedger.open(path), 0
    while True:
        await store(ledger, number)
        number += 1
        print(number, flush=True)

asyncio.run(main(sys.argv[1]))
"""
)


def run(program: str, *arguments: str, environment: dict[str, str], before: tuple[str, ...] = ()) -> list[str]:
    """The lines that a program prints in a process of its own."""
    command = [*before, sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert 0 == done.returncode, done.stderr
    return done.stdout.splitlines()


EXPECTED = ["DiskFullError 0 True", "full True", "room True"]


def test_full_disk(environment: dict[str, str]) -> None:
    """A file system of 4 MiB that is full is called a full disk; the ledger opens before there is room again and afterwards."""
    mounted = "mount -t tmpfs -o size=4m tmpfs /mnt && head -c 1000000 /dev/zero > /mnt/filler"
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "sh", "-c", mounted], check=False).returncode:
        pytest.skip("no file system can be mounted here")
    before = ("unshare", "-rm", "sh", "-c", f'{mounted} && exec "$@"', "sh")
    assert EXPECTED == run(FILLS, "/mnt/ledger.db", "/mnt/filler", environment=environment, before=before)


def test_limited_files(path: Path, environment: dict[str, str]) -> None:
    """A limit on the size of files does the same."""
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, resource.RLIM_INFINITY))\n"
    assert EXPECTED == run(limited + FILLS, str(path), "limit", environment=environment)


@pytest.mark.parametrize("size", ["8k", "40k"])
def test_no_room_at_all(size: str, environment: dict[str, str]) -> None:
    """A ledger for which there is no room from the start is told as such, and is made once there is."""
    mounted = f"mount -t tmpfs -o size={size} tmpfs /mnt"
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "sh", "-c", mounted], check=False).returncode:
        pytest.skip("no file system can be mounted here")
    program = """
import subprocess
from contemplate.errors import DiskFullError
from contemplate.ledger.schema import open_database
for _ in range(2):
    try:
        open_database("/mnt/ledger.db", 1)
    except DiskFullError as error:
        print(error)
subprocess.run(["mount", "-o", "remount,size=4m", "/mnt"], check=True)
open_database("/mnt/ledger.db", 1).close()
"""
    before = ("unshare", "-rm", "sh", "-c", f'{mounted} && exec "$@"', "sh")
    line = "/mnt/ledger.db: the disk is full; free some space and resume (what was stored before is safe)"
    assert [line, line] == run(program, environment=environment, before=before)


def test_which_errors_are_a_full_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that failed for another reason is no full disk, and one that failed where there is no room is one."""
    failed = sqlite3.OperationalError("disk I/O error")
    failed.sqlite_errorname = "SQLITE_IOERR_SHMSIZE"
    assert type(storage_error(failed, str(path))) is StorageError
    room = os.statvfs(path.parent)
    none = os.statvfs_result((*room[:4], 0, *room[5:]))
    monkeypatch.setattr(os, "statvfs", lambda _: none)
    assert isinstance(storage_error(failed, str(path)), DiskFullError)
    failed.sqlite_errorname = "SQLITE_IOERR_READ"
    assert type(storage_error(failed, str(path))) is StorageError


def fewer_pages(path: Path) -> None:
    """Leave a ledger as a checkpoint that breaks off does: the header counts pages that are in the log."""
    with closing(open_database(str(path), 1)) as database:
        database.execute("PRAGMA wal_autocheckpoint = 0")
        for number in range(40):
            database.execute("INSERT INTO completions VALUES (?, ?, '{}', 0)", (str(number), "x" * 4000))
        kept = {Path(f"{path}{end}"): Path(f"{path}{end}").read_bytes() for end in ("", "-wal")}
        with closing(sqlite3.connect(path)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        whole = path.read_bytes()
    for file, content in kept.items():
        file.write_bytes(content)
    with path.open("r+b") as file:
        file.write(whole[:4096])
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)


def test_checkpoint_that_broke_off(path: Path) -> None:
    """A ledger whose header is ahead of its main file is sound: the rest is in the log."""
    fewer_pages(path)
    with closing(open_database(str(path), 1)) as database:
        assert [(40,)] == database.execute("SELECT count(*) FROM completions").fetchall()
        assert [("ok",)] == database.execute("PRAGMA integrity_check").fetchall()


def test_foreign_one_that_broke_off(path: Path) -> None:
    """Another program's database in that state is refused, and stays as it was."""
    fewer_pages(path)
    with path.open("r+b") as file:
        file.seek(68)
        file.write(b"none")
    before = {file: file.read_bytes() for file in path.parent.iterdir()}
    with pytest.raises(LedgerError, match="another program's database"):
        open_database(str(path), 1)
    assert before == {file: file.read_bytes() for file in path.parent.iterdir()}


def test_beside_two_writers(path: Path, environment: dict[str, str]) -> None:
    """Two processes that open, write and close in a loop refuse it never, and a third that looks on neither."""
    commands = [[sys.executable, "-c", LOOPS, str(path), name, "0.5", "8"] for name in "ab"]
    pipe = subprocess.PIPE
    children = [subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True) for command in commands]
    while any(child.poll() is None for child in children):
        open_database(str(path), 10).close()
    said = [child.communicate() for child in children]
    assert [0, 0] == [child.returncode for child in children], said
    assert all(int(out) >= 8 for out, _ in said)


@pytest.mark.parametrize("lines", [1, 200])
def test_killed_writer(path: Path, environment: dict[str, str], lines: int) -> None:
    """A ledger whose writer was killed, before its first checkpoint or after some, opens with all that was said to be stored."""
    with subprocess.Popen([sys.executable, "-c", WRITES, str(path)], env=environment, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        printed = [child.stdout.readline() for _ in range(lines)]
        child.kill()
        printed += [line for line in child.stdout if line.endswith("\n")]
    with closing(open_database(str(path), 1)) as database:
        assert database.execute("SELECT count(*) FROM completions").fetchone()[0] >= len(printed)
