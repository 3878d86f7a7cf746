"""Three real runs in one ledger, and their pages."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from contemplate.cli.location import Location
from contemplate.cli.view import stored_run
from contemplate.viewer import PageModel, StoredRun, page, page_model
from viewed import CASTS, kept


@dataclass(frozen=True)
class Viewed:
    """The runs of `viewed.CASTS`, by name."""

    folder: Path
    runs: dict[str, StoredRun]

    def model(self, name: str) -> PageModel:
        """The values of a run's page."""
        return page_model(self.runs[name])

    def file(self, name: str) -> Path:
        """The page of a run, written."""
        path = self.folder / f"{name}.html"
        if not path.exists():
            path.write_text(page(self.model(name)), encoding="utf-8")
        return path


@pytest.fixture(scope="session")
def viewed(tmp_path_factory: pytest.TempPathFactory) -> Viewed:
    """The three runs, done once."""
    folder = tmp_path_factory.mktemp("viewed")
    location = Location(str(folder / "ledger.db"))

    async def work() -> dict[str, StoredRun]:
        ids = {name: await kept(name, folder / "ledger.db", pace=0.06) for name in CASTS}
        return {name: await stored_run(run, location) for name, run in ids.items()}

    with ThreadPoolExecutor(1) as apart:  # where a browser is open, a loop runs in this thread
        return Viewed(folder, apart.submit(lambda: asyncio.run(work())).result())
