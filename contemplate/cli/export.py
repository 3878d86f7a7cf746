"""`contemplate export`: a run for other programs, or several as a log of Inspect's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from contemplate.cli.location import Location
from contemplate.cli.report import check_output, write_output
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.errors import InputError
from contemplate.orchestration.run_spec import RunSpec
from contemplate.trace.exports import export
from contemplate.trace.trace import Trace
from contemplate.types import Json

_BY_ENDING = {".eval": "inspect", ".graphml": "graphml", ".mmd": "mermaid", ".mermaid": "mermaid"}


def export_runs(runs: Sequence[str], form: str | None, location: Location, *, output: Path | None, overwrite: bool) -> int:
    """Print a run in a form that other programs read, or write it to a file; several runs as a log of Inspect's.

    Args:
        runs: what was typed, at least one.
        form: of the file; None: as its name says.
        location: where the runs are kept.
        output: the file; None prints it.
        overwrite: whether it may take the place of a file.

    Raises:
        InputError: there is no such run; it is not over, and the form needs that it is; the file can't be written; or there are
            several runs, or no file of that name, and the form takes none of these.
    """
    form = form or _BY_ENDING.get(output.suffix.lower() if output is not None else "", "jsonl")
    if form == "inspect":
        return _export_log(runs, location, output=output, overwrite=overwrite)
    if len(runs) > 1:
        raise InputError(f"--format {form} is of one run, and {len(runs)} are named; --format inspect takes several")
    (run,) = runs
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


def _export_log(runs: Sequence[str], location: Location, *, output: Path | None, overwrite: bool) -> int:
    """Write runs as one log of Inspect's."""
    from contemplate.inspect.logs import ENDINGS

    if output is None:
        raise InputError("--format inspect is written to a file: -o FILE.eval")
    if output.suffix not in ENDINGS:
        raise InputError(f"--output {output}: a log of Inspect's is a file {' or '.join(ENDINGS)}")
    check_output(output, overwrite=overwrite)
    log = run_async(_logged, runs, output.suffix, location)
    write_output(output, log, overwrite=overwrite, again=f"{location.command('export', *runs)} --format inspect -o FILE.eval")
    return Status.DONE


async def _logged(runs: Sequence[str], ending: str, location: Location) -> bytes:
    """The bytes of a log, from a file apart: the one that was asked for is written whole or not at all."""
    from contemplate.inspect.logs import write_log

    with TemporaryDirectory() as folder:
        async with location.orchestrator(runs[0]) as orchestrator:
            written = await write_log(orchestrator, runs, Path(folder) / f"runs{ending}")
        return written.read_bytes()
