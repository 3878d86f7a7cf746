"""The audit log: a line for each decision of a policy, bound to the line before by its hash; no words of users or models."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import anyio.to_thread

from contemplate.errors import InputError, StorageError
from contemplate.files import open_regular, private
from contemplate.types import Json, Ruling, canonical_json

BEGINNING = "0" * 64
"""What the first line names as the hash of the line before."""
_LONGEST = 1 << 16
_PATIENCE = 30.0


def line_hash(row: Json) -> str:
    """The hash of a line: SHA-256 of its JSON text, keys sorted, without the hash itself."""
    return hashlib.sha256(canonical_json({name: value for name, value in row.items() if name != "hash"}).encode()).hexdigest()


@dataclass(frozen=True)
class AuditLog:
    """A log that several processes may write to."""

    path: Path

    async def decided(self, run: str, turn: str, ruling: Ruling) -> None:
        """Write down what a rule decided, before the run goes on.

        Raises:
            StorageError: it can't be written: what can't be accounted for is not done.
        """
        row = {"event": "ruling", "run": run, "turn": turn, **ruling.model_dump(mode="json", exclude={"reason", "unsure"})}
        await anyio.to_thread.run_sync(self.append, {**row, "unsure": ruling.unsure is not None})

    async def noted(self, event: str, **facts: str | float | None) -> None:
        """Write down something else, as that a run was begun without the policy.

        Raises:
            StorageError: it can't be written.
        """
        await anyio.to_thread.run_sync(self.append, {"event": event, **facts})

    def append(self, facts: Json) -> None:
        """Add a line.

        Raises:
            StorageError: it can't be written, or the last line is none of this log's.
        """
        from filelock import FileLock, Timeout

        try:
            with FileLock(f"{self.path}.lock", timeout=_PATIENCE), open(self.path, "ab+", opener=private) as file:
                last = _last(file.seek(0, 2), self.path)
                number, before = (last["n"] + 1, last["hash"]) if last else (1, BEGINNING)
                at = datetime.now(UTC).isoformat(timespec="milliseconds")
                row = {"n": number, "at": at, **facts, "before": before}
                file.write(json.dumps({**row, "hash": line_hash(row)}, ensure_ascii=True).encode() + b"\n")
        except (OSError, Timeout) as error:
            raise StorageError(f"{self.path}: the audit log can't be written ({error}), so the run does not go on") from None


def _last(size: int, path: Path) -> Json | None:
    """The last line of a log; None of an empty one."""
    if not size:
        return None
    with open_regular(path) as file:
        file.seek(max(size - _LONGEST, 0))
        lines = file.read().splitlines(keepends=True)
    row = _row(lines[-1]) if lines[-1].endswith(b"\n") else None
    if row is None:
        raise StorageError(
            f"{path}: its last line is none of an audit log, so nothing is added; contemplate audit verify says more"
        )
    return row


def _row(line: bytes) -> Json | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    fits = isinstance(row, dict) and isinstance(row.get("n"), int) and isinstance(row.get("hash"), str)
    return row if fits else None


@dataclass(frozen=True)
class Verified:
    """What a look through a log came to.

    Attributes:
        lines: that are in order.
        head: the hash of the last of them. Whoever keeps it elsewhere can tell later whether lines were cut off at the end.
        broken: what is wrong with the line after these, in one line; None if nothing is.
    """

    lines: int
    head: str
    broken: str | None = None


def verify(path: Path, head: str | None = None) -> Verified:
    """Look through a log.

    Args:
        path: the file.
        head: a hash that one of its lines had, or the last one: it must still be there.

    Raises:
        InputError: it can't be read.
    """
    count, before, seen = 0, BEGINNING, head is None
    try:
        with open_regular(path) as file:
            while line := file.readline(_LONGEST + 1):
                row = _row(line)
                problem = _problem(line, row, count + 1, before)
                if problem is not None or row is None:
                    return Verified(count, before, f"line {count + 1}: {problem}")
                count, before = count + 1, row["hash"]
                seen = seen or before == head
    except OSError as error:
        raise InputError(f"{path}: can't be read ({error.strerror or error})") from None
    return Verified(count, before, None if seen else f"no line has the hash {head}: lines are missing, or it is another log")


def _problem(line: bytes, row: Json | None, number: int, before: str) -> str | None:
    if row is None or not line.endswith(b"\n"):
        return "it is no line of an audit log, or was cut off"
    if row["n"] != number:
        return f"it is numbered {row['n']}: lines are missing, or stand in another order"
    if row.get("before") != before:
        return "it does not follow the line before"
    return None if line_hash(row) == row["hash"] else "it was changed: its hash does not fit"
