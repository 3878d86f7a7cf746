"""Leases: which process is at work on a run, or pays for a key, so that no second one does the same meanwhile.

Each ledger object that is at work is a holder: it has one row, with a heartbeat that all its leases share. A holder is dead when
its process is gone, which processes of the same machine see at once, or when its heart has not beaten for `LEASE_SECONDS`; who
wants one of its leases buries it. A holder that was taken for dead, as after a long pause, finds its row gone at its next beat:
it has lost its leases, and is told so.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from contemplate.ledger.base import Claim, Holder
from contemplate.ledger.codec import load_value
from contemplate.ledger.database import Database
from contemplate.ledger.processes import Process, is_gone, this_process
from contemplate.types import Completion

LEASE_SECONDS: Final = 60.0
"""After so many seconds without a heartbeat a holder on another machine is dead. A server may be away for half of it."""
HEARTBEAT_SECONDS: Final = 10.0
"""Seconds between two heartbeats."""
_AGAIN_SECONDS = 1.0
"""How long after a heartbeat that failed the next one is tried."""
RUN, KEY = "run:", "key:"
"""What the names of leases begin with."""

_AT_ONCE = 200
"""So many names are claimed by one statement, at most."""
_alive: set[str] = set()
"""The holders of this process."""

_Row = tuple[str, float, str | None, str, int, str, str, float, float]
_SHOWN = "l.name, l.since, h.holder, h.host, h.pid, h.machine, h.born, h.beat"


@dataclass(eq=False)
class Group:
    """Claims that are made together: all those that wait when the first of them has its turn.

    Attributes:
        names: that are claimed.
        claims: what came of it.
        made_in: the number of the transaction in which they were made.
    """

    names: list[str] = field(default_factory=list)
    claims: dict[str, Claim] = field(default_factory=dict)
    made_in: int | None = None


class Leases:
    """The leases of one ledger object."""

    def __init__(self, now: str) -> None:
        """Hold nothing yet.

        Args:
            now: the database's expression for the seconds since 1970: all holders go by its clock.
        """
        self._now = now
        self._holder = ""
        self._fresh = False  # whether the holder's row is in a transaction that is still open
        self._beaten = -HEARTBEAT_SECONDS
        self._names: dict[str, Callable[[], None]] = {}
        self._leaving: set[str] = set()
        self._waiting = Group()

    # ── in the event loop ──

    def enter(self, name: str, lost: Callable[[], None]) -> Group | None:
        """The group with which a name is claimed; None if this ledger object has it already.

        Args:
            name: of the lease.
            lost: called, in the thread of the writer, when the lease is lost.
        """
        if name in self._names:
            return None
        if name in self._leaving:  # its group must come after its release
            self._waiting = Group()
        group = self._waiting
        self._names[name] = lost
        group.names.append(name)
        return group

    def has(self, name: str) -> bool:
        """Whether this object has a lease, or is about to."""
        return name in self._names

    def leave(self, name: str, *, released: bool) -> bool:
        """Have a name no more; whether this object had it.

        Args:
            name: of the lease.
            released: it is about to be released.
        """
        if self._names.pop(name, None) is None:
            return False
        if released:
            self._leaving.add(name)
        return True

    # ── in the thread of the writer ──

    def claim(self, database: Database, group: Group, name: str, transaction: int) -> Claim:
        """Claim a name, and with it its whole group, which costs a server no more round trips than one.

        It may be done again, in another transaction.
        """
        if self._waiting is group:
            self._waiting = Group()
        if group.made_in is None:
            group.made_in = transaction
            group.claims.update(self._claim(database, list(group.names)))
        elif group.made_in != transaction or name not in group.claims:
            return self._claim(database, [name])[name]
        return group.claims[name]

    def release(self, database: Database, name: str) -> None:
        """Let others have a name."""
        self._leaving.discard(name)
        database.execute("DELETE FROM leases WHERE name = ? AND holder = ?", (name, self._holder))

    def other_holder(self, database: Database, name: str) -> Holder | None:
        """Somebody else who has that name and is alive."""
        rows = [row for row in self._rows(database, "l.name = ? AND l.holder <> ?", (name, self._holder)) if not _is_dead(row)]
        return _holder(rows[0]) if rows else None

    def of_runs(self, database: Database) -> dict[str, Holder]:
        """The runs that somebody is at work on, this object included."""
        rows = self._rows(database, "substr(l.name, 1, ?) = ?", (len(RUN), RUN))
        return {row[0].removeprefix(RUN): _holder(row) for row in rows if row[2] == self._holder or not _is_dead(row)}

    def _claim(self, database: Database, names: Sequence[str]) -> dict[str, Claim]:
        if not self._holder or monotonic() - self._beaten >= HEARTBEAT_SECONDS:
            self.beat(database)
        claims: dict[str, Claim] = {}
        for begin in range(0, len(names), _AT_ONCE):
            claims.update(self._claim_some(database, names[begin : begin + _AT_ONCE]))
        return claims

    def _claim_some(self, database: Database, names: Sequence[str]) -> dict[str, Claim]:
        kept = self._kept(database, names)
        if not (open_names := [name for name in names if name not in kept]):
            return {name: Claim.made(kept=kept[name]) for name in names}
        marks = ", ".join("?" * len(open_names))
        self._insert(database, open_names)
        keys = [name.removeprefix(KEY) for name in open_names]
        stored = database.execute(f"SELECT key FROM completions WHERE key IN ({marks})", keys)  # noqa: S608 - question marks
        there = {KEY + key for (key,) in stored.fetchall()}
        others = self._rows(database, f"l.name IN ({marks}) AND l.holder <> ?", (*open_names, self._holder))
        if dead := [row for row in others if _is_dead(row)]:
            self._bury(database, dead)
            self._insert(database, [row[0] for row in dead])
            others = self._rows(database, f"l.name IN ({marks}) AND l.holder <> ?", (*open_names, self._holder))
        holders = {row[0]: _holder(row) for row in others}
        return {
            name: Claim.made(holder=holders.get(name), there=name in there or name in kept, kept=kept.get(name)) for name in names
        }

    @staticmethod
    def _kept(database: Database, names: Sequence[str]) -> dict[str, Completion]:
        """The completions that are there already, by the names of the leases of their keys: nobody needs to pay for these."""
        keys = [name.removeprefix(KEY) for name in names if name.startswith(KEY)]
        marks = ", ".join("?" * len(keys))
        sql = f"SELECT key, completion FROM completions WHERE key IN ({marks})"  # noqa: S608 - question marks
        found = (
            {KEY + key: load_value(Completion, stored) for key, stored in database.execute(sql, keys).fetchall()} if keys else {}
        )
        return {name: completion for name, completion in found.items() if not completion.void}

    def _insert(self, database: Database, names: Sequence[str]) -> None:
        row = f"(?, ?, {self._now})"
        values, rows = [value for name in names for value in (name, self._holder)], ", ".join([row] * len(names))
        database.execute(f"INSERT INTO leases VALUES {rows} ON CONFLICT (name) DO NOTHING", values)  # noqa: S608 - question marks

    def _rows(self, database: Database, where: str, values: Sequence[object]) -> list[_Row]:
        age = f"{self._now} - h.beat"
        sql = f"SELECT {_SHOWN}, {age} FROM leases l LEFT JOIN holders h ON h.holder = l.holder WHERE {where}"  # noqa: S608 - ours
        return database.execute(sql, values).fetchall()

    def _bury(self, database: Database, rows: Sequence[_Row]) -> None:
        """Forget dead holders with all their leases, unless one's heart has beaten since it was looked at."""
        for holder, beat in {(row[2], row[7]) for row in rows}:
            if holder is None:
                orphans = "DELETE FROM leases WHERE holder NOT IN (SELECT holder FROM holders)"
                database.execute(orphans)
            elif database.execute(
                "DELETE FROM holders WHERE holder = ? AND beat = ? RETURNING holder", (holder, beat)
            ).fetchone():
                database.execute("DELETE FROM leases WHERE holder = ?", (holder,))

    # ── what the writer sees to ──

    def due(self) -> float | None:
        """Seconds until the next heartbeat; None where nothing is held."""
        return max(self._beaten + HEARTBEAT_SECONDS - monotonic(), 0.0) if self._names and self._holder else None

    def beat(self, database: Database) -> None:
        """Tell the others that this holder is alive."""
        self._beaten = monotonic()
        if self._fresh:
            return
        if self._holder:
            sql = f"UPDATE holders SET beat = {self._now} WHERE holder = ? RETURNING holder"  # noqa: S608 - a constant
            if database.execute(sql, (self._holder,)).fetchone() is not None:
                return
            self._lose()
        self._register(database)

    def _register(self, database: Database) -> None:
        """Become a holder, and clear away what dead ones have left."""
        me = this_process()
        self._holder, self._fresh = uuid.uuid4().hex, True
        _alive.add(self._holder)
        sql = f"INSERT INTO holders VALUES (?, ?, ?, ?, ?, {self._now})"  # noqa: S608 - a constant
        database.execute(sql, (self._holder, socket.gethostname(), me.pid, me.machine, me.born))
        age = f"{self._now} - h.beat"
        sql = f"SELECT '', 0, h.holder, h.host, h.pid, h.machine, h.born, h.beat, {age} FROM holders h"  # noqa: S608 - a constant
        self._bury(database, [row for row in database.execute(sql).fetchall() if _is_dead(row)])

    def _lose(self) -> None:
        """Tell who had a lease that it is lost."""
        _alive.discard(self._holder)
        self._holder = ""
        for lost in list(self._names.values()):
            with suppress(RuntimeError):  # its event loop is closed
                lost()

    def over(self, *, committed: bool) -> None:
        """A transaction is over: what was not committed did not happen."""
        if not committed:
            soon = monotonic() - HEARTBEAT_SECONDS + _AGAIN_SECONDS
            self._beaten = soon if self.due() == 0 else min(self._beaten, soon)
        if self._fresh and not committed:
            _alive.discard(self._holder)
            self._holder = ""
        self._fresh = False

    def farewell(self, database: Database) -> None:
        """Let go of everything: the ledger is about to be closed."""
        for sql in ("DELETE FROM leases WHERE holder = ?", "DELETE FROM holders WHERE holder = ?"):
            database.execute(sql, (self._holder,))

    @property
    def is_holder(self) -> bool:
        """Whether there is anything to let go of."""
        return bool(self._holder)

    def forget(self) -> None:
        """The ledger is closed, whatever came of the farewell."""
        _alive.discard(self._holder)
        self._holder = ""


def _holder(row: _Row) -> Holder:
    return Holder(host=row[3] or "?", pid=row[4] or 0, since=row[1])


def _is_dead(row: _Row) -> bool:
    """Whether the holder of a lease is known to be dead."""
    _, _, holder, _, pid, machine, born, _, age = row
    if holder is None:
        return True
    gone = is_gone(Process(pid=pid, machine=machine, born=born))
    if gone is None:
        return age > LEASE_SECONDS
    return gone or (pid == os.getpid() and holder not in _alive)
