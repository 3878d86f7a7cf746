"""The commands that look into a run that is over, and ask what if. Each imports what it needs when it runs."""

from __future__ import annotations

from typing import Annotated

import typer

from contemplate.cli.options import Command, ExportForm, Ledger, OutputFile, Overwrite, Project, RunId


def export(
    run: RunId,
    form: Annotated[ExportForm, typer.Option("--format", help="Of the file.")] = ExportForm.jsonl,
    output: OutputFile = None,
    overwrite: Overwrite = False,  # noqa: FBT002
    ledger: Ledger = None,
    project: Project = None,
) -> Command:
    """Write a run for other programs.

    As JSON Lines, node-link JSON, GraphML or a Mermaid flowchart.
    """

    def work() -> int:
        from contemplate.cli.export import export_run
        from contemplate.cli.location import Location

        return export_run(run, form.value, Location(ledger, project), output=output, overwrite=overwrite)

    return work
