"""A model as a grader, in the role of a card."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from contemplate.errors import ReplyError
from contemplate.experiments.questions.graders import Grade
from contemplate.text import one_line
from contemplate.types import Answer, Question

GRADE_FORM = (
    "End your reply with one line: 'Grade: right' if the answer to grade is right, that is, if it says the same as the right"
    " answer wherever one is shown; else 'Grade: wrong'."
)
"""What stands in place of `{reply_form}` in the card of a judge."""

_TAIL = 2_000
_SAYS = re.compile(
    r"\bgrade\b[\W_]{0,12}(?:is[\W_]{1,4})?(right|wrong|correct|incorrect|yes|no)\b(?![\W_]{0,6}\bor\b)", re.IGNORECASE
)
_WORD = re.compile(r"\W{0,8}(right|wrong|correct|incorrect|yes|no)\W{0,8}", re.IGNORECASE)
_RIGHT = frozenset({"right", "correct", "yes"})


class Ask(Protocol):
    """Asks a model in the role of a card, within the budget and through the ledger of whoever grades."""

    async def __call__(self, card: str, question: Question, shown: Mapping[str, str], form: str) -> str:
        """The reply of the model.

        Args:
            card: the name of the role.
            question: the problem; its gold answer stands in `shown`, where it has one.
            shown: what the model reads beside the problem, by title, to be quoted as data: a model wrote some of it.
            form: the sentence that takes the place of `{reply_form}` in the card.

        Raises:
            ContemplateError: the call brought no usable reply; that answer has no grade then.
        """
        ...


class JudgeGrader:
    """Grades by asking a model, which sees the problem, the right answer if there is one, and the answer to grade.

    Args:
        card: the name of its role.
        ask: how it is asked.
    """

    def __init__(self, card: str, ask: Ask) -> None:
        self.card = card
        self.name = f"judge:{card}"
        self._ask = ask

    async def __call__(self, question: Question, answer: Answer) -> Grade:
        """1 or 0, as the judge says.

        Raises:
            ReplyError: no grade can be read from the reply; that is not a wrong answer.
            ContemplateError: the call brought no reply.
        """
        shown = {"Right answer": question.gold} if question.gold is not None else {}
        reply = await self._ask(self.card, question, MappingProxyType({**shown, "Answer to grade": answer.text}), GRADE_FORM)
        right = read_grade(reply)
        if right is None:
            raise ReplyError(f"grader {self.name}: no grade can be read from {one_line(reply[-_TAIL:], 60)!r}")
        return Grade(score=float(right))


def read_grade(text: str) -> bool | None:
    """Whether a reply says "right": the last `Grade: right` or `Grade: wrong` in it, or a reply of that one word; else None."""
    tail = text[-_TAIL:]
    found: list[str] = _SAYS.findall(tail)
    if not found and (bare := _WORD.fullmatch(tail)):
        found = [bare[1]]
    return found[-1].lower() in _RIGHT if found else None
