"""`search`: breadth-first over partial solutions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.agents.prompts import Quote
from contemplate.run import Counting, PendingTurn, Run
from contemplate.steps.base import Panel, Product, Step
from contemplate.steps.deciding import held_by
from contemplate.types import Decision, Message, Turn
from contemplate.voting.decision import ruled, undecided

FIRST_STATE = "first-state"
"""What the decision for the best final state is called."""


@dataclass(frozen=True)
class _State:
    """A partial solution: its steps, the turn that wrote the last of them, and what it was found to be worth."""

    text: str = ""
    turn: PendingTurn | None = None
    value: float = 0.0


class Search(Step):
    """Grows partial solutions step by step, values each, and goes on from the best; the last step is the answer.

    A value is the sum of what several calls say: sure 20, likely 1, impossible 0.001; one that can't be read adds nothing. A
    state that repeats another one counts 0 and is not valued. Among equals those that came up first are kept. The final
    states are the panel's positions, best first, and the decision is for the first of them, whatever the others say; its tally
    holds them all in that order, with their values.

    Attributes:
        agent: the card that lists, or writes, next steps.
        evaluator: the card that says how likely a state leads to the right answer.
        finisher: the card that takes the last step: the answer.
        expand: one call lists next steps ("propose"), or several calls write one each ("sample").
        samples: how many, with "sample".
        options: how many next steps of one list are followed at most.
        depth: steps to the answer, that one included.
        breadth: how many states are kept after each step.
        times: calls that value each state.

    References:
        arXiv:2305.10601: 4, 5 and 3 for the Game of 24.
    """

    needs_positions: ClassVar[bool] = False
    moves: ClassVar[bool] = True
    gives: ClassVar[tuple[Product, ...]] = ("decision",)

    do: Literal["search"] = "search"
    agent: str = "thinker"
    evaluator: str = "evaluator"
    finisher: str = "finisher"
    expand: Literal["propose", "sample"] = "propose"
    samples: Annotated[int, Field(ge=1, le=100)] = 5
    options: Annotated[int, Field(ge=1, le=100)] = 30
    depth: Annotated[int, Field(ge=1, le=100)] = 4
    breadth: Annotated[int, Field(ge=1, le=100)] = 5
    times: Annotated[int, Field(ge=1, le=100)] = 3

    @property
    def cards(self) -> tuple[str, ...]:
        """The cards of the steps, the values and the answer."""
        return (*((self.agent,) if self.depth > 1 else ()), self.evaluator, self.finisher)

    @property
    def panel_size(self) -> int | None:
        """The number of seats, as many as final states."""
        return self.breadth

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Search, and decide for the best final state."""
        kept = [_State()]
        for level in range(1, self.depth):
            if run.spent():
                return panel
            kept = await self._step(run, kept, level) or kept
        final = await self._step(run, kept, self.depth)
        positions = [state.turn for state in final if state.turn is not None]
        if not positions:
            return panel
        counted = await run.vote(positions, Counting(ties="first-seen"), "vote")
        decision = _for_the_first(counted, positions, {state.turn.seat: state.value for state in final if state.turn})
        run.record_decision(decision, [position.id for position in positions], "decision")
        return replace(panel.with_positions(positions), decision=decision)

    async def _step(self, run: Run, kept: Sequence[_State], level: int) -> list[_State]:
        """The best states one step on; none if no step could be read."""
        grown: list[_State] = []
        values: list[list[PendingTurn]] = []
        seen: set[str] = set()
        for state, turn in self._expand(run, kept, level):
            for text in self._texts(state, await turn, level):
                grown.append(_State(text, turn))
                values.append([] if text in seen else self._value(run, grown[-1], level, len(grown)))
                seen.add(text)
        worth = [sum([(await value).found.value or 0.0 for value in asked]) for asked in values]
        ranked = sorted(range(len(grown)), key=lambda index: -worth[index])
        return [replace(grown[index], value=worth[index]) for index in ranked[: self.breadth]]

    def _expand(self, run: Run, kept: Sequence[_State], level: int) -> list[tuple[_State, PendingTurn]]:
        """The calls that take the next step from each state, or the last one."""
        times = self.samples if self.expand == "sample" else 1
        last = level == self.depth
        form = reply_formats.anything() if self.expand == "sample" else reply_formats.items("the next steps that can be taken")
        laid_out = []
        for number, state in enumerate(state for state in kept for _ in range(times)):
            agent = run.seat(self.finisher if last else self.agent, number + 1)
            pending = run.say(
                agent,
                sees=[(state.turn, "saw")] if state.turn else [],
                prompt=partial(_prompt, run, agent, state.text, level),
                form=reply_formats.answer(run.question) if last else form,
                detail="answer" if last else f"step-{level}",
            )
            laid_out.append((state, pending))
        return laid_out

    def _texts(self, state: _State, turn: Turn, level: int) -> list[str]:
        """The states that a turn leads to."""
        if turn.status != "said":
            return []
        listed = self.expand == "propose" and level < self.depth
        steps = list(turn.found.items or ())[: self.options] if listed else [turn.words.strip()]
        return [f"{state.text}\n{step}".strip() for step in steps]

    def _value(self, run: Run, state: _State, level: int, number: int) -> list[PendingTurn]:
        """The calls that value one state."""
        assert state.turn is not None  # noqa: S101 - only states that a turn wrote are valued
        asked = []
        for time in range(1, self.times + 1):
            agent = run.outsider(self.evaluator, time)
            detail = f"step-{level}-state-{number}-{time}"
            prompt = partial(_prompt, run, agent, state.text, detail)
            asked.append(
                run.say(agent, sees=[(state.turn, "criticised")], prompt=prompt, form=reply_formats.likelihood(), detail=detail)
            )
        return asked


def _for_the_first(counted: Decision, positions: Sequence[PendingTurn], values: Mapping[str, float]) -> Decision:
    """The decision for the best final state; the tally holds all of them, best first, each with its value as its weight."""
    answer = positions[0].turn.answer
    assert answer is not None  # noqa: S101 - a final state has one
    rows = [row.model_copy(update={"weight": max(values[seat] for seat in row.seats)}) for row in counted.tally]
    order = [position.seat for position in positions]
    rows.sort(key=lambda row: min(order.index(seat) for seat in row.seats))
    valued = undecided(
        FIRST_STATE, rows, abstentions=counted.abstentions, quorum=counted.quorum, merges=counted.merges, reason=counted.reason
    )
    return ruled(valued, answer, held_by(positions), rule=FIRST_STATE)


def _prompt(run: Run, agent: Agent, steps: str, level: object, told: str) -> tuple[Message, ...]:
    quotes = [Quote("The steps taken so far", steps)] if steps else []
    return prompts.ask(agent.card, run.posed, told, run.quote(quotes, str(level), agent.seat, rounds=False))
