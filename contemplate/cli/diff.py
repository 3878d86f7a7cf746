"""`contemplate diff`: two stored runs side by side."""

from __future__ import annotations

import json

from contemplate.analysis.run_difference import RunDifference, SeatDifference, side_by_side
from contemplate.cli.columns import aligned
from contemplate.cli.location import Location
from contemplate.cli.page import Page
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.cli.words import spent
from contemplate.text import one_line

_WIDTH = 60


def diff(run: str, other: str, location: Location, *, as_json: bool) -> int:
    """Print two runs side by side.

    Raises:
        InputError: there is no such run.
    """
    found = run_async(_found, run, other, location)
    if as_json:
        print(json.dumps(found.to_dict(), ensure_ascii=True))
        return Status.DONE
    page = Page()
    rows = [*side_by_side(found), ("used", spent(found.this.usage), spent(found.other.usage))]
    page.put("\n".join(aligned([(name, *map(_short, pair)) for name, *pair in rows])))
    if found.settings:
        page.put("\nset otherwise", "bold")
        page.put("\n".join(aligned([(name, *map(_short, pair)) for name, pair in found.settings.items()])))
    page.put(f"\n{found.turns:,} {'turn differs' if found.turns == 1 else 'turns differ'}", "bold")
    if found.seats:
        page.put("\n".join(aligned([("seat", "first at", "here", "there", "in"), *map(_seat, found.seats)])))
    return Status.DONE


async def _found(run: str, other: str, location: Location) -> RunDifference:
    async with location.orchestrator(run) as orchestrator:
        return await orchestrator.diff(run, other)


def _seat(one: SeatDifference) -> tuple[str, ...]:
    fields = ", ".join(one.fields) or "one run only"
    return (one.seat or "the count", one.turn, _short(one.this), _short(one.other), fields)


def _short(value: object) -> str:
    return "-" if value is None or value == "" else one_line(str(value), _WIDTH)
