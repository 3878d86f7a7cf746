"""`contemplate view`: a run as a page."""

from __future__ import annotations

import json
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from contemplate.cli.location import Location
from contemplate.cli.report import check_output, write_output
from contemplate.cli.show import head_of
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.errors import InputError, UnknownNameError
from contemplate.ledger.base import Ledger, StoredTurn
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.text import one_line
from contemplate.trace import TraceFile
from contemplate.viewer import StoredRun, page, page_model
from contemplate.viewer.stored import Prompts

NEWEST = "last"
"""The name of the newest run."""


def view(
    name: str | None,
    trace: Path | None,
    location: Location,
    *,
    output: Path | None = None,
    overwrite: bool = False,
    opened: bool = False,
    as_json: bool = False,
) -> int:
    """Write the page of a run.

    Args:
        name: the run's id, the beginning of it, or "last".
        trace: the run in this trace file instead.
        location: where runs are kept.
        output: the file; None: one in this folder, named after the run.
        overwrite: whether it may take the place of a file.
        opened: open it in the browser of this machine.
        as_json: say what was written as JSON.

    Raises:
        InputError: both are given, or neither; there is no such run; the file can't be written.
    """
    if (name is None) == (trace is None):
        both = "not both at once" if name is not None else "contemplate list runs names them"
        raise InputError(f"view a run (its id, or {NEWEST!r}), or the run in a trace file (--trace FILE); {both}")
    check_output(output, overwrite=overwrite)
    run = StoredRun.of_file(TraceFile.read(trace)) if trace is not None else run_async(stored_run, name or NEWEST, location)
    file = output or Path(f"{run.head.run}.html")
    if Path(file.name) != file and output is None:  # a run's id in a trace file is whatever somebody wrote there
        raise InputError(f"the run's id {one_line(run.head.run)!r} makes no name of a file; name one with -o FILE")
    if output is None:
        check_output(file, overwrite=overwrite)
    go_on = location.command("resume", run.head.run)
    text = page(page_model(run, go_on=f"it is {run.state}; go on with: {go_on}"))
    write_output(file, text, overwrite=overwrite, again=location.command("view", run.head.run))
    _tell(file, len(run.turns), len(text.encode()), as_json=as_json)
    if opened and not webbrowser.open(file.resolve().as_uri()):
        raise InputError(f"--open: there is no browser here that could be started; open {file} yourself")
    return Status.DONE


def _tell(file: Path, turns: int, size: int, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"file": str(file), "turns": turns, "bytes": size}))
    else:
        print(f"wrote {file}: {turns:,} turn{'s' * (turns != 1)}, {size / 1e6:.1f} MB")


async def stored_run(name: str, location: Location) -> StoredRun:
    """The run of that name in the ledger, with its prompts and its calls.

    Raises:
        InputError: there is none.
    """
    if not location.exists():
        raise InputError(f"no run {one_line(name)!r}: there is no ledger at {location.file()} yet")
    async with Orchestrator(ledger=location.ledger, project=location.project) as orchestrator:
        ledger = orchestrator.ledger
        newest = await ledger.runs(1) if name == NEWEST else []
        record = newest[0] if newest else await ledger.run(name)
        if record is None:
            raise UnknownNameError("run", name, (await ledger.run_ids())[::-1], "(contemplate list runs)")
        turns, calls = await ledger.turns(record.run), await ledger.calls(record.run)
        return StoredRun.of_record(head_of(record), record, turns, calls, await _asked(turns, ledger))


async def _asked(turns: Sequence[StoredTurn], ledger: Ledger) -> Prompts:
    """What each turn's agent was asked in each of its calls; nothing where the ledger has it no more."""
    return {
        turn.id: [request.messages if (request := await ledger.request(call.key)) else () for call in turn.calls]
        for turn, _ in turns
    }
