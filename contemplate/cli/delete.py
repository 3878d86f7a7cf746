"""`contemplate delete`: runs that nobody wants to keep."""

from __future__ import annotations

import json
import sys

from contemplate.cli.location import Location
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.errors import InputError
from contemplate.ledger.base import RunRecord
from contemplate.text import one_line


def delete_runs(names: tuple[str, ...], location: Location, *, sure: bool, as_json: bool) -> int:
    """Delete runs, all or, if one of them is not there, none; without `sure`, whoever sits at the terminal is asked.

    Raises:
        InputError: there is no such run, or nobody can be asked.
    """
    records = run_async(_found, names, location)
    if not sure:
        _ask(records)
    run_async(_delete, records, location)
    deleted = [record.run for record in records]
    print(json.dumps({"deleted": deleted}) if as_json else f"deleted: {', '.join(deleted)}")
    return Status.DONE


async def _found(names: tuple[str, ...], location: Location) -> list[RunRecord]:
    async with location.orchestrator(names[0]) as orchestrator:
        records = [await orchestrator.run(name) for name in names]
    return list({record.run: record for record in records}.values())


async def _delete(records: list[RunRecord], location: Location) -> None:
    async with location.orchestrator(records[0].run) as orchestrator:
        for record in records:
            await orchestrator.ledger.delete_run(record.run)


def _ask(records: list[RunRecord]) -> None:
    if sys.stdin is None or not sys.stdin.isatty():
        raise InputError("there is no terminal to ask at whether the runs are to be deleted; --yes deletes them unasked")
    for record in records:
        print(f"{record.run}  {one_line(record.spec['question']['text'], 60)}", file=sys.stderr)
    print(
        f"delete {'this run' if len(records) == 1 else f'these {len(records)} runs'}? [y/N] ", end="", file=sys.stderr, flush=True
    )
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise InputError("nothing was deleted")
