"""`synthesize`: one outsider writes the answer out of everybody's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.agents.prompts import LETTERS, Quote
from contemplate.run import Counting, PendingTurn, Run
from contemplate.steps.base import Failed, Panel, Product, Step, standing
from contemplate.steps.deciding import record_ruling
from contemplate.types import Decision, Message
from contemplate.voting.decision import stands, with_mean_ranks
from contemplate.voting.mean_rank import mean_ranks


class Synthesize(Step):
    """A synthesizer reads every seat's reply, in seeded order, and writes one final answer.

    The decision keeps the tally of the panel's own answers, and who of them dissents from what was written.

    Attributes:
        agent: the synthesizer's card.
        rankings: it reads the seats' rankings of the replies too (the step `rank`); the tally holds their mean.
        names: it is told which model wrote what.
        window: how many replies it reads at a time, one after the other: the next time what it wrote is among them in the
            first place (arXiv:2502.00674); 0 for all at once.
        failed: what becomes of a seat whose last turn failed, as for `vote`.
        when: "always"; "tie": only if the vote before it was tied; or "never".
    """

    gives: ClassVar[tuple[Product, ...]] = ("decision",)

    do: Literal["synthesize"] = "synthesize"
    agent: str = "synthesizer"
    window: Annotated[int, Field(ge=0, le=1000)] = 0
    rankings: bool = False
    names: bool = False
    failed: Failed = "abstains"
    when: Literal["always", "tie", "never"] = "always"

    @field_validator("window")
    @classmethod
    def _goes_on(cls, window: int) -> int:
        if window == 1:
            msg = "a window of 1 would hold what was written before and nothing new: give at least 2, or 0 for all at once"
            raise ValueError(msg)
        return window

    @property
    def cards(self) -> tuple[str, ...]:
        """The synthesizer's card."""
        return (self.agent,)

    @property
    def needs(self) -> Mapping[str, Product]:
        """Ballots, to show them; a vote that may be tied."""
        shown: dict[str, Product] = {"rankings": "ballots"} if self.rankings else {}
        return {**shown, "when": "decision"} if self.when == "tie" else shown

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Ask the synthesizer, once every position is there."""
        if self.when == "never" or (self.when == "tie" and not (panel.decision and panel.decision.ties)):
            return panel
        panel = replace(panel, positions=await standing(panel, self.failed))
        positions = await run.answered(panel.positions)
        run.rng("order").shuffle(positions)
        ballots = panel.ballots if self.rankings else ()
        written = await self._write(run, positions, ballots)
        vote = await _ranked(run, await run.vote(panel.positions, Counting(), "vote"), positions, ballots)
        answer = (await written).answer
        if answer is not None:
            return replace(panel, decision=await record_ruling(run, vote, answer, panel.positions, "synthesis", [written.id]))
        decision = stands(vote, "the synthesizer gave no readable answer, so the panel's own vote stands")
        run.record_decision(decision, [written.id], "decision")
        return replace(panel, decision=decision)

    async def _write(self, run: Run, positions: Sequence[PendingTurn], ballots: Sequence[PendingTurn]) -> PendingTurn:
        """The turn that is written of `positions`, all at once or a window at a time."""
        if not self.window:
            return self._say(run, positions, ballots, "")
        number, written = 1, self._say(run, positions[: self.window], ballots, "window-1")
        best: list[PendingTurn] = []
        rest = positions[self.window :]
        while rest:
            best = [written] if (await written).answer is not None else best
            fresh = self.window - len(best)
            number += 1
            written = self._say(run, [*best, *rest[:fresh]], ballots, f"window-{number}")
            rest = rest[fresh:]
        return written if (await written).answer is not None or not best else best[0]

    def _say(self, run: Run, shown: Sequence[PendingTurn], ballots: Sequence[PendingTurn], detail: str) -> PendingTurn:
        agent = run.outsider(self.agent)
        return run.say(
            agent,
            sees=[(turn, "saw") for turn in (*shown, *ballots)],
            prompt=partial(self._prompt, run, agent, shown, ballots, detail),
            form=reply_formats.answer(run.question),
            detail=detail,
        )

    def _prompt(
        self, run: Run, agent: Agent, shown: Sequence[PendingTurn], ballots: Sequence[PendingTurn], detail: str, told: str
    ) -> tuple[Message, ...]:
        titles = {turn.id: f"Reply {number}" for number, turn in enumerate(shown, 1)}
        quotes = [Quote(f"{titles[turn.id]}{self._by(turn)}", turn.turn.words) for turn in shown]
        for number, ballot in enumerate((ballot for ballot in ballots if ballot.turn.status == "said"), 1):
            letters = dict(zip(run.course.predecessors(ballot.id), LETTERS, strict=False))  # in the order they were shown
            legend = ", ".join(f"{letters[turn_id]} is {title}" for turn_id, title in titles.items() if turn_id in letters)
            best = [titles[turn_id] for turn_id in ballot.turn.found.ranking or () if turn_id in titles]
            text = f"{ballot.turn.words}\n\n({legend}. So it ranks, best first: {', '.join(best)}.)"
            quotes.append(Quote(f"Ranking {number}{self._by(ballot)}", text))
        material = run.quote(quotes, agent.seat, detail, rounds=False)
        return prompts.ask(agent.card, run.posed, told, material)

    def _by(self, turn: PendingTurn) -> str:
        return f", by {turn.turn.model}" if self.names else ""


async def _ranked(run: Run, counted: Decision, positions: Sequence[PendingTurn], ballots: Sequence[PendingTurn]) -> Decision:
    """The decision with the mean rank that the rankings give to each answer in its tally."""
    turns = [await ballot for ballot in ballots]
    filled = [(ranking, run.course.predecessors(turn.id)) for turn in turns if (ranking := turn.found.ranking)]
    if not filled:
        return counted
    rankings, batches = zip(*filled, strict=True)
    ranks = mean_ranks(rankings, [position.id for position in positions], [{*batch} for batch in batches])
    return with_mean_ranks(counted, {position.seat: ranks[position.id] for position in positions if position.id in ranks})
