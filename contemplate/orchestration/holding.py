"""Holding runs: while one process is at work on a run, no other is; and none is at work once its orchestrator is closed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from contemplate import log
from contemplate.errors import InputError, RunHeldError, StorageError
from contemplate.ledger import Ledger

_PAUSE = 0.5
"""Seconds between two looks at whether a run is free."""


class Holder:
    """Who holds the runs of one orchestrator in its ledger, and ends those that are left when it is closed."""

    def __init__(self, ledger: Ledger) -> None:
        """Hold nothing yet; `ledger` keeps the runs."""
        self._ledger = ledger
        self._closed = False
        self._at_work: dict[anyio.CancelScope, anyio.Event] = {}

    @asynccontextmanager
    async def held(self, run: str, *, waits: bool = False) -> AsyncIterator[bool]:
        """Hold a run; whether somebody else was waited for.

        Args:
            run: its id.
            waits: wait for somebody else who holds it.

        Raises:
            RunHeldError: somebody else holds it.
            InputError: the orchestrator was closed meanwhile. The run can be resumed.
            StorageError: this process was silent for so long that somebody else has taken the run.
        """
        scope = anyio.CancelScope()
        over = self._at_work[scope] = anyio.Event()
        waited = False
        try:
            with scope:
                waited = await self._take(run, scope, waits=waits)
                try:
                    yield waited
                finally:
                    self._ledger.let_go(run)
        finally:
            del self._at_work[scope]
            over.set()
        if scope.cancelled_caught:
            if self._closed:
                raise InputError(
                    f"the orchestrator was closed while run {run} was at work; go on with it: contemplate resume {run}"
                )
            raise StorageError(
                f"run {run} was taken by another process, as this one gave no sign of life; see how it goes on there"
            )

    async def _take(self, run: str, scope: anyio.CancelScope, *, waits: bool) -> bool:
        """Get hold of a run; whether somebody else was waited for. The scope is cancelled when it is lost."""
        waited = False
        while True:
            try:
                await self._ledger.hold(run, scope.cancel)
            except RunHeldError as error:
                if not waits:
                    raise
                if not waited:
                    log.info("run is waited for", run=run, why=str(error))
                waited = True
                await anyio.sleep(_PAUSE)
            else:
                return waited

    async def aclose(self) -> None:
        """Cancel the runs that are at work, and wait until each is closed in the ledger."""
        self._closed = True
        for scope in list(self._at_work):
            scope.cancel()
        for over in list(self._at_work.values()):
            await over.wait()
