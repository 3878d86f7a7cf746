"""Holding a run: while one process is at work on it, no other is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from contemplate import log
from contemplate.errors import RunHeldError, StorageError
from contemplate.ledger import Ledger

_PAUSE = 0.5
"""Seconds between two looks at whether a run is free."""


@asynccontextmanager
async def held(ledger: Ledger, run: str, *, waits: bool = False) -> AsyncIterator[bool]:
    """Hold a run; whether somebody else was waited for.

    Args:
        ledger: that keeps it.
        run: its id.
        waits: wait for somebody else who holds it.

    Raises:
        RunHeldError: somebody else holds it.
        StorageError: this process was silent for so long that somebody else has taken the run.
    """
    scope, waited = anyio.CancelScope(), False
    while True:
        try:
            await ledger.hold(run, scope.cancel)
            break
        except RunHeldError as error:
            if not waits:
                raise
            if not waited:
                log.info("run is waited for", run=run, why=str(error))
            waited = True
        await anyio.sleep(_PAUSE)
    try:
        with scope:
            yield waited
    finally:
        ledger.let_go(run)
    if scope.cancelled_caught:
        raise StorageError(f"run {run} was taken by another process, as this one gave no sign of life; see how it goes on there")
