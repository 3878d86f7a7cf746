"""`repeat`: steps again and again, until a stop test says enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from contemplate.run import Run
from contemplate.steps.base import Panel, Step, perform
from contemplate.steps.stops import Stop, StopTest, check

if TYPE_CHECKING:
    from contemplate.steps import AnyStep


class Repeat(Step):
    """Steps done over and over. The stop test is read before each pass: a panel that needs none pays for none.

    Tests that end with a decision of their own (`judge`, `accepted`) are read once more after the last pass.

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

    if TYPE_CHECKING:  # what may be given: any steps, in any order, as a list too; a stop test by its name alone

        def __init__(
            self, *, steps: Sequence[Step], times: int | None = ..., rounds: int | None = ..., until: Stop | str | None = ...
        ) -> None: ...

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
        """The number of steps inside."""
        return sum(step.leaves for step in self.steps)

    @property
    def stop_test(self) -> Stop | None:
        """The stop test that ends the passes early."""
        return self.until

    @property
    def cards(self) -> tuple[str, ...]:
        """The cards of the stop test and of the steps inside."""
        return (
            *(self.until.cards if isinstance(self.until, StopTest) else ()),
            *(card for step in self.steps for card in step.cards),
        )

    def problem_with(self, seats: int) -> tuple[str, str] | None:
        """A stop test that needs another number of seats."""
        problem = self.until.problem_with(seats) if isinstance(self.until, StopTest) else None
        return ("until", problem) if problem else None

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Do the passes, until the stop test fires or the budget is spent."""
        for number in range(1, self.passes + 1):
            panel = await self._tested(run, panel, number)
            if panel.stopped:
                return panel
            panel = await perform(self.steps, run.in_round(number), panel)
            if run.spent():
                return panel
        if isinstance(self.until, StopTest) and self.until.after_last and (self.passes or self.rounds):
            panel = await self._tested(run, panel, self.passes + 1)
            if not (panel.stopped or run.spent()):
                return await self.until.close(run.at(run.number, "until").in_round(self.passes + 1), panel)
        return panel

    async def _tested(self, run: Run, panel: Panel, number: int) -> Panel:
        """The panel after the stop test before pass `number`; `stopped` says whether it fired."""
        panel = replace(panel, stopped=None)
        if self.until is None:
            return panel
        return await check(self.until, run.at(run.number, "until").in_round(number), panel)
