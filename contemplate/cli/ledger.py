"""`contemplate ledger`: replies written to a file, and taken from one."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from contemplate.cli.location import Location
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.errors import InputError
from contemplate.experiments.experiment import runs_in, secret_in
from contemplate.ledger import open_ledger, public_location
from contemplate.ledger.exchange import Imported, export_replies, import_replies, keys_of_run


def export_to(
    file: Path, location: Location, runs: tuple[str, ...], experiments: tuple[Path, ...], *, overwrite: bool, as_json: bool
) -> int:
    """Write replies to a file: all, or those that some runs read.

    Raises:
        InputError: there is no ledger, no such run or experiment, or the file can't be written.
    """
    if not location.exists():
        raise InputError(f"there is no ledger at {public_location(location.file())} yet, so nothing to export")
    wanted = (*runs, *(run for folder in experiments for run in runs_in(folder)))
    count = run_async(_export, file, location, wanted if runs or experiments else None, overwrite)
    print(json.dumps({"exported": count, "file": str(file)}) if as_json else f"exported {count:,} replies to {file}")
    for folder in experiments:
        named = "whoever repeats it with these replies says in the plan"
        print(f"{folder}: {named}: secret: {json.dumps(secret_in(folder))}", file=sys.stderr)
    return Status.DONE


async def _export(file: Path, location: Location, runs: tuple[str, ...] | None, overwrite: bool) -> int:  # noqa: FBT001 - run_async
    async with location.orchestrator("") as orchestrator:
        keys: list[str] | None = None
        if runs is not None:
            ids = [(await orchestrator.run(run)).run for run in runs]
            keys = [key for run in ids for key in await keys_of_run(orchestrator.ledger, run)]
        return await export_replies(orchestrator.ledger, file, keys, overwrite=overwrite)


def import_from(file: Path, location: Location, *, as_json: bool) -> int:
    """Keep the replies of a file in the ledger, which is made if it isn't there.

    Raises:
        InputError: the file is none of ours, or damaged.
    """
    found = run_async(_import, file, location)
    if as_json:
        print(json.dumps({"imported": found.new, "known": found.known}))
    else:
        print(f"imported {found.new:,} replies ({found.known:,} were there already)")
    return Status.DONE


async def _import(file: Path, location: Location) -> Imported:
    ledger = await open_ledger(location.file())
    try:
        return await import_replies(ledger, file)
    finally:
        await ledger.aclose()
