"""`audit-steps`: critics look for the first wrong step in replies of a run that is over, and programs compute them again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contemplate.run import PendingTurn, Run
from contemplate.steps.base import Cards, Panel, Step, names_of
from contemplate.steps.critique import Critique
from contemplate.types import Answer, Decision, Value


class AuditedReply(Value):
    """A reply of a stored run.

    Attributes:
        turn: its id there.
        model: that wrote it.
        text: its words.
        answer: what it answers.
    """

    turn: str
    model: str
    text: str
    answer: Answer


class AuditSteps(Step):
    """Each reply is put on record once more, and looked at by critics who mark its first wrong step by number.

    Models that did not write a reply look at it first. The panel decides nothing anew: the decision of the audited run stands.

    Attributes:
        of: the id of the run that is audited.
        replies: its replies.
        decision: what it decided.
        agent: the critics' card.
        critics: how many look at each reply.
        check: whether arithmetic "steps" are computed again too.
    """

    needs_positions: ClassVar[bool] = False

    do: Literal["audit-steps"] = "audit-steps"
    of: str = ""
    replies: tuple[AuditedReply, ...] = ()
    decision: Decision | None = None
    agent: Cards = "step-critic"
    critics: Annotated[int, Field(ge=1, le=100)] = 1
    check: Literal["critics", "steps"] = "steps"

    @property
    def cards(self) -> tuple[str, ...]:
        """The critics' cards."""
        return names_of(self.agent)

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Lay out the critiques."""
        laid_out: list[PendingTurn] = []
        for number, reply in enumerate(self.replies, 1):
            if run.spent():
                break
            target = run.put_forward(reply.answer, f"reply-{number}", text=reply.text)
            laid_out += self._asked(run, target, reply, number)
        for critique in laid_out:
            await critique
        if self.decision is None:
            return panel
        run.record_decision(self.decision, [critique.id for critique in laid_out])
        return Panel(decision=self.decision)

    def _asked(self, run: Run, target: PendingTurn, reply: AuditedReply, number: int) -> list[PendingTurn]:
        names, models = names_of(self.agent), _others_first(run.models, reply.model)
        critique = Critique(agent=self.agent, marks="number", check=self.check)
        return [
            critique.ask_one(
                run,
                target,
                run.played_by(names[index % len(names)], models[index % len(models)]),
                f"on-{number}" if index == 0 else f"on-{number}-{index + 1}",
            )
            for index in range(self.critics)
        ]


def _others_first(models: Sequence[str], author: str) -> list[str]:
    return sorted(dict.fromkeys(models), key=lambda model: model == author)
