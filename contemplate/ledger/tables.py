"""A ledger in the tables of an SQL database: every statement that SQLite and PostgreSQL both understand."""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import os
import socket
import time
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Self

from contemplate.deprecated import renamed
from contemplate.errors import LedgerError, RunHeldError
from contemplate.ledger.base import Claim, Holder, Ledger, RecordState, RunRecord, Sent, StoredCall, StoredTurn
from contemplate.ledger.codec import Stored, dump_json, dump_value, load_json, load_value
from contemplate.ledger.database import Database
from contemplate.ledger.leases import KEY, RUN, Leases
from contemplate.ledger.parting import Messages, keep_messages, parted, put_together, stored_message
from contemplate.ledger.writer import Writer
from contemplate.types import Completion, Json, Request, Tokens, Turn, Usage

_MIN_PREFIX = 4
_MOST_TOKENS = 2**53
"""What a provider claims beyond this is cut here, so that sums stay within 64 bits."""

_RECORD = """
    INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?, coalesce((SELECT pass FROM runs WHERE run = ?), 1))
    ON CONFLICT (run, id) DO UPDATE SET
        place = excluded.place, turn = excluded.turn, sees = excluded.sees, cached = excluded.cached, pass = excluded.pass"""

RunRow = tuple[str, float, RecordState, Stored, Stored | None]


