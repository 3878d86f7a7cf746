"""A worker of Ray, without Ray: what it does to its own process, and how its errors travel."""

from __future__ import annotations

from pathlib import Path

import pytest

from contemplate import Settings
from contemplate._version import __version__
from contemplate.errors import ContemplateError, InputError, StorageError, UnreachableError
from contemplate.experiments.engines.ray_worker import RayWorker, WireError
from contemplate.ledger.sqlite import SQLiteLedger


async def test_its_ledger_alone_is_shared(tmp_path: Path) -> None:
    """Its ledger is shared with other workers; no other ledger of the process is."""
    worker = RayWorker(str(tmp_path / "l.db"), Settings())
    assert __version__ == await worker.start()
    orchestrator = await worker._opened()
    assert orchestrator.ledger.shared
    assert not SQLiteLedger(":memory:").shared
    await worker.stop()


async def test_it_closes_its_ledger(tmp_path: Path) -> None:
    """Nothing but the ledger's file is left."""
    worker = RayWorker(str(tmp_path / "l.db"), Settings())
    await worker.start()
    await worker.stop()
    assert [tmp_path / "l.db"] == list(tmp_path.iterdir())


@pytest.mark.parametrize("error", [InputError("x"), StorageError("x"), UnreachableError("x")])
def test_an_error_keeps_its_kind(error: ContemplateError) -> None:
    """What ends an experiment here ends it there, with the same exit status."""
    arrived = WireError(error.kind, str(error)).error()
    assert (type(error), "x") == (type(arrived), str(arrived))
