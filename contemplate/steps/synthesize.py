"""`synthesize`: one outsider writes the answer out of everybody's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

from contemplate import prompts
from contemplate.agent import Agent
from contemplate.answers import classes
from contemplate.prompts import Quote
from contemplate.run import Counting, Pending, Run
from contemplate.steps.base import Panel, Step, reader
from contemplate.types import Answer, Decision, Message


class Synthesize(Step):
    """A synthesizer reads every seat's reply, without names and in seeded order, and writes one final answer.

    The decision keeps the tally of the panel's own answers, and who of them dissents from what was written.

    Attributes:
        agent: the synthesizer's card.
    """

    do: Literal["synthesize"] = "synthesize"
    agent: str = "synthesizer"

    @property
    def cards(self) -> tuple[str, ...]:
        """The synthesizer's card."""
        return (self.agent,)

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Ask the synthesizer, once every position is there."""
        positions = await run.live(panel.positions)
        run.rng("order").shuffle(positions)
        agent = run.outsider(self.agent)
        written = run.say(
            agent,
            sees=[(position, "saw") for position in positions],
            prompt=partial(_prompt, run, agent, positions),
            read=reader(run.question),
        )
        vote = await run.vote(panel.positions, Counting(), "vote")
        decision = _written(vote, (await written).answer, panel.positions)
        run.decide(decision, [written.id], "decision")
        return replace(panel, decision=decision)


def _prompt(run: Run, agent: Agent, positions: Sequence[Pending]) -> tuple[Message, ...]:
    quotes = [Quote(f"Reply {number}", position.turn.text or "") for number, position in enumerate(positions, 1)]
    return prompts.ask(agent.card, run.question, run.answer_form, prompts.quoted(quotes, run.work.seed, run.step, agent.seat))


def _written(counted: Decision, answer: Answer | None, positions: Sequence[Pending]) -> Decision:
    """The panel's own tally, with the answer that was written for it as the winner."""
    if answer is None:
        reason = "the synthesizer gave no readable answer, so the panel's own vote stands"
        return counted.model_copy(update={"reason": reason})
    said = [position for position in positions if position.turn.answer is not None]
    indices, _ = classes([answer, *(position.turn.answer for position in said if position.turn.answer is not None)])
    agree = [index == indices[0] for index in indices[1:]]
    return counted.model_copy(
        update={
            "rule": "synthesis",
            "winner": answer.text,
            "value": answer.value,
            "reason": None,
            "ties": (),
            "tie_break": None,
            "dissent": tuple(position.seat for position, same in zip(said, agree, strict=True) if not same),
            "confidence": (sum(agree) + 1) / (len(positions) + 2),
        }
    )
