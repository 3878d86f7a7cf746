"""`calibrate`: verifiers are tried on answers of which it is known whether they are right."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from contemplate import answers
from contemplate.agents.prompts import LETTERS
from contemplate.run import Run
from contemplate.steps.base import Cards, Panel, Step, names_of
from contemplate.steps.critique import outside
from contemplate.steps.verify import Verify
from contemplate.types import Answer, Question


class Calibrate(Step):
    """Every distinct answer is verified, also where all agree; where all are right, one that is wrong is put beside them.

    Without that a panel that makes few mistakes would show nothing of what its verifiers make of wrong answers. The wrong one is
    a slip: one digit changed by one, another option, the other of yes and no; for other answers there is none. The step changes
    nothing that the panel decides.

    Runs with this step are those of which `contemplate.analysis.witness_knowledge` looks at the gold answers. Nobody who speaks
    in them is shown one, and verifiers are asked as in `verify`.

    Attributes:
        agent: the verifiers' card.
        times: how many verifications of each answer; two or more show how far they agree beyond what is right.
    """

    do: Literal["calibrate"] = "calibrate"
    agent: Cards = "verifier"
    times: Annotated[int, Field(ge=1, le=100)] = 2

    @property
    def cards(self) -> tuple[str, ...]:
        """The verifiers' cards."""
        return names_of(self.agent)

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Lay out the verifications."""
        groups = await run.answer_groups(panel.positions)
        verify = Verify(agent=self.agent, times=self.times)
        for group in groups:
            verify.ask(run, group[0], outside(group, panel, run.models))
        given = [group[0].turn.answer for group in groups]
        if run.question.golds and all(answers.is_right(answer, run.question) for answer in given):
            wrong = _wrong(run.question, given[0], run.rng("wrong"))
            if wrong is not None:
                verify.ask(run, run.put_forward(wrong, "wrong"), outside(groups[0], panel, run.models))
        return panel


def _wrong(question: Question, right: Answer | None, draw: random.Random) -> Answer | None:
    """An answer that is wrong, as near to the right one as its kind allows; None where the kind has none."""
    texts = [] if right is None else list(_others(question, right))
    draw.shuffle(texts)
    for text in texts:
        answer = answers.read(f"Answer: {text}", question)
        if answer is not None and not answers.is_right(answer, question):
            return answer
    return None


def _others(question: Question, right: Answer) -> Iterator[str]:
    if question.kind == "choice":
        yield from LETTERS[: len(question.choices)]
    elif question.kind == "boolean":
        yield from ("yes", "no")
    elif question.kind != "text":
        yield from _slips(right.text)


def _slips(text: str) -> Iterator[str]:
    """`text` with one of its digits one higher or lower; none becomes a 0 that stands first."""
    for place, digit in enumerate(text):
        if digit in "0123456789":
            for other in ((int(digit) + 1) % 10, (int(digit) - 1) % 10):
                if other or (place and text[place - 1].isdigit()):
                    yield f"{text[:place]}{other}{text[place + 1 :]}"
