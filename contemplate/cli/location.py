"""Where runs are kept and settings stand: what `--ledger` and `--project` say."""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from contemplate.catalogue import Catalogue
from contemplate.errors import InputError, UnfinishedRunError
from contemplate.ledger import check_location, default_location, public_location
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.orchestration.settings import load_settings


@dataclass(frozen=True)
class Location:
    """What was typed; None where nothing was."""

    ledger: str | None = None
    project: Path | None = None

    def command(self, verb: str, *words: str) -> str:
        """The command that does `verb` with a run kept here, or other `words`, ready to be pasted into a shell."""
        ledger = None if self.ledger is None else public_location(self.ledger)
        options = {"--ledger": ledger, "--project": self.project}
        typed = [word for name, value in options.items() if value is not None for word in (name, str(value))]
        return shlex.join(["contemplate", verb, *words, *typed])

    def catalogue(self) -> Catalogue:
        """The cards and recipes that can be named.

        Raises:
            InputError: the project is no folder.
        """
        if self.project is not None and not self.project.is_dir():
            msg = f"--project {self.project}: no such folder"
            raise InputError(msg)
        return Catalogue(self.project)

    def file(self) -> str:
        """The ledger's file, or its address."""
        return self.ledger or load_settings(self.project).ledger or default_location()

    def exists(self) -> bool:
        """Whether there is a ledger already.

        Raises:
            InputError: one was named that is not there.
        """
        file = self.file()
        check_location(file)
        there = "://" in file or Path(file).exists()
        if self.ledger and not there:
            msg = f"--ledger {public_location(file)}: no such file"
            raise InputError(msg)
        return there

    @contextmanager
    def naming(self) -> Iterator[None]:
        """Where an error within names a command, it is one that finds the run here."""
        try:
            yield
        except UnfinishedRunError as error:
            raise UnfinishedRunError(error.run, error.state, self.command("resume", error.run)) from None

    @asynccontextmanager
    async def orchestrator(self, run: str) -> AsyncIterator[Orchestrator]:
        """An orchestrator on the ledger that keeps `run`. It makes no ledger where there is none.

        Raises:
            InputError: there is no ledger.
        """
        if not self.exists():
            msg = f"no run {run!r}: there is no ledger at {public_location(self.file())} yet"
            raise InputError(msg)
        with self.naming():
            async with Orchestrator(ledger=self.ledger, project=self.project) as orchestrator:
                yield orchestrator
