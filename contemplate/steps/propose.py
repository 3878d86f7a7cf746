"""`propose`: seats answer the question, each alone."""

from __future__ import annotations

from functools import partial
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contemplate import prompts
from contemplate.run import Run
from contemplate.steps.base import Cards, Panel, Step, names_of, reader


class Propose(Step):
    """Seats answer the question side by side, without seeing each other.

    Attributes:
        agent: the card, or several that the seats take in turn.
        seats: how many seats the panel has.
    """

    needs_positions: ClassVar[bool] = False

    do: Literal["propose"] = "propose"
    agent: Cards = "proposer"
    seats: Annotated[int, Field(ge=1, le=1000)] = 3

    @property
    def cards(self) -> tuple[str, ...]:
        """The proposers' cards."""
        return names_of(self.agent)

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Lay out one proposal a seat; all start at once."""
        read_answer = reader(run.question)
        proposals = [
            run.say(agent, sees=[], prompt=partial(prompts.ask, agent.card, run.question, run.answer_form), read=read_answer)
            for agent in run.seats(self.agent, self.seats)
        ]
        return panel.moved(proposals)
