"""`contemplate credit`: whose absence changes the answer."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass

from contemplate.cli.ask import InterruptedRunError, caps
from contemplate.cli.columns import aligned
from contemplate.cli.location import Location
from contemplate.cli.page import Page
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.cli.words import spent
from contemplate.orchestration.credit import Credit, CreditRow
from contemplate.orchestration.rehearsal import Estimate
from contemplate.text import one_line


@dataclass(frozen=True)
class Arguments:
    """What was typed."""

    run: str
    turns: bool
    budget: dict[str, float | None]
    estimate: bool
    location: Location
    json: bool


def credit(arguments: Arguments) -> int:
    """Find out the credit of each seat, or turn, of a run, or say what that would take."""
    if arguments.estimate:
        found = run_async(_expected, arguments)
        print(json.dumps(found.to_dict()) if arguments.json else f"it would take {found}; nothing was called")
        return Status.DONE
    try:
        table = run_async(_found, arguments)
    except KeyboardInterrupt:
        raise InterruptedRunError("interrupted; what was paid for is kept; the same command goes on from there") from None
    if arguments.json:
        print(json.dumps(table.to_dict(), ensure_ascii=True))
    else:
        _put(table)
    return Status.NO_ANSWER if table.skipped or any(row.changes_answer is None for row in table.rows) else Status.DONE


async def _expected(arguments: Arguments) -> Estimate:
    async with arguments.location.orchestrator(arguments.run) as orchestrator:
        return await orchestrator.estimate_credit(arguments.run, turns=arguments.turns)


async def _found(arguments: Arguments) -> Credit:
    def told(expected: Estimate) -> None:
        print(f"contemplate: this takes {expected}", file=sys.stderr)

    async with arguments.location.orchestrator(arguments.run) as orchestrator:
        run, turns = arguments.run, arguments.turns
        return await orchestrator.credit(run, turns=turns, budget=caps(arguments.budget), on_estimate=told)


def _put(table: Credit) -> None:
    page = Page()
    page.put(f"run {table.run}: {_answer(table.answer)} (margin {table.margin:.2f}, confidence {table.confidence:.2f})", "bold")
    heads = ("without", "answer", "", "margin", "", "confidence", "", "calls")
    page.put("\n".join(aligned([heads, *map(_row, table.rows)], figures=(3, 4, 5, 6, 7))))
    if table.skipped:
        page.put(f"no budget was left for {', '.join(table.skipped)}", "red")
    page.put(f"the answer changes without: {', '.join(table.decisive) or 'nobody'}", "bold")
    page.put(f"used: {spent(table.usage)}", "dim")


def _row(row: CreditRow) -> tuple[str, ...]:
    changed = {None: f"cut short ({row.stopped})", True: "changed", False: "the same"}[row.changes_answer]
    figures = (row.margin, row.margin_change, row.confidence, row.confidence_change)
    return (row.left_out, _answer(row.answer), changed, *(format(one, form) for one, form in _formats(figures)), str(row.calls))


def _formats(figures: tuple[float, ...]) -> list[tuple[float, str]]:
    """A figure as it is, and each change with its sign."""
    return [(one, "+.2f" if number % 2 else ".2f") for number, one in enumerate(figures)]


def _answer(answer: str | None) -> str:
    return "no answer" if answer is None else one_line(answer, 40)