class TableLedger(Ledger):
    """The common part of the ledgers in a database.

    Any number of processes may use one database at once. Reads are answered in the order of the queue, so
    that each sees all that was written before it. Nothing here blocks the event loop.

    Attributes:
        location: the file or the address of the ledger, as errors call it; no password is in it.
    """

    def __init__(self, location: str, writer: Writer, leases: Leases) -> None:
        self.location = location
        self._writer = writer
        self._leases = leases
        self._void: set[str] = set()
        self._messages = Messages(self._entry)
        weakref.finalize(self, writer.stop, 0.0)  # dropped without aclose: let the thread end

    if not TYPE_CHECKING:
        __getattr__ = renamed({"place": "location"})

    async def opened(self) -> Self:
        """Open the database now, rather than on the first use: this ledger, open.

        Raises:
            LedgerError: it can't be opened, or is no ledger of ours.
        """
        opened = False
        try:
            await self._writer.ask(lambda _: None)
            opened = True
        finally:
            if not opened:
                self._writer.stop(0.0)
        return self

    @staticmethod
    def _entry(stored: Stored) -> Stored:
        """The form in which the database takes what `dump_value` made of a value."""
        return stored

    async def completion(self, key: str) -> Completion | None:
        """The completion stored under `key`, or None."""
        kept = await self._writer.ask(lambda database: _kept(database, key))
        if kept is not None and kept.void:
            self._void.add(key)
        return kept

    async def request(self, key: str) -> Request | None:
        """The request stored under `key`, or None."""

        def read(database: Database) -> Request | None:
            row = database.execute("SELECT request FROM completions WHERE key = ?", (key,)).fetchone()
            return put_together(row[0], partial(stored_message, database)) if row else None

        return await self._writer.ask(read)

    def sent(self, sent: Sent) -> None:
        """Write down that an attempt leaves. Does not wait; written in order, before anything that comes later.

        An attempt whose id is there already stays as it is.
        """
        tokens = (min(sent.tokens.prompt, _MOST_TOKENS), min(sent.tokens.completion, _MOST_TOKENS))
        row = (sent.call, sent.run, sent.turn, sent.key, *tokens, sent.usd)
        sql = "INSERT INTO calls VALUES (?, ?, ?, ?, 'sent', ?, ?, ?) ON CONFLICT (call) DO NOTHING"
        self._writer.write(lambda database: database.execute(sql, row), departs=True)

    async def written(self) -> None:
        """Wait until all that was written down so far is on disk. See `Ledger.written`."""
        await self._writer.ask(lambda _: None, writes=True)  # a read would be answered before the commit

    def closed(self, call: str, *, billed: bool) -> None:
        """Write down that an attempt ended without a completion. Does not wait. A call that is not open stays as it is."""
        change = "state = 'billed'" if billed else "state = 'free', prompt_tokens = 0, completion_tokens = 0, usd = 0"
        sql = f"UPDATE calls SET {change} WHERE call = ? AND state = 'sent'"  # noqa: S608 - one of two constants
        self._writer.write(lambda database: database.execute(sql, (call,)))

    async def store(self, call: str, request: Request, completion: Completion, usd: float | None) -> Completion | None:
        """Keep `completion` under `request.key`, and close `call` with what it cost; on disk when this returns.

        A key keeps its first completion, unless that is void; it is returned if it is another one. A call that is not open stays
        as it is.
        """
        tokens = (min(completion.tokens.prompt, _MOST_TOKENS), min(completion.tokens.completion, _MOST_TOKENS))
        key, created = request.key, time.time()
        asked, messages = parted(request)
        new = self._messages.new(messages)

        def write(database: Database) -> Completion | None:
            row = (key, self._entry(asked), self._entry(dump_value(completion)), created)
            keep_messages(database, new)
            stored = database.execute("INSERT INTO completions VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING", row)
            database.execute(
                "UPDATE calls SET state = 'stored', prompt_tokens = ?, completion_tokens = ?, usd = ?"
                " WHERE call = ? AND state = 'sent'",
                (*tokens, usd, call),
            )
            if stored.rowcount == 1 or (self.shared and key not in self._void):
                return None  # who shares a ledger reads it again: to look here is to wait for a server
            kept = _kept(database, key)
            if kept is not None and kept.void:
                database.execute("UPDATE completions SET completion = ?, created = ? WHERE key = ?", (row[2], created, key))
                return None
            return kept

        came = await self._writer.ask(write, writes=True)
        self._messages.known.update(new)
        return came

    async def start_run(self, record: RunRecord) -> None:
        """Keep a new run, or mark a known one as running again (the rest of it stays as it was)."""
        outcome = None if record.outcome is None else self._entry(dump_json(record.outcome))
        row = (record.run, record.created, record.state, self._entry(dump_json(record.spec)), outcome)
        sql = "INSERT INTO runs VALUES (?, ?, ?, ?, ?, 1) ON CONFLICT (run) DO UPDATE SET state = 'running', pass = runs.pass + 1"
        await self._writer.ask(lambda database: database.execute(sql, row) and None, writes=True)

    def record_turn(self, run: str, place: int, turn: Turn, sees: Sequence[tuple[str, str]], *, cached: bool) -> None:
        """Keep a turn of a run, in the place of the turn of that id from an earlier pass. Does not wait."""
        seen = json.dumps([list(edge) for edge in sees], separators=(",", ":")) if sees else "[]"
        row = (run, turn.id, place, self._entry(dump_value(turn)), seen, cached, run)
        self._writer.write(lambda database: database.execute(_RECORD, row))

    async def end_run(self, run: str, state: RecordState, outcome: Json | None) -> None:
        """Close a run, with all its turns on disk when this returns.

        A run that has finished keeps the turns of its last pass only: one that was interrupted may have left
        turns, such as an early vote, which the whole run does not have.

        Raises:
            LedgerError: there is no such run.
            RunHeldError: somebody else has taken it meanwhile: it is theirs to close.
        """
        stored = None if outcome is None else self._entry(dump_json(outcome))

        def write(database: Database) -> None:
            self._refuse_held(database, run)
            update = "UPDATE runs SET state = ?, outcome = ? WHERE run = ? RETURNING pass"
            row = database.execute(update, (state, stored, run)).fetchone()
            if row is None:
                msg = f"{self.location}: no run {run!r} was started"
                raise LedgerError(msg)
            if state == "finished":
                database.execute("DELETE FROM turns WHERE run = ? AND pass < ?", (run, row[0]))

        await self._writer.ask(write, writes=True)

    async def run(self, run: str) -> RunRecord | None:
        """The run of that id, or the only one whose id begins with it (at least 4 characters); else None.

        Raises:
            LedgerError: several runs begin so.
        """
        if not run.isprintable():  # no id of ours, and perhaps nothing that a database could compare
            return None
        columns = "SELECT run, created, state, spec, outcome FROM runs WHERE "

        def read(database: Database) -> RunRecord | None:
            if exact := database.execute(columns + "run = ?", (run,)).fetchone():
                return _run_record(exact)
            if len(run) < _MIN_PREFIX:
                return None
            begins = "run >= ? AND run < ? ORDER BY run LIMIT 6"  # by the index: nothing printable sorts behind U+10FFFF
            rows = database.execute(columns + begins, (run, f"{run}\U0010ffff")).fetchall()
            if len(rows) > 1:
                names = ", ".join(row[0] for row in rows[:5]) + (", ..." if len(rows) > 5 else "")  # noqa: PLR2004
                raise LedgerError(f"several runs begin with {run!r}: {names}; give more of the id")
            return _run_record(rows[0]) if rows else None

        return await self._writer.ask(read)

    async def runs(self, limit: int = 1000, before: float = math.inf) -> list[RunRecord]:
        """The stored runs, newest first; of those that began `before`, if that is given."""
        sql = "SELECT run, created, state, spec, outcome FROM runs WHERE created < ? ORDER BY created DESC, rowid DESC LIMIT ?"

        def read(database: Database) -> list[RunRecord]:
            return [_run_record(row) for row in database.execute(sql, (before, max(limit, 0))).fetchall()]

        return await self._writer.ask(read)

    async def run_ids(self) -> list[str]:
        """The ids of all stored runs, oldest first."""

        def read(database: Database) -> list[str]:
            return [run for (run,) in database.execute("SELECT run FROM runs ORDER BY created, rowid").fetchall()]

        return await self._writer.ask(read)

    async def turns(self, run: str) -> list[StoredTurn]:
        """The stored turns of a run in layout order, each with what it saw."""
        sql = "SELECT turn, sees FROM turns WHERE run = ? ORDER BY place, pass"

        def read(database: Database) -> list[StoredTurn]:
            rows = database.execute(sql, (run,)).fetchall()
            return [(load_value(Turn, turn), tuple((seen, kind) for seen, kind in json.loads(sees))) for turn, sees in rows]

        return await self._writer.ask(read)

    async def spent(self, run: str) -> Usage:
        """The cost of a run so far; an attempt of unknown fate at its worst case. See `Ledger.spent`."""
        sql = """SELECT count(*), coalesce(sum(prompt_tokens), 0), coalesce(sum(completion_tokens), 0),
                        coalesce(sum(usd), 0.0), count(*) - count(usd) FROM calls WHERE run = ?"""

        def read(database: Database) -> Usage:
            calls, prompt, completion, usd, unknown = database.execute(sql, (run,)).fetchone()
            return Usage(calls=calls, prompt_tokens=int(prompt), completion_tokens=int(completion), usd=None if unknown else usd)

        return await self._writer.ask(read)

    async def calls(self, run: str) -> list[StoredCall]:
        """The attempts at calls that a run made, retries among them, by turn."""
        sql = """SELECT calls.turn, calls.key, calls.state, calls.prompt_tokens, calls.completion_tokens, calls.usd,
                        completions.created FROM calls LEFT JOIN completions ON completions.key = calls.key
                 WHERE calls.run = ? ORDER BY calls.turn, calls.call"""

        def read(database: Database) -> list[StoredCall]:
            rows = database.execute(sql, (run,)).fetchall()
            return [
                StoredCall(
                    turn=turn,
                    key=key,
                    state=state,
                    tokens=Tokens(prompt=prompt, completion=completion),
                    usd=usd,
                    stored=created,
                )
                for turn, key, state, prompt, completion, usd, created in rows
            ]

        return await self._writer.ask(read)

    async def hold(self, run: str, lost: Callable[[], None]) -> None:
        """Take a run for oneself. See `Ledger.hold`."""
        loop = asyncio.get_running_loop()

        def tell() -> None:
            loop.call_soon_threadsafe(lost)

        claim = await self._take(RUN + run, tell)
        if claim.holder is not None:
            raise RunHeldError.by(run, claim.holder)

    def let_go(self, run: str) -> None:
        """Let others have a run."""
        self._give(RUN + run)

    async def holders(self) -> dict[str, Holder]:
        """The runs that somebody is at work on, and who."""
        return await self._writer.ask(self._leases.of_runs)

    async def claim(self, key: str) -> Claim:
        """Say that one is about to pay for a key. See `Ledger.claim`."""
        return await self._take(KEY + key, _nothing)

    def unclaim(self, key: str) -> None:
        """Be over with a key that was claimed."""
        self._give(KEY + key)

    async def _take(self, name: str, lost: Callable[[], None]) -> Claim:
        group = self._leases.enter(name, lost)
        if group is None:
            return Claim(holder=_ourselves())
        try:
            claim = await self._writer.ask(
                lambda database: self._leases.claim(database, group, name, self._writer.transactions), writes=True
            )
        except BaseException:  # cancelled, perhaps: the claim is made all the same
            self._give(name)
            raise
        if claim.holder is not None or claim.kept is not None:
            self._leases.leave(name, released=False)
        return claim

    def _give(self, name: str) -> None:
        if self._leases.leave(name, released=True):
            with suppress(LedgerError):  # closed, and what it held is free
                self._writer.write(lambda database: self._leases.release(database, name))

    def _refuse_held(self, database: Database, run: str) -> None:
        if (holder := self._leases.other_holder(database, RUN + run)) is not None:
            raise RunHeldError.by(run, holder)

    async def delete_run(self, run: str) -> None:
        """Forget a run, with its turns and its calls; completions stay, since other runs may have them.

        Raises:
            RunHeldError: somebody is at work on it.
        """
        if self._leases.has(RUN + run):
            raise RunHeldError.by(run, _ourselves())

        def write(database: Database) -> None:
            self._refuse_held(database, run)
            for table in ("turns", "calls", "runs"):
                database.execute(f"DELETE FROM {table} WHERE run = ?", (run,))  # noqa: S608 - one of three constants

        await self._writer.ask(write, writes=True)

    async def keys(self) -> list[str]:
        """The keys of all completions, sorted."""

        def read(database: Database) -> list[str]:
            return sorted(key for (key,) in database.execute("SELECT key FROM completions").fetchall())

        return await self._writer.ask(read)

    async def adopt(self, replies: Sequence[tuple[Request, Completion]]) -> int:
        """Keep replies that were paid for elsewhere, all or none, and say how many are new."""
        created = time.time()
        requests = {one.key: parted(one) for one, _ in replies}
        values = {one.key: (self._entry(requests[one.key][0]), self._entry(dump_value(other))) for one, other in replies}
        new = self._messages.new({digest: message for _, messages in requests.values() for digest, message in messages.items()})
        there = f"SELECT count(*) FROM completions WHERE key IN ({', '.join('?' * len(values))})"  # noqa: S608 - question marks

        def write(database: Database) -> int:
            (known,) = database.execute(there, list(values)).fetchone() if values else (0,)
            keep_messages(database, new)
            for key, stored in values.items():
                sql = "INSERT INTO completions VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING"
                database.execute(sql, (key, *stored, created))
            return len(values) - int(known)

        return await self._writer.ask(write, writes=True)

    async def keep_blob(self, content: bytes) -> str:
        """Keep bytes, once, and say their SHA-256."""
        row = (hashlib.sha256(content).hexdigest(), content, time.time())
        sql = "INSERT INTO blobs VALUES (?, ?, ?) ON CONFLICT (sha256) DO NOTHING"
        await self._writer.ask(lambda database: database.execute(sql, row) and None, writes=True)
        return row[0]

    async def blob(self, sha256: str) -> bytes | None:
        """The bytes with that SHA-256, or None."""

        def read(database: Database) -> bytes | None:
            row = database.execute("SELECT content FROM blobs WHERE sha256 = ?", (sha256,)).fetchone()
            return bytes(row[0]) if row else None

        return await self._writer.ask(read)

    async def aclose(self) -> None:
        """Finish what is queued and let go of the database. Safe to call twice."""
        await self._writer.aclose()


def _ourselves() -> Holder:
    return Holder(host=socket.gethostname(), pid=os.getpid())


def _nothing() -> None:
    """Nobody minds that a key was lost: at the worst it is paid for twice."""


def _run_record(row: RunRow) -> RunRecord:
    run, created, state, spec, outcome = row
    stored = None if outcome is None else load_json(outcome)
    return RunRecord(run=run, created=created, state=state, spec=load_json(spec), outcome=stored)


def _kept(database: Database, key: str) -> Completion | None:
    row = database.execute("SELECT completion FROM completions WHERE key = ?", (key,)).fetchone()
    return load_value(Completion, row[0]) if row else None
