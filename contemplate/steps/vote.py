"""`vote`: the panel's answers are counted."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import Field, field_validator

from contemplate.run import Counting, Pending, Run
from contemplate.steps.base import Panel, Step
from contemplate.voting import RULES, TieRule


class Vote(Step):
    """Counts each seat's position as its vote; where positions were revised, the first ones are counted too.

    Both votes stand in the trace, so that it can be seen what the discussion changed.

    Attributes:
        rule: how votes are counted; `contemplate list rules` says which there are.
        threshold: the share that a supermajority needs, in (1/2, 1].
        ties: how a tie for the first place is broken: at "random" by the seed, "first-seen" in seat order,
            or not at all ("none").
        failed: a seat whose last turn failed "abstains", or "keeps" the answer that it gave before, if it gave one.
    """

    do: Literal["vote"] = "vote"
    rule: str = "plurality"
    threshold: Annotated[float, Field(gt=0.5, le=1)] | None = None
    ties: TieRule = "random"
    failed: Literal["abstains", "keeps"] = "abstains"

    @field_validator("rule")
    @classmethod
    def _known(cls, rule: str) -> str:
        if rule not in RULES:
            near = get_close_matches(rule, RULES, n=1)
            msg = f"unknown rule {rule!r}{f'; did you mean {near[0]!r}?' if near else ''} (allowed: {', '.join(RULES)})"
            raise ValueError(msg)
        return rule

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Wait for every position, count, and put the decisions on record."""
        how = Counting(rule=self.rule, threshold=self.threshold, ties=self.ties)
        if panel.first is panel.positions:
            return replace(panel, decision=await run.vote(panel.positions, how))
        first = await run.vote(panel.first, how, "first")
        standing = await self._standing(panel)
        decision = await run.vote(standing, how, "final")
        return replace(panel, positions=standing, first_decision=first, decision=decision)

    async def _standing(self, panel: Panel) -> tuple[Pending, ...]:
        """The position that counts for each seat."""
        if self.failed == "abstains":
            return panel.positions
        return tuple([await _last_said(position, panel) for position in panel.positions])


async def _last_said(position: Pending, panel: Panel) -> Pending:
    """The last position of a seat that holds an answer; its last one if none does."""
    before = [earlier for positions in reversed(panel.earlier) for earlier in positions if earlier.seat == position.seat]
    for candidate in (position, *before):
        if (await candidate).answer is not None:
            return candidate
    return position
