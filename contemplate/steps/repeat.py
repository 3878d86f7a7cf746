"""`repeat`: steps again and again, until a stop test says enough."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from contemplate.run import Run
from contemplate.steps.base import Panel, Step, perform
from contemplate.steps.stops import Stop

if TYPE_CHECKING:
    from contemplate.steps import AnyStep


class Repeat(Step):
    """Steps done over and over. The stop test is read before each pass: a panel that needs none pays for none.

    Attributes:
        times: the most passes.
        rounds: instead of `times`: the rounds as papers count them, with the independent one before; passes + 1.
        until: the stop test.
        steps: what a pass does.
    """

    do: Literal["repeat"] = "repeat"
    times: Annotated[int, Field(ge=0, le=1000)] | None = None
    rounds: Annotated[int, Field(ge=1, le=1001)] | None = None
    until: Stop | None = None
    steps: Annotated[tuple[AnyStep, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_count(self) -> Repeat:
        if (self.times is None) == (self.rounds is None):
            msg = "give either 'times' (passes) or 'rounds' (passes and the independent round before them)"
            raise ValueError(msg)
        return self

    @property
    def passes(self) -> int:
        """The most passes."""
        return self.times if self.times is not None else (self.rounds or 1) - 1

    @property
    def leaves(self) -> int:
        """How many steps there are inside."""
        return sum(step.leaves for step in self.steps)

    @property
    def cards(self) -> tuple[str, ...]:
        """The cards of the steps inside."""
        return tuple(card for step in self.steps for card in step.cards)

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Do the passes, until the stop test fires or the budget is spent."""
        for number in range(1, self.passes + 1):
            if self.until is not None and await self.until.fires(run, panel):
                return replace(panel, stopped=self.until.test)
            panel = await perform(self.steps, run.in_round(number), panel)
            if run.work.exhausted:
                break
        return panel
