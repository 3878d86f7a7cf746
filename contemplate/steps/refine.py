"""`refine`: a rough question is put more tightly before anybody works on it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar, Literal

from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.run import Run
from contemplate.run.refining import settle
from contemplate.steps.base import Panel, Step
from contemplate.types import Message, Refinement, Turn


class Refine(Step):
    """One call says what a question asks for, and all who see the question after that see this beside it, as quoted words.

    Where that call fails, or its reply can't be read, or it is refused, the question stays as it is.

    Attributes:
        agent: the card of whoever puts it more tightly.
        ask: whether somebody is asked first if it is right: the function given as `refine`, or whoever sits at the terminal.
    """

    needs_positions: ClassVar[bool] = False

    do: Literal["refine"] = "refine"
    agent: str = "question-refiner"
    ask: bool = False

    @property
    def cards(self) -> tuple[str, ...]:
        """The card of whoever puts the question more tightly."""
        return (self.agent,)

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Ask, and keep what is taken for the prompts of all turns to come."""
        refiner = run.outsider(self.agent)
        pending = run.say(refiner, prompt=partial(_prompt, run, refiner), form=reply_formats.refinement())
        await settle(run, pending, ask=self.ask)
        return panel


def _prompt(run: Run, refiner: Agent, told: str) -> tuple[Message, ...]:
    return prompts.ask(refiner.card, run.posed, told)


def refinement_of(turns: Sequence[Turn]) -> Refinement | None:
    """The refinement that all who worked on a question saw beside it; None for none."""
    found = [turn for turn in turns if turn.verb == "refine" and turn.status == "said"]
    return found[-1].found.refinement if found else None
