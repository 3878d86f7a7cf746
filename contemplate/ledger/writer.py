"""The one thread that owns a ledger's connection, whatever the database is, and the queue before it."""

from __future__ import annotations

import asyncio
import atexit
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from typing import Protocol, TypeVar

import anyio

from contemplate.concurrency import rounds
from contemplate.errors import ContemplateError, DiskFullError, LedgerError, ProgramError, StorageError
from contemplate.errors.boundary import boundary
from contemplate.ledger.database import ConnectionLostError, Database, HeldError

T = TypeVar("T")

_CROWD, _CROWD_WINDOW = 16, 0.05
"""When so many calls left within so many seconds, other writes are about to come: it pays to wait for them."""
_CROWD_SECONDS = 0.002
"""How long a write waits then for others to share its transaction."""
_IDLE_SECONDS = 0.004
"""How long a write that nobody waits for does so."""
_EXIT_SECONDS = 2.0
"""The most that the end of a program waits for what is still queued."""
_LONGEST_PAUSE = 0.5
"""The most seconds between two tries to reach a server that went away."""


@dataclass(slots=True, eq=False)
class _Operation:
    """One thing to do with the database. Without `work` it is the last one: let go of the database.

    What `recurs` is done again by itself, so that nobody need know of one time that failed.
    """

    work: Callable[[Database], object] | None
    writes: bool
    waiter: asyncio.Future[object] | None = None
    result: object = None
    error: ContemplateError | None = None
    answered: bool = False
    recurs: bool = False


class Duty(Protocol):
    """What a writer sees to by itself, beside what it is asked to do. All is called in its thread."""

    @property
    def is_holder(self) -> bool:
        """Whether there is a farewell to be said."""
        ...

    def due(self) -> float | None:
        """In how many seconds `beat` is due; None: not as things stand."""
        ...

    def beat(self, database: Database) -> None:
        """Do what is due again and again."""
        ...

    def over(self, *, committed: bool) -> None:
        """A transaction is over."""
        ...

    def farewell(self, database: Database) -> None:
        """Do what is due before the database is let go of."""
        ...

    def forget(self) -> None:
        """The database is let go of."""
        ...


