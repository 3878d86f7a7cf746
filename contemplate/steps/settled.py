"""`settled`, read off a panel: the tests of `contemplate.settling` over its seats' answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contemplate.run import Pending, Run
from contemplate.settling import Draws, SettledTest
from contemplate.steps.base import Panel


async def drawn(run: Run, positions: Sequence[Pending], cap: int) -> Draws:
    """The answers of `positions` as draws, in seat order, once all are there."""
    camps = await run.groups(positions)
    place_of = {position.id: place for place, camp in enumerate(camps) for position in camp}
    return Draws(tuple(place_of.get(position.id) for position in positions), cap, run.work.seed)


async def check_settled(run: Run, panel: Panel, test: SettledTest) -> Panel:
    """The panel, with `stopped` set if its vote is settled: sampling could stop early, or all answers agree.

    A panel that used up its seats without settling is not settled by their number running out: that is when to discuss.
    """
    await run.live(panel.positions)
    draws = await drawn(run, panel.positions, max(panel.cap, len(panel.positions)))
    fires = test.settled(draws) if draws.left else len(draws.counts) == 1
    return replace(panel, stopped="settled") if fires else panel
