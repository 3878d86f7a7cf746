"""`refine`: a rough question is put more tightly before anybody works on it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar, Literal

from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.run import PendingTurn, Run
from contemplate.run.reviewing import Draft, reviewed
from contemplate.steps.base import Panel, Step
from contemplate.types import Found, Message, Refinement, Turn


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
        refinement = (await pending).found.refinement
        if refinement is None:
            run.note("the question could not be put more tightly: it stays as it is")
        elif self.ask:
            refinement = await self._asked(run, pending, refinement)
        run.state.refinement = refinement
        return panel

    async def _asked(self, run: Run, pending: PendingTurn, refinement: Refinement) -> Refinement | None:
        """What somebody says of it; what was said before of the same words counts again."""
        before, said = run.state.on_record(pending.id), run.state.on_record(f"{run.step}/{_SAID}")
        if before is not None and said is not None and before.text == pending.turn.text:
            taken, why = said.found.refinement, said.found.reason or ""
        else:
            taken, why = await reviewed(run.state.services.review, Draft(run.question.text, refinement))
        run.record_found(Found(refinement=taken, reason=why or None), [pending.id], _SAID)
        if why:
            run.note(why)
        return taken


_SAID = "said"
"""What the turn is called that holds what somebody said of the refinement."""


def _prompt(run: Run, refiner: Agent, told: str) -> tuple[Message, ...]:
    return prompts.ask(refiner.card, run.posed, told)


def refinement_of(turns: Sequence[Turn]) -> Refinement | None:
    """The refinement that all who worked on a question saw beside it; None for none."""
    found = [turn for turn in turns if turn.verb == "refine" and turn.status == "said"]
    return found[-1].found.refinement if found else None