class Writer:
    """Does operations in the order in which they come, all that wait in one transaction, off the event loop.

    A transaction costs about as much for a hundred writes as for one, so the more is in flight, the less each
    write costs. The thread starts with the first operation and opens the database then.

    A transaction whose connection is lost is done again on a new one. It may have been committed all the same,
    so every operation must be one that may be done twice.

    Attributes:
        transactions: how many were begun for writing.
    """

    def __init__(self, name: str, connect: Callable[[], Database], *, patience: float = 0.0, duty: Duty | None = None) -> None:
        """Set up a writer; nothing is opened yet.

        Args:
            name: what errors call the database.
            connect: opens it; called in the thread.
            patience: for how many seconds to try again when a connection that worked is lost.
            duty: what to see to beside.
        """
        self._duty = duty
        self._name, self._connect, self._patience = name, connect, patience
        self._departures: deque[float] = deque(maxlen=_CROWD)
        self._queue: list[_Operation] = []
        self._bell: SimpleQueue[bool] = SimpleQueue()  # rung for an operation: is it waited for?
        self._rung: set[bool] = set()
        self._entry = threading.Lock()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._database: Database | None = None
        self._opened = False
        self._lost: float | None = None  # since when there has been no connection that works, after there was one
        self._kept: list[ContemplateError] = []
        self.transactions = 0

    def write(self, work: Callable[[Database], object], *, departs: bool = False) -> None:
        """Do `work` in its turn, waiting for nothing. If it fails, the next operation that is waited for says so.

        Args:
            work: what to do.
            departs: a call leaves, so that there will be more to write.
        """
        if departs:
            self._departures.append(time.monotonic())
        self._enter(_Operation(work, writes=True))

    async def ask(self, work: Callable[[Database], T], *, writes: bool = False) -> T:
        """Do `work` in its turn and return what it returns, with all that it wrote on disk.

        A caller that is cancelled stops waiting; the work is done all the same.

        Raises:
            LedgerError: the database can't be opened, or the ledger is closed.
            StorageError: it failed, or a write before it which nobody waited for did.
        """
        waiter: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._enter(_Operation(work, writes, waiter))  # type: ignore[arg-type]  # a future of T holds what `work` returns
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and isinstance(error := waiter.exception(), ContemplateError):
                self._kept.append(error)  # it came in the same moment as the cancellation, and nobody will see it
            raise

    async def aclose(self) -> None:
        """Do what is queued, let go of the database, end the thread. Safe to call twice."""
        waiter: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        if not self._leave(_Operation(None, writes=False, waiter=waiter)):
            return
        with anyio.CancelScope(shield=True):
            await waiter

    def stop(self, seconds: float) -> None:
        """Close without an event loop, waiting at most so many `seconds` for what is queued."""
        self._leave(_Operation(None, writes=False))
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(seconds)

    def _enter(self, operation: _Operation) -> None:
        with self._entry:
            if self._closed:
                msg = f"{self._name}: the ledger is closed; open it again"
                raise LedgerError(msg)
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name=f"ledger {self._name}", daemon=True)
                self._thread.start()
                atexit.register(self.stop, _EXIT_SECONDS)  # if the program does not close the ledger, nothing is lost
            self._put(operation)

    def _put(self, operation: _Operation) -> None:
        self._queue.append(operation)
        if (urgent := operation.waiter is not None or operation.work is None) not in self._rung:
            self._bell.put(urgent)
            self._rung.add(urgent)

    def _leave(self, last: _Operation) -> bool:
        """Close the entry behind `last`. False if there is nobody to do it."""
        with self._entry:
            first, self._closed = not self._closed, True
            if first and self._thread is not None:
                self._put(last)
                return True
            return False

    # ── what follows runs in the thread ──

    def _serve(self) -> None:
        last = False
        while not last:
            batch = self._gather()
            last = batch[-1].work is None
            todo = batch[: -1 if last else None]
            if todo:
                self._perform(todo)
            if last and self._database is not None:
                self._say_farewell()
                batch[-1].error = self._try(self._database.close)
            self._answer(batch)
            del batch, todo  # what was done must not keep alive a ledger that nobody has any more, while this waits
        atexit.unregister(self.stop)

    def _gather(self) -> list[_Operation]:
        """The operations to be done next, at least one. Waits a moment for more where that helps."""
        due = None if self._duty is None else self._duty.due()
        try:
            urgent = self._bell.get(timeout=due) if due != 0 else self._bell.get_nowait()
        except Empty:
            urgent = True
        if not urgent:
            with suppress(Empty):
                self._bell.get(timeout=_IDLE_SECONDS)
        if not self._closed and self._crowded():
            time.sleep(_CROWD_SECONDS)
        with self._entry:
            batch, self._queue = self._queue, []
            self._rung.clear()
            for _ in range(self._bell.qsize()):
                self._bell.get()
        if self._duty is not None and self._duty.due() == 0:
            batch.insert(0, _Operation(self._duty.beat, writes=True, recurs=True))
        return batch or self._gather()

    def _crowded(self) -> bool:
        return len(self._departures) == _CROWD and time.monotonic() - self._departures[0] < _CROWD_WINDOW

    def _perform(self, operations: list[_Operation]) -> None:
        """Do all in one transaction. If one fails, do each in its own, so that it fails alone."""
        error, begun = self._transact(operations)
        while isinstance(error, ConnectionLostError) and self._pause():
            error, begun = self._transact(operations)
        if error is None:
            return
        if begun and len(operations) > 1 and not isinstance(error, (ConnectionLostError, HeldError)):
            for operation in operations:
                self._perform([operation])
            return
        for operation in operations:
            operation.error = copy(error)

    def _transact(self, operations: list[_Operation]) -> tuple[ContemplateError | None, bool]:
        """Do all in one transaction: the error, if it failed, and whether it had begun."""
        begun = False

        def transact() -> None:
            nonlocal begun
            if self._database is None:
                self._database = self._open()
            writes = any(operation.writes for operation in operations)
            with self._database.transaction(writes=writes):
                begun = True
                self.transactions += writes
                self._work(operations, self._database, writes=writes)

        error = self._try(transact)
        if self._duty is not None:
            self._duty.over(committed=error is None)
        if isinstance(error, ConnectionLostError):
            self._drop()
        else:
            self._lost = None
        return error, begun

    def _say_farewell(self) -> None:
        """Let go of what is held: nobody waits for this, and others see by themselves that the process is gone."""
        if self._duty is not None and self._database is not None:
            if self._duty.is_holder:
                self._transact([_Operation(self._duty.farewell, writes=True)])
            self._duty.forget()

    def _open(self) -> Database:
        """Open the database. The first time what goes wrong is for the user to mend; later the run that is on ends with it."""
        kind: type[ContemplateError] = StorageError if self._opened else LedgerError
        try:
            database = self._connect()
        except (LedgerError, StorageError) as error:
            if isinstance(error, (kind, DiskFullError)):
                raise
            raise kind(str(error)) from error
        self._opened = True
        return database

    def _drop(self) -> None:
        """Let go of a connection that is of no use any more."""
        if (database := self._database) is not None:
            self._database = None
            self._try(database.close)
            self._lost = self._lost or time.monotonic()

    def _pause(self) -> bool:
        """Wait, at first for no time at all, before a lost connection is tried again. False: it was tried for long enough."""
        if self._lost is None:  # there never was one
            return False
        waited = time.monotonic() - self._lost
        if waited >= self._patience:
            return False
        time.sleep(min(waited, _LONGEST_PAUSE))
        return True

    def _work(self, operations: list[_Operation], database: Database, *, writes: bool) -> None:
        awaited = (index for index, operation in enumerate(operations) if operation.writes and operation.waiter)
        split = next(awaited, len(operations))
        self._do(operations[:split], database)
        if writes:  # what those reads saw is on disk, or is nothing that anybody waits for: they need not wait for the disk
            self._answer([operation for operation in operations[:split] if operation.waiter])
        self._do(operations[split:], database)

    @staticmethod
    def _do(operations: list[_Operation], database: Database) -> None:
        for operation in operations:
            if operation.work is not None:
                operation.result = operation.work(database)

    def _try(self, step: Callable[[], None]) -> ContemplateError | None:
        """Take a step; the error, if it failed. Nothing may end the thread: tasks wait for its answers."""
        with boundary(f"{self._name}: the ledger", passes=()) as caught:
            step()
        if isinstance(caught.error, ProgramError):
            error = StorageError(str(caught.error))
            error.__cause__ = caught.error.__cause__
            return error
        return caught.error

    def _answer(self, batch: list[_Operation]) -> None:
        """Wake whoever waits, each event loop once; keep the errors that nobody waits for."""
        loops: dict[asyncio.AbstractEventLoop, list[_Operation]] = {}
        for operation in batch:
            if operation.answered:
                continue
            operation.answered = True
            if operation.waiter is not None:
                if self._kept and operation.error is None:
                    operation.error, operation.writes = self._take_kept(), True
                loops.setdefault(operation.waiter.get_loop(), []).append(operation)
            elif operation.error is not None and not operation.recurs:
                self._kept.append(operation.error)
        for loop, operations in loops.items():
            try:
                loop.call_soon_threadsafe(self._wake_all, operations)
            except RuntimeError:  # that loop is closed, and its tasks with it
                self._kept.extend(operation.error for operation in operations if operation.error and operation.writes)

    def _take_kept(self) -> StorageError:
        kept, self._kept = self._kept, []
        more = f" (and {len(kept) - 1} more)" if len(kept) > 1 else ""
        kind = DiskFullError if isinstance(kept[0], DiskFullError) else StorageError
        error = kind(f"an earlier write to the ledger failed{more}: {kept[0]}")
        error.__cause__ = kept[0]
        return error

    # ── and this in the event loop ──

    def _wake_all(self, operations: list[_Operation]) -> None:
        rounds().let(partial(self._wake, operation) for operation in operations)

    def _wake(self, operation: _Operation) -> None:
        waiter = operation.waiter
        if waiter is None or waiter.done():  # cancelled
            if operation.error is not None and operation.writes:
                self._kept.append(operation.error)
        elif operation.error is not None:
            waiter.set_exception(operation.error)
        else:
            waiter.set_result(operation.result)
