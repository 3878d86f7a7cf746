"""`critique`: seats look for the first wrong step in answers that are not theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Literal

from pydantic import Field

from contemplate import prompts
from contemplate.agent import Agent
from contemplate.parsing import read_verdict
from contemplate.prompts import Quote
from contemplate.run import Pending, Run, Said
from contemplate.steps.base import Cards, Panel, Step, distinct, names_of
from contemplate.types import Message


class Critique(Step):
    """Each position, or one for each distinct answer, is checked step by step by other seats.

    Attributes:
        agent: the critics' card.
        of: "each" position (a critique starts when its target is there, whatever the others do), or one for
            each "distinct" answer (which must wait for all of them).
        critics: how many seats criticise each target.
    """

    do: Literal["critique"] = "critique"
    agent: Cards = "critic"
    of: Literal["each", "distinct"] = "each"
    critics: Annotated[int, Field(ge=1, le=100)] = 1

    @property
    def cards(self) -> tuple[str, ...]:
        """The critics' cards."""
        return names_of(self.agent)

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Lay out the critiques, and hand them on with the panel."""
        seats = [position.seat for position in panel.positions]
        critiques: dict[str, tuple[Pending, ...]] = {}
        for camp in await self._camps(run, panel):
            found = tuple(self._criticise(run, camp[0], critics_for(camp[0].seat, seats, {held.seat for held in camp})))
            critiques |= {held.id: found for held in camp}
        return replace(panel, critiques=critiques)

    async def _camps(self, run: Run, panel: Panel) -> list[list[Pending]]:
        """The positions that share a critique, the one that is criticised first."""
        if self.of == "each":
            return [[position] for position in panel.positions]
        return distinct(await run.live(panel.positions))

    def _criticise(self, run: Run, target: Pending, critics: Sequence[int]) -> Iterator[Pending]:
        names = names_of(self.agent)
        for place, number in enumerate(critics[: self.critics]):
            critic = run.seat(names[place % len(names)], number)
            yield run.say(
                critic,
                sees=[(target, "criticised")],
                prompt=partial(_prompt, run, critic, target),
                read=lambda text: Said(verdict=read_verdict(text)),
                detail=f"on-{target.seat}",
            )


def critics_for(author: str, seats: Sequence[str], camp: set[str]) -> list[int]:
    """The numbers of the seats that may criticise `author`, best first.

    Seats that hold another answer come before those of the author's `camp`, the author only if alone; among
    equals the one that sits next after the author, so that the work is spread.
    """
    place = seats.index(author)
    others = [(place + step) % len(seats) for step in range(1, len(seats))]
    ranked = sorted(others, key=lambda other: seats[other] in camp)
    return [other + 1 for other in ranked or [place]]


def _prompt(run: Run, critic: Agent, target: Pending) -> tuple[Message, ...] | None:
    if target.turn.answer is None or target.turn.text is None:
        return None
    material = prompts.quoted([Quote("Reply", target.turn.text)], run.work.seed, target.id, critic.seat)
    return prompts.ask(critic.card, run.question, run.answer_form, material)
