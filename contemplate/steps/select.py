"""`select`: the panel is narrowed, to one position or to several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import inf
from typing import Annotated, Literal

from pydantic import Field, model_validator

from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.agents.prompts import Quote
from contemplate.errors import QuorumError
from contemplate.run import PendingTurn, Run
from contemplate.steps.base import Panel, Product, Step
from contemplate.steps.deciding import choose
from contemplate.types import Message, Question
from contemplate.voting import weights


class Select(Step):
    """Keeps some positions; the others count no more. Where it keeps one, that decides, and a `vote` after it stands back.

    By an "agent": one call that sees every reply in full, numbered, in seeded order, and says which agrees most with the
    others; replies without a readable answer take part, and if one of these is chosen its whole text is the answer
    (arXiv:2311.17311). If the call fails, or its choice can't be read, the reply shown first is chosen. By "score": the best, of
    equals the first in seat order. By "random": drawn by the seed. By "window": the last `window` of them if they
    are a whole window of one answer (arXiv:2401.10480), else all. By "all": everybody stays.

    Attributes:
        by: who or what selects.
        agent: the card of the agent that selects.
        keep: how many positions stay, by score or at random.
        percent: instead of `keep`, by score: so many per cent stay, equals of the last one too.
        window: draws in a window.
    """

    do: Literal["select"] = "select"
    by: Literal["agent", "score", "random", "window", "all"] = "agent"
    agent: str = "selector"
    keep: Annotated[int, Field(ge=1, le=1000)] = 1
    percent: Annotated[float, Field(gt=0, le=100)] | None = None
    window: Annotated[int, Field(ge=1, le=1000)] = 5

    @model_validator(mode="after")
    def _fits(self) -> Select:
        if self.by == "agent" and self.keep != 1:
            msg = f"an agent selects one reply, so 'keep' is 1, not {self.keep}"
            raise ValueError(msg)
        if self.percent is not None and self.by != "score":
            msg = f"'percent' goes with 'by: score', not with 'by: {self.by}'"
            raise ValueError(msg)
        return self

    @property
    def needs(self) -> Mapping[str, Product]:
        """Scores, where it goes by them."""
        return {"by": "scores"} if self.by == "score" else {}

    @property
    def cards(self) -> tuple[str, ...]:
        """The card of the agent, where one selects."""
        return (self.agent,) if self.by == "agent" else ()

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Narrow the panel, once all its positions are there."""
        match self.by:
            case "agent":
                return await self._ask(run, panel)
            case "all":
                return panel
            case "window":
                return replace(panel, positions=await self._last_window(run, panel.positions))
        alive = await run.answered(panel.positions)
        kept = self._best(alive, panel.scores) if self.by == "score" else self._drawn(run, alive)
        if self.keep == 1 and self.percent is None:
            return await choose(run, panel, kept[0], f"select by {self.by}", panel.scored_by if self.by == "score" else ())
        return replace(panel, positions=tuple(kept))

    def _best(self, alive: Sequence[PendingTurn], scores: Mapping[str, float]) -> list[PendingTurn]:
        """The positions with the best scores, in seat order. One without a score comes after all that have one."""
        if self.percent is not None:
            scored = [position for position in alive if position.id in scores] or list(alive)
            stay = weights.keep([scores.get(position.id, 0.0) for position in scored], self.percent)
            return [position for position, stays in zip(scored, stay, strict=True) if stays]
        ranked = sorted(alive, key=lambda position: -scores.get(position.id, -inf))
        return [position for position in alive if position in ranked[: self.keep]]

    def _drawn(self, run: Run, alive: Sequence[PendingTurn]) -> list[PendingTurn]:
        drawn = run.rng("drawn").sample(alive, min(self.keep, len(alive)))
        return [position for position in alive if position in drawn]

    async def _last_window(self, run: Run, positions: tuple[PendingTurn, ...]) -> tuple[PendingTurn, ...]:
        last = positions[-self.window :]
        answer_groups = await run.groups(last)
        unanimous = len(answer_groups) == 1 and len(answer_groups[0]) == self.window and len(positions) % self.window == 0
        return last if unanimous else positions

    async def _ask(self, run: Run, panel: Panel) -> Panel:
        """One call that chooses; to a free question, replies that can't be read for an answer are still replies."""
        for position in panel.positions:
            await position
        candidates = [position for position in panel.positions if _is_reply(position, run.question)]
        if len(candidates) < run.quorum:
            await run.answered(panel.positions)  # says who failed, and why
            msg = f"{len(candidates)} of {len(panel.positions)} seats gave a reply, the quorum is {run.quorum}"
            raise QuorumError(msg)
        if len(candidates) == 1:
            return await choose(run, panel, candidates[0], "select by agent")
        run.rng("order").shuffle(candidates)
        agent = run.outsider(self.agent)
        choice = run.say(
            agent,
            sees=[(candidate, "saw") for candidate in candidates],
            prompt=partial(_prompt, run, agent, candidates),
            form=reply_formats.pick([candidate.id for candidate in candidates]),
        )
        chosen = (await choice).chose
        first = next((candidate for candidate in candidates if candidate.id == chosen), candidates[0])
        return await choose(run, panel, first, "select by agent", [choice])


def _is_reply(position: PendingTurn, question: Question) -> bool:
    """Whether a position holds words to choose: an answer, or to a free question a whole reply in which none was read."""
    turn = position.turn
    unread = turn.failure is not None and turn.failure.kind == "no-answer" and question.kind == "text"
    return bool((turn.text or "").strip()) and (turn.answer is not None or unread)


def _prompt(run: Run, agent: Agent, candidates: Sequence[PendingTurn], told: str) -> tuple[Message, ...]:
    quotes = [Quote(f"Reply {number}", candidate.turn.words) for number, candidate in enumerate(candidates, 1)]
    return prompts.ask(agent.card, run.posed, told, run.quote(quotes, agent.seat, rounds=False))
