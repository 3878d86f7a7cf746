"""`contemplate audit-steps`: the first wrong step of each reply of a run, and who found it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from contemplate.cli.ask import InterruptedRunError, caps
from contemplate.cli.columns import aligned
from contemplate.cli.location import Location
from contemplate.cli.page import Page
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.cli.words import spent
from contemplate.orchestration.step_audit import AuditedSteps, StepAudit
from contemplate.text import one_line

_WIDTH = 100


@dataclass(frozen=True)
class Arguments:
    """What was typed."""

    run: str
    critics: int
    check: bool
    models: tuple[str, ...]
    budget: dict[str, float | None]
    location: Location
    json: bool


def audit_steps(arguments: Arguments) -> int:
    """Look for the first wrong step in each reply of a run, and print what is found."""
    try:
        found = run_async(_audited, arguments)
    except KeyboardInterrupt:
        again = "what was paid for is kept; the same command goes on from there"
        raise InterruptedRunError(f"interrupted; {again}") from None
    if arguments.json:
        print(json.dumps(found.to_dict(), ensure_ascii=True))
    else:
        _put(found, arguments.location)
    return Status.DONE


async def _audited(arguments: Arguments) -> StepAudit:
    async with arguments.location.orchestrator(arguments.run) as orchestrator:
        return await orchestrator.audit_steps(
            arguments.run,
            critics=arguments.critics,
            check=arguments.check,
            models=arguments.models,
            budget=caps(arguments.budget),
        )


def _put(found: StepAudit, location: Location) -> None:
    page = Page()
    heads = ("reply", "steps", "computed", "first wrong", "by", "critics say")
    page.put("\n".join(aligned([heads, *map(_row, found.rows)], figures=(1, 2, 3))))
    for row in found.rows:
        if row.first is not None:
            page.put(f"\n{row.turn}, step {row.first}: {one_line(row.steps[row.first - 1], _WIDTH)}", "bold")
            if row.why:
                page.put(f"  {one_line(row.why, _WIDTH)}")
        for mark in row.marks:
            if mark.step is None:
                page.put(f"\n{row.turn}: {one_line(mark.model, 60)} marks no step ({mark.why or 'cancelled'})", "red")
    if found.run is not None:
        page.put(f"\nthe critiques: {location.command('show', found.run)}", "dim")
    page.put(f"used: {spent(found.usage)}", "dim")


def _row(row: AuditedSteps) -> tuple[str, ...]:
    said = ", ".join("?" if mark.step is None else str(mark.step or "none") for mark in row.marks)
    first = "none" if row.first is None else str(row.first)
    return (row.turn, str(len(row.steps)), str(len(row.checks)), first, " and ".join(row.by), said)
