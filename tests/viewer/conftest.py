"""Three real runs and a fork in one ledger, and their pages."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from contemplate.cli.location import Location
from contemplate.cli.view import stored_run
from contemplate.viewer import StoredRun
from viewed import CASTS, Viewed, forked, kept


@pytest.fixture(scope="session")
def viewed(tmp_path_factory: pytest.TempPathFactory) -> Viewed:
    """The runs, done once."""
    folder = tmp_path_factory.mktemp("viewed")
    location = Location(str(folder / "ledger.db"))

    async def work() -> dict[str, StoredRun]:
        ids = {name: await kept(name, folder / "ledger.db", pace=0.06) for name in CASTS}
        ids["fork"] = await forked(ids["debate"], folder / "ledger.db")
        return {name: await stored_run(run, location) for name, run in ids.items()}

    with ThreadPoolExecutor(1) as apart:  # where a browser is open, a loop runs in this thread
        return Viewed(folder, apart.submit(lambda: asyncio.run(work())).result())
