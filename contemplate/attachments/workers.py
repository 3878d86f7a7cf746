"""Processes of our own that open and read attachments: a decoder of hostile files never runs in this process.

A worker is a script of this package. It is told one JSON value and some bytes, and says one JSON value and some bytes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import anyio
import anyio.abc

from contemplate.errors import InputError

_PASSED_ON = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "HOME")
_QUIET = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "2", "HF_HUB_OFFLINE": "1", "PYTHONDONTWRITEBYTECODE": "1"}
_CHUNK = 1 << 18


class Said(NamedTuple):
    """What a worker said: a JSON object, and the bytes behind it. Both are empty where it broke."""

    head: dict[str, Any]
    rest: bytes


def framed(head: object, blobs: Sequence[bytes] = ()) -> bytes:
    """A JSON value in a line, and bytes behind it."""
    return json.dumps(head).encode() + b"\n" + b"".join(blobs)


async def run_worker(script: str, told: bytes, *, seconds: float, most: int) -> Said:
    """What a worker says; it never outlives the call.

    Args:
        script: its file, in this package.
        told: what it reads from standard input.
        seconds: how long it may take.
        most: the most that it may say, in bytes.

    Raises:
        InputError: no process can be started.
        TimeoutError: it took too long.
    """
    command = [sys.executable, "-P", str(Path(__file__).with_name(script))]
    env = {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | _QUIET
    env["PYTHONPATH"] = os.pathsep.join(entry for entry in sys.path if entry)
    try:
        process = await anyio.open_process(command, stderr=subprocess.DEVNULL, env=env)
    except OSError as error:
        raise InputError(f"no process can be started to open an attachment ({error.strerror or error})") from None
    said = bytearray()
    try:
        with anyio.fail_after(seconds):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_tell, process, told)
                await _hear(process, said, most)
    finally:
        with anyio.CancelScope(shield=True):
            if process.returncode is None:
                process.kill()
            await process.wait()
            await process.aclose()
    return _parted(bytes(said))


async def _tell(process: anyio.abc.Process, told: bytes) -> None:
    assert process.stdin is not None  # noqa: S101 - a pipe was asked for
    try:
        await process.stdin.send(told)
        await process.stdin.aclose()
    except (anyio.BrokenResourceError, anyio.ClosedResourceError, BrokenPipeError, ConnectionError):
        return  # it has ended, and what it said tells why


async def _hear(process: anyio.abc.Process, said: bytearray, most: int) -> None:
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    while len(said) <= most:
        try:
            said += await process.stdout.receive(_CHUNK)
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            return
    said.clear()


def _parted(said: bytes) -> Said:
    head, _, rest = said.partition(b"\n")
    try:
        found = json.loads(head)
    except ValueError:
        found = {}
    return Said(found if isinstance(found, dict) else {}, rest)
