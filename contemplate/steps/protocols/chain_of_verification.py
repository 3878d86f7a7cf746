"""`chain-of-verification`: a draft is checked by questions that are answered with the draft out of sight (arXiv:2309.11495)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contemplate.agents import prompts, reply_formats
from contemplate.agents.agent import Agent
from contemplate.agents.prompts import Quote
from contemplate.run import PendingTurn, Run
from contemplate.steps.base import Panel, Step
from contemplate.types import EdgeKind, Message, seat_number


@dataclass(frozen=True)
class _Checked:
    """A verification question: its answer, and what the draft was found to be against it."""

    question: str
    answer: PendingTurn
    check: PendingTurn | None = None

    @property
    def turns(self) -> tuple[PendingTurn, ...]:
        return (self.answer,) if self.check is None else (self.answer, self.check)

    def quotes(self, number: int) -> list[Quote]:
        """The quotes that show it as material for the final answer; nothing if nobody could answer it."""
        if self.answer.turn.status != "said":
            return []
        asked = [Quote(f"Question {number}", self.question)] if self.question else []
        found = [Quote(f"Answer {number}", self.answer.turn.words)]
        if self.check is not None and self.check.turn.status == "said":
            found.append(Quote(f"How your reply stands to answer {number}", self.check.turn.words))
        return [*asked, *found]


class ChainOfVerification(Step):
    """Each seat plans questions that would show its draft wrong, answers them, and writes its final answer from all of it.

    Whoever answers sees neither the draft nor the problem, so that the draft's mistakes are not repeated; only in the variant
    "joint" one reply both asks and answers, in sight of the draft. A seat that planned no questions keeps its draft.

    Attributes:
        variant: "joint"; "two-step": one call answers all questions; "factored": one call for each; "factor-revise": and
            one more for each question that holds the draft against its answer.
        questions: how many of the questions planned are answered at most.
        planner: the card that plans the questions.
        joint: the card that plans and answers at once.
        answerer: the card that answers.
        checker: the card that holds the draft against an answer.
        agent: the card that writes the final answer.

    References:
        arXiv:2309.11495.
    """

    moves: ClassVar[bool] = True

    do: Literal["chain-of-verification"] = "chain-of-verification"
    variant: Literal["joint", "two-step", "factored", "factor-revise"] = "factored"
    questions: Annotated[int, Field(ge=1, le=100)] = 5
    planner: str = "fact-planner"
    joint: str = "fact-questioner"
    answerer: str = "fact-answerer"
    checker: str = "fact-checker"
    agent: str = "fact-reviser"

    @property
    def cards(self) -> tuple[str, ...]:
        """The cards of this variant."""
        answering = (self.joint,) if self.variant == "joint" else (self.planner, self.answerer)
        return (*answering, *((self.checker,) if self.variant == "factor-revise" else ()), self.agent)

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Lay out the plans, then each seat's answers, checks and final answer."""
        plans = {draft.id: self._plan(run, draft) for draft in panel.positions if draft.seat not in panel.out}
        now = list(panel.positions)
        for index, draft in enumerate(panel.positions):
            if draft.id in plans and (checked := await self._checked(run, draft, plans[draft.id])):
                now[index] = self._final(run, draft, checked)
        return panel.with_positions(now)

    def _plan(self, run: Run, draft: PendingTurn) -> PendingTurn:
        """The call that plans the questions, or in the joint variant asks and answers them."""
        joint = self.variant == "joint"
        agent = run.seat(self.joint if joint else self.planner, seat_number(draft.seat))
        return run.say(
            agent,
            sees=[(draft, "criticised")],
            prompt=partial(_planning, run, agent, draft),
            form=reply_formats.anything() if joint else reply_formats.items(f"at most {self.questions} questions"),
            detail="plan",
        )

    async def _checked(self, run: Run, draft: PendingTurn, plan: PendingTurn) -> list[_Checked]:
        """The questions with their answers to come; none if nothing was planned."""
        turn = await plan
        if turn.status != "said":
            return []
        if self.variant == "joint":
            return [_Checked("", plan)]
        asked = list(turn.found.items or ())[: self.questions]
        if self.variant == "two-step":
            asked = ["\n".join(f"{number}. {item}" for number, item in enumerate(asked, 1))]
        return [self._ask(run, draft, plan, item, number) for number, item in enumerate(asked, 1)]

    def _ask(self, run: Run, draft: PendingTurn, plan: PendingTurn, item: str, number: int) -> _Checked:
        """Have one question answered, and if so wanted the draft held against the answer."""
        answerer = run.seat(self.answerer, seat_number(draft.seat))
        alone = run.quote([Quote("Question", item)], answerer.seat, str(number), rounds=False)
        answer = run.say(
            answerer,
            sees=[(plan, "saw")],
            prompt=partial(prompts.ask_apart, answerer.card, run.posed, material=alone),
            form=reply_formats.anything(),
            detail=f"answer-{number}",
        )
        if self.variant != "factor-revise":
            return _Checked(item, answer)
        checker = run.seat(self.checker, seat_number(draft.seat))
        check = run.say(
            checker,
            sees=[(draft, "criticised"), (answer, "saw")],
            prompt=partial(_checking, run, checker, draft, item, answer),
            form=reply_formats.verdict(good="consistent", bad="inconsistent"),
            detail=f"check-{number}",
        )
        return _Checked(item, answer, check)

    def _final(self, run: Run, draft: PendingTurn, checked: Sequence[_Checked]) -> PendingTurn:
        agent = run.seat(self.agent, seat_number(draft.seat))

        def prompt(told: str) -> tuple[Message, ...] | None:
            found = [quote for number, each in enumerate(checked, 1) for quote in each.quotes(number)]
            if not found:
                return None
            quotes = [Quote("Your reply", draft.turn.words), *found]
            return prompts.ask(agent.card, run.posed, told, run.quote(quotes, agent.seat, rounds=False))

        read: list[tuple[PendingTurn, EdgeKind]] = [(turn, "saw") for each in checked for turn in each.turns]
        return run.say(
            agent, sees=[(draft, "revised"), *read], prompt=prompt, form=reply_formats.answer(run.question), detail="final"
        )


def _planning(run: Run, agent: Agent, draft: PendingTurn, told: str) -> tuple[Message, ...] | None:
    if draft.turn.answer is None:
        return None
    material = run.quote([Quote("Reply", draft.turn.words)], agent.seat, rounds=False)
    return prompts.ask(agent.card, run.posed, told, material)


def _checking(
    run: Run, agent: Agent, draft: PendingTurn, item: str, answer: PendingTurn, told: str
) -> tuple[Message, ...] | None:
    if answer.turn.status != "said":
        return None
    quotes = [Quote("Reply", draft.turn.words), Quote("Question", item), Quote("Answer", answer.turn.words)]
    return prompts.ask(agent.card, run.posed, told, run.quote(quotes, agent.seat, answer.id, rounds=False))
