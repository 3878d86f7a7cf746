"""`contemplate export`: a run for other programs."""

from __future__ import annotations

from pathlib import Path

from contemplate.cli.location import Location
from contemplate.cli.report import check_output, write_output
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.orchestration.run_spec import RunSpec
from contemplate.trace.exports import export
from contemplate.trace.trace import Trace
from contemplate.types import Json


def export_run(run: str, form: str, location: Location, *, output: Path | None, overwrite: bool) -> int:
    """Print a run in a form that other programs read, or write it to a file.

    Raises:
        InputError: there is no such run; it is not over, and the form needs that it is; the file can't be written.
    """
    check_output(output, overwrite=overwrite)
    text = run_async(_exported, run, form, location)
    if output is None:
        print(text, end="")
    else:
        again = f"{location.command('export', run)} --format {form}"
        write_output(output, text, overwrite=overwrite, again=again)
    return Status.DONE


async def _exported(run: str, form: str, location: Location) -> str:
    async with location.orchestrator(run) as orchestrator:
        record = await orchestrator.run(run)
        trace = Trace.of(await orchestrator.ledger.turns(record.run))
    spec = RunSpec.stored(record.run, record.spec)
    head: Json = {
        "run": record.run,
        "question": spec.question.model_dump(mode="json"),
        "strategy": spec.strategy.name,
        "models": list(spec.models),
        "seed": spec.seed,
        **spec.head(),
    }
    return export(trace, head, record.outcome, form)
