"""`critique`: seats look for the first wrong step in answers that are not theirs."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.agents.prompts import Quote
from contemplate.agents.reply_formats import ReplyFormat
from contemplate.claims.reasoning import numbered, steps_of
from contemplate.run import PendingTurn, Run
from contemplate.steps.base import Cards, Panel, Product, Step, names_of
from contemplate.types import Message, Turn, seat_number


class Critique(Step):
    """Each position, or one for each distinct answer, is checked step by step by other seats.

    Critics see one reply, no names, and no counts.

    Attributes:
        agent: the critics' card.
        of: "each" position (a critique starts when its target is there, whatever the others do), or one for
            each "distinct" answer (which must wait for all of them).
        critics: how many seats criticise each target; 0 leaves the step out.
        digest: ask them for a short digest of the reply too, which `revise` can show to others.
        marks: how a critic names the first wrong step: it may "quote" it, or must give its "number". Then it is shown the reply
            with numbered steps, and the number is found as `wrong_step`, 0 for none.
        check: whether programs compute arithmetic "steps" again too; what they find is kept apart, as `step_checks`.
    """

    gives: ClassVar[tuple[Product, ...]] = ("critiques",)

    do: Literal["critique"] = "critique"
    agent: Cards = "critic"
    of: Literal["each", "distinct"] = "each"
    critics: Annotated[int, Field(ge=0, le=100)] = 1
    digest: bool = False
    marks: Literal["quote", "number"] = "quote"
    check: Literal["critics", "steps"] = "critics"

    @property
    def cards(self) -> tuple[str, ...]:
        """The critics' cards."""
        return names_of(self.agent)

    def problem_with(self, seats: int) -> tuple[str, str] | None:  # noqa: ARG002 - as every step has it
        """The word that does not go with the others, and why."""
        if self.check == "steps" and self.marks == "quote":
            return "check", "'check: steps' looks at numbered steps, and 'marks' is quote (allowed: number)"
        if self.digest and self.marks == "number":
            return "digest", "a critic that marks a step by its number writes no digest (allowed: false)"
        return None

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Lay out the critiques, and hand them on with the panel."""
        if not self.critics:
            return panel
        critiques: dict[str, tuple[PendingTurn, ...]] = {}
        audits: dict[str, tuple[PendingTurn, ...]] = {}
        for group in await self._answer_groups(run, panel):
            audits[group[0].id] = tuple(self._criticise(run, group[0], outside(group, panel, run.models)))
            critiques |= dict.fromkeys((held.id for held in group), audits[group[0].id])
        return replace(panel, critiques=critiques, verdicts=panel.with_verdicts(audits))

    async def _answer_groups(self, run: Run, panel: Panel) -> list[list[PendingTurn]]:
        """The positions that share a critique, the one that is criticised first."""
        if self.of == "each":
            return [[position] for position in panel.positions if position.seat not in panel.out]
        return await run.answer_groups(panel.positions)

    def _criticise(self, run: Run, target: PendingTurn, critics: Sequence[int]) -> Iterator[PendingTurn]:
        names = names_of(self.agent)
        for index in range(self.critics):
            critic = run.seat(names[index % len(names)], critics[index % len(critics)])
            again = f"-{index // len(critics) + 1}" if index >= len(critics) else ""
            yield self.ask_one(run, target, critic, f"on-{target.seat}{again}")

    def ask_one(self, run: Run, target: PendingTurn, critic: Agent, detail: str) -> PendingTurn:
        """Lay out one critique of a position."""
        return run.say(
            critic,
            sees=[(target, "criticised")],
            prompt=partial(_prompt, run, critic, target, shown=numbered_steps if self.marks == "number" else _whole),
            form=self._form(target),
            detail=detail,
        )

    def _form(self, target: PendingTurn) -> ReplyFormat:
        if self.marks == "quote":
            return reply_formats.verdict(digest=self.digest)
        return reply_formats.wrong_step(lambda: steps_of(target.turn.said), check=self.check == "steps")


def outside(group: Sequence[PendingTurn], panel: Panel, models: Sequence[str]) -> list[int]:
    """The numbers of the seats that may check the first position of `group`, best first.

    Each next one brings a model that has not checked yet, as far as there are any; then seats that hold another answer come
    before those of the same group, and other models before the author's own. The author checks only if alone. Among equals the
    one that sits next after the author comes first, so that the work is spread.
    """
    seats = [position.seat for position in panel.positions]
    held = {position.seat for position in group}
    index = seats.index(group[0].seat)
    left = [(index + step) % len(seats) for step in range(1, len(seats))] or [index]
    model_of = {other: models[(seat_number(seats[other]) - 1) % len(models)] for other in (index, *left)}
    queues: dict[tuple[str, bool], deque[tuple[int, int]]] = {}  # of seats that differ in their place alone
    for place, other in enumerate(left):
        queues.setdefault((model_of[other], seats[other] in held), deque()).append((place, other))
    used: Counter[str] = Counter()
    ranked = []
    while queues:
        first = min(queues, key=lambda key: (used[key[0]], key[1], key[0] == model_of[index], queues[key][0]))
        _, best = queues[first].popleft()
        used[first[0]] += 1
        ranked.append(seat_number(seats[best]))
        if not queues[first]:
            del queues[first]
    return ranked


def numbered_steps(turn: Turn) -> str:
    """A reply as a critic is shown it who marks a step by its number."""
    return numbered(steps_of(turn.said))


def _whole(turn: Turn) -> str:
    return turn.reply


def _prompt(run: Run, critic: Agent, target: PendingTurn, told: str, shown: Callable[[Turn], str]) -> tuple[Message, ...] | None:
    if target.turn.answer is None or target.turn.text is None:
        return None
    material = prompts.quoted([Quote("Reply", shown(target.turn))], run.posed.quoting, target.id, critic.seat)
    return prompts.ask(critic.card, run.posed, told, material)
