"""The commands that look into a run that is over, and ask what if. Each imports what it needs when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contemplate.cli.options import Command, ExportFile, ExportForm, Json, Ledger, Overwrite, Project, RunId, RunIds, TraceFile


def export(
    runs: RunIds,
    form: Annotated[
        ExportForm | None,
        typer.Option(
            "--format", help="Of the file. Default: as its name ends (.eval, .graphml, .mmd), or jsonl.", show_default=False
        ),
    ] = None,
    output: ExportFile = None,
    overwrite: Overwrite = False,  # noqa: FBT002
    ledger: Ledger = None,
    project: Project = None,
) -> Command:
    """Write runs for other programs.

    One as JSON Lines, node-link JSON, GraphML or a Mermaid flowchart; one or several as a log for `inspect view`.
    """

    def work() -> int:
        from contemplate.cli.export import export_runs
        from contemplate.cli.location import Location

        return export_runs(
            runs, None if form is None else form.value, Location(ledger, project), output=output, overwrite=overwrite
        )

    return work


def fork(  # noqa: PLR0913, PLR0917 - the options of the command
    run: RunId,
    drop_seat: Annotated[
        list[int] | None, typer.Option(metavar="N", min=1, help="Leave this seat of the panel out (repeatable).")
    ] = None,
    drop_turn: Annotated[list[str] | None, typer.Option(metavar="TURN", help="Leave this turn out (repeatable).")] = None,
    edit: Annotated[
        tuple[str, Path] | None,
        typer.Option(metavar="TURN FILE", help="What is in FILE is what the agent of this turn says.", show_default=False),
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(metavar="SEAT=M", help="Give a seat another model, as 2=openai/gpt-5-mini (repeatable).")
    ] = None,
    rule: Annotated[str | None, typer.Option(metavar="R", help="Count votes by this rule (contemplate list rules).")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A parameter of the recipe, as rounds=3 (repeatable).")
    ] = None,
    estimate: Annotated[bool, typer.Option("--estimate", help="Only say what it would take.")] = False,  # noqa: FBT002
    budget_calls: Annotated[int | None, typer.Option(metavar="N", help="At most so many model calls.")] = None,
    budget_tokens: Annotated[int | None, typer.Option(metavar="N", help="At most so many tokens.")] = None,
    budget_usd: Annotated[float | None, typer.Option(metavar="X", help="At most so many US dollars.")] = None,
    deadline: Annotated[float | None, typer.Option(metavar="SECONDS", help="Answer with what is there after so long.")] = None,
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
    trace: TraceFile = None,
) -> Command:
    """Do a run again with something changed.

    Only what lies downstream of the change is called; all else comes from the ledger.
    """

    def work() -> int:
        from contemplate.cli.fork import Arguments, fork
        from contemplate.cli.location import Location

        return fork(
            Arguments(
                run=run,
                seats=tuple(drop_seat or ()),
                turns=tuple(drop_turn or ()),
                edit=edit,
                models=tuple(model or ()),
                rule=rule,
                settings=tuple(settings or ()),
                budget={"calls": budget_calls, "tokens": budget_tokens, "usd": budget_usd, "seconds": deadline},
                estimate=estimate,
                location=Location(ledger, project),
                json=json,
                trace=trace,
            )
        )

    return work


def diff(
    run: Annotated[str, typer.Argument(metavar="A", help="A run's id, the beginning of it, or last.")],
    other: Annotated[str, typer.Argument(metavar="B", help="That of another one, as a fork of it.")],
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """Show two runs side by side.

    What was set otherwise, what came of it, and where each seat first differs.
    """

    def work() -> int:
        from contemplate.cli.diff import diff
        from contemplate.cli.location import Location

        return diff(run, other, Location(ledger, project), as_json=json)

    return work


def credit(  # noqa: PLR0913, PLR0917 - the options of the command
    run: RunId,
    turns: Annotated[bool, typer.Option("--turns", help="Leave out each turn of an agent, in place of each seat.")] = False,  # noqa: FBT002
    estimate: Annotated[bool, typer.Option("--estimate", help="Only say what it would take.")] = False,  # noqa: FBT002
    budget_calls: Annotated[int | None, typer.Option(metavar="N", help="At most so many calls in all.")] = None,
    budget_tokens: Annotated[int | None, typer.Option(metavar="N", help="At most so many tokens in all.")] = None,
    budget_usd: Annotated[float | None, typer.Option(metavar="X", help="At most so many US dollars in all.")] = None,
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """Find out whose absence changes the answer.

    Each seat is left out in turn, by a fork; what that takes is said first.
    """

    def work() -> int:
        from contemplate.cli.credit import Arguments, credit
        from contemplate.cli.location import Location

        budget = {"calls": budget_calls, "tokens": budget_tokens, "usd": budget_usd}
        return credit(Arguments(run, turns, budget, estimate, Location(ledger, project), json))

    return work


def audit_steps(  # noqa: PLR0913, PLR0917 - the options of the command
    run: RunId,
    critics: Annotated[int, typer.Option(metavar="N", help="So many look at each reply; 0: programs alone.", min=0, max=100)] = 1,
    check: Annotated[bool, typer.Option("--check/--no-check", help="Compute arithmetic steps again.")] = True,  # noqa: FBT002
    model: Annotated[
        list[str] | None, typer.Option(metavar="M", help="Of the critics (repeatable). Default: those of the run.")
    ] = None,
    budget_calls: Annotated[int | None, typer.Option(metavar="N", help="At most so many model calls.")] = None,
    budget_tokens: Annotated[int | None, typer.Option(metavar="N", help="At most so many tokens.")] = None,
    budget_usd: Annotated[float | None, typer.Option(metavar="X", help="At most so many US dollars.")] = None,
    ledger: Ledger = None,
    project: Project = None,
    json: Json = False,  # noqa: FBT002
) -> Command:
    """Find the first wrong step of each reply of a run.

    Critics mark its number, and programs compute arithmetic steps again.
    """

    def work() -> int:
        from contemplate.cli.audit_steps import Arguments, audit_steps
        from contemplate.cli.location import Location

        budget = {"calls": budget_calls, "tokens": budget_tokens, "usd": budget_usd}
        return audit_steps(Arguments(run, critics, check, tuple(model or ()), budget, Location(ledger, project), json))

    return work
