"""`propose`: seats answer the question, each alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, ClassVar, Literal

import anyio
from pydantic import BeforeValidator, Field

from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.agents.prompts import Quote
from contemplate.agents.reply_formats import ReplyFormat
from contemplate.run import PendingTurn, Run
from contemplate.steps.base import Cards, Panel, Product, Step, from_name, names_of
from contemplate.steps.settled import drawn
from contemplate.types import Message
from contemplate.voting.stopping import Samples, Settled, fewest


class Propose(Step):
    """Seats answer the question without seeing each other, or in turn, each having read those before it.

    With `until`, seats are asked only until the vote over their answers is settled. The answers are read in seat order, so
    that the outcome is the same whoever answers first. "needed" asks as many at once as must answer before the test can fire
    at all, so that no call more is paid than by asking one at a time; with a number, so many are kept in flight, and
    what the test did not need is cancelled.

    A card that writes programs answers by what its program prints.

    Attributes:
        agent: the card, or several that the seats take in turn.
        seats: how many seats the panel has; with `until`, the most.
        until: the stop test over the vote.
        at_once: how many are asked at once, with `until`.
        order: "together", or "in-turn".
        confidence: ask each for its confidence, too.
        logprobs: how many of the likeliest tokens to report at each position of a reply, up to 20; 0 for none.
        models: the seats take the run's models "in-turn", or all have the "first" one.
        words: how many words a reply may have, which its author is told; 0 sets no length.
    """

    needs_positions: ClassVar[bool] = False
    moves: ClassVar[bool] = True
    runs_programs: ClassVar[bool] = True

    do: Literal["propose"] = "propose"
    agent: Cards = "proposer"
    seats: Annotated[int, Field(ge=1, le=1000)] = 3
    until: Annotated[Settled, BeforeValidator(from_name)] | None = None
    at_once: Literal["needed"] | Annotated[int, Field(ge=1, le=1000)] = "needed"
    order: Literal["together", "in-turn"] = "together"
    confidence: bool = False
    logprobs: Annotated[int, Field(ge=0, le=20)] = 0
    models: Literal["in-turn", "first"] = "in-turn"
    words: Annotated[int, Field(ge=0, le=100_000)] = 0

    @property
    def panel_size(self) -> int | None:
        """The number of seats, as many as are given."""
        return self.seats

    @property
    def stop_test(self) -> Settled | None:
        """The stop test over the samples; None to draw all."""
        return self.until

    @property
    def logprobs_wanted(self) -> int:
        """The number of likeliest tokens to be reported at each position of a reply; 0 for none."""
        return self.logprobs

    @property
    def cards(self) -> tuple[str, ...]:
        """The proposers' cards."""
        return names_of(self.agent)

    @property
    def products(self) -> frozenset[Product]:
        """The products besides answers that it asks for."""
        asked: dict[Product, object] = {"logprobs": self.logprobs, "confidence": self.confidence}
        return frozenset(product for product, wanted in asked.items() if wanted)

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Lay out the proposals."""
        agents = self._agents(run)
        if self.until is not None:
            return await self._sample(run, panel, agents, self.until)
        proposals = self._in_turn(run, agents) if self.order == "in-turn" else self.lay_out(run, agents)
        return replace(panel.with_positions(proposals), cap=self.seats)

    def _agents(self, run: Run) -> list[Agent]:
        agents = run.seats(self.agent, self.seats)
        if self.logprobs:
            agents = [replace(agent, logprobs=self.logprobs) for agent in agents]
        return [replace(agent, models=agents[0].models) for agent in agents] if self.models == "first" else agents

    async def _sample(self, run: Run, panel: Panel, agents: list[Agent], until: Settled) -> Panel:
        """Ask until the vote is settled; answers are read in seat order."""
        laid_out: list[PendingTurn] = []
        count, draws = 0, Samples((), self.seats, run.seed)
        try:
            while draws.left and not until.settled(draws) and not run.spent():
                ahead = fewest(until, draws) if self.at_once == "needed" else self.at_once
                laid_out += self.lay_out(run, agents[len(laid_out) : count + ahead], spare=True)
                await laid_out[count]
                run.keep([laid_out[count]])
                count += 1
                draws = await drawn(run, laid_out[:count], self.seats)
        except anyio.get_cancelled_exc_class():
            run.keep(laid_out)
            raise
        run.drop(laid_out[count:])
        moved = replace(panel.with_positions(laid_out[:count]), cap=self.seats)
        return replace(moved, stopped=until.test) if draws.left and until.settled(draws) else moved

    def lay_out(self, run: Run, agents: Sequence[Agent], *, spare: bool = False) -> list[PendingTurn]:
        """Lay out an answer of each of `agents`, who see nobody."""
        prompt, form = (lambda agent: partial(_prompt, run, agent, ())), partial(self._form, run)
        return run.say_many(agents, prompt=prompt, form=form, spare=spare)

    def _in_turn(self, run: Run, agents: Sequence[Agent]) -> list[PendingTurn]:
        said: list[PendingTurn] = []
        for agent in agents:
            prompt = partial(_prompt, run, agent, tuple(said))
            said.append(run.say(agent, sees=[(other, "saw") for other in said], prompt=prompt, form=self._form(run, agent)))
        return said

    def _form(self, run: Run, agent: Agent) -> ReplyFormat:
        if agent.card.writes_programs:
            return reply_formats.program(run.question)
        form = reply_formats.confident_answer if self.confidence else reply_formats.answer
        return reply_formats.brief(form(run.question), self.words)


def _prompt(run: Run, agent: Agent, before: tuple[PendingTurn, ...], told: str) -> tuple[Message, ...]:
    quotes = [Quote(f"Reply {number}", other.turn.words) for number, other in enumerate(before, 1) if other.turn.status == "said"]
    return prompts.ask(agent.card, run.posed, told, run.quote(quotes, agent.seat, rounds=False))
