"""`contemplate view`: a run as a page."""

from __future__ import annotations

import json
import webbrowser
from dataclasses import dataclass
from pathlib import Path

import anyio

from contemplate.cli.location import Location
from contemplate.cli.report import check_output, write_output
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.cli.trace_files import check_partial, read_trace
from contemplate.errors import InputError
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.orchestration.stored_runs import NEWEST
from contemplate.text import one_line
from contemplate.viewer import Beside, StoredRun, page, page_model
from contemplate.viewer.loading import load

_LOOK = 1.0
"""How often a run that goes on is looked at, in seconds."""


@dataclass(frozen=True)
class Wanted:
    """What is wanted of a page.

    Attributes:
        output: the file; None: one in this folder, named after the run.
        overwrite: whether it may take the place of a file.
        opened: open it in the browser of this machine.
        live: write it anew as long as the run goes on.
        as_json: say what was written as JSON.
        partial: of a trace file that is damaged, what is whole.
        beside: another run of the ledger, to be shown beside it.
    """

    output: Path | None = None
    overwrite: bool = False
    opened: bool = False
    live: bool = False
    as_json: bool = False
    partial: bool = False
    beside: str | None = None


def view(name: str | None, trace: Path | None, location: Location, wanted: Wanted) -> int:
    """Write the page of a run.

    Args:
        name: the run's id, the beginning of it, or "last".
        trace: the run in this trace file instead.
        location: where runs are kept.
        wanted: what is wanted of the page.

    Raises:
        InputError: both are given, or neither; there is no such run; the file can't be written.
    """
    if (name is None) == (trace is None):
        both = "not both at once" if name is not None else "contemplate list runs names them"
        raise InputError(f"view a run (its id, or {NEWEST!r}), or the run in a trace file (--trace FILE); {both}")
    if trace is not None and wanted.live:
        raise InputError("--live follows a run in the ledger, and a trace file is of one that is over")
    if wanted.beside is not None and (trace is not None or wanted.live):
        raise InputError("--beside shows two runs of the ledger; not with --trace or --live")
    check_partial(trace, partial=wanted.partial)
    check_output(wanted.output, overwrite=wanted.overwrite)
    if trace is not None:
        run = StoredRun.of_file(read_trace(trace, partial=wanted.partial))
    else:
        run = run_async(stored_run, name or NEWEST, location)
    beside = None if wanted.beside is None else run_async(_beside, run.head.run, wanted.beside, location)
    written = _Page(_file(run, wanted), location, run, beside)
    written.write(run, overwrite=wanted.overwrite, live=wanted.live)
    if wanted.opened and not webbrowser.open(written.file.resolve().as_uri()):
        raise InputError(f"--open: there is no browser here that could be started; open {written.file} yourself")
    if wanted.live:
        written.follow()
    written.tell(as_json=wanted.as_json)
    return Status.DONE


def _file(run: StoredRun, wanted: Wanted) -> Path:
    """The file that the page is written to.

    Raises:
        InputError: it can't be written.
    """
    if wanted.output is not None:
        return wanted.output
    file = Path(f"{run.head.run}.html")
    if Path(file.name) != file:  # a run's id in a trace file is whatever somebody wrote there
        raise InputError(f"the run's id {one_line(run.head.run)!r} makes no name of a file; name one with -o FILE")
    check_output(file, overwrite=wanted.overwrite)
    return file


@dataclass
class _Page:
    """The page of a run, and the run as it was when the page was written last.

    Attributes:
        beside: another run, shown beside it.
        size: of the file, in bytes.
    """

    file: Path
    location: Location
    run: StoredRun
    beside: Beside | None = None
    size: int = 0

    def write(self, run: StoredRun, *, overwrite: bool, live: bool) -> None:
        """Write the page of the run as it is now; a `live` one looks for the next."""
        self.run, name = run, run.head.run
        go_on = f"it is {run.state}; go on with: {self.location.command('resume', name)}"
        if run.state == "running":
            go_on = "it goes on"
        if run.missing is not None:
            go_on = "the trace file has no outcome; the run may be whole in its ledger"
        text = page(page_model(run, go_on=go_on, live=live and run.state == "running", beside=self.beside))
        write_output(self.file, text, overwrite=overwrite, again=self.location.command("view", name))
        self.size = len(text.encode())

    def follow(self) -> None:
        """Write the page anew as long as the run goes on; the last one, also after Ctrl-C, stands still."""
        try:
            run_async(self._follow)
        except KeyboardInterrupt:
            self.write(self.run, overwrite=True, live=False)
            raise

    async def _follow(self) -> bool:
        while self.run.state == "running":
            await anyio.sleep(_LOOK)
            newer = await stored_run(self.run.head.run, self.location)
            if (newer.state, len(newer.turns)) != (self.run.state, len(self.run.turns)):
                self.write(newer, overwrite=True, live=True)
        return True

    def tell(self, *, as_json: bool) -> None:
        """Say what was written."""
        turns = len(self.run.turns)
        if as_json:
            missing = {} if self.run.missing is None else {"missing": list(self.run.missing)}
            print(json.dumps({"file": str(self.file), "turns": turns, "bytes": self.size, **missing}))
        else:
            print(f"wrote {self.file}: {turns:,} turn{'s' * (turns != 1)}, {self.size / 1e6:.1f} MB")


async def _beside(run: str, other: str, location: Location) -> Beside:
    async with location.orchestrator(other) as orchestrator:
        found = await orchestrator.diff(run, other)
        return Beside(await load(orchestrator.ledger, await orchestrator.run(other)), found)


async def stored_run(name: str, location: Location) -> StoredRun:
    """The run of that name in the ledger, with its prompts and its calls.

    Raises:
        InputError: there is none.
    """
    if not location.exists():
        raise InputError(f"no run {one_line(name)!r}: there is no ledger at {location.file()} yet")
    async with Orchestrator(ledger=location.ledger, project=location.project) as orchestrator:
        return await load(orchestrator.ledger, await orchestrator.run(name))
