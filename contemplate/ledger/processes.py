"""Processes, told apart across machines and across the reuse of their numbers."""

from __future__ import annotations

import os
import socket
import uuid
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """A process.

    Attributes:
        pid: its number.
        machine: tells apart the places where numbers of processes mean something: the machine since it was started, and the
            container.
        born: when it began, as the system tells it; tells apart two processes of one number. Empty where the system does not.
    """

    pid: int
    machine: str
    born: str


def this_process() -> Process:
    """The process that asks."""
    return Process(os.getpid(), _machine(), _born(os.getpid()) or "")


def is_gone(process: Process) -> bool | None:
    """Whether a process is gone; None where that can't be seen from here."""
    if os.name != "posix" or process.machine != _machine():
        return None
    if process.born and (born := _born(process.pid)) is not None:
        return born != process.born
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # it is somebody else's
        return False
    return False


@cache
def _machine() -> str:
    parts = [socket.gethostname()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return " ".join(parts if len(parts) > 1 else [*parts, f"{uuid.getnode():x}"])


def _born(pid: int) -> str | None:
    """When a process began, in the system's own count; None where that is not told. A zombie has ended."""
    with suppress(OSError, IndexError):
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return "ended" if fields[0] in {b"Z", b"X"} else fields[19].decode("ascii")
    return None
