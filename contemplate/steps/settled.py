"""`settled`, read off a panel: the tests of `contemplate.voting.stopping` over its seats' answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contemplate.run import PendingTurn, Run
from contemplate.steps.base import Panel
from contemplate.voting.stopping import Samples, SettledTest


async def drawn(run: Run, positions: Sequence[PendingTurn], cap: int) -> Samples:
    """The answers of `positions` as draws, in seat order, once all are there."""
    answer_groups = await run.groups(positions)
    group_of = {position.id: index for index, group in enumerate(answer_groups) for position in group}
    return Samples(tuple(group_of.get(position.id) for position in positions), cap, run.seed)


async def check_settled(run: Run, panel: Panel, test: SettledTest) -> Panel:
    """The panel, with `stopped` set if its vote is settled: sampling could stop early, or all answers agree.

    A panel that used up its seats without settling is not settled by their number running out: that is when to discuss.
    """
    await run.answered(panel.positions)
    draws = await drawn(run, panel.positions, max(panel.cap, len(panel.positions)))
    fires = test.settled(draws) if draws.left else len(draws.counts) == 1
    return replace(panel, stopped="settled") if fires else panel
