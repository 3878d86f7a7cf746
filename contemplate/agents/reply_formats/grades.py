"""The format of an answer with grades for the replies that were read."""

from __future__ import annotations

from collections.abc import Sequence

from contemplate import answers
from contemplate.agents import parsing
from contemplate.agents.reply_formats.base import Parsed, ReplyFormat
from contemplate.text.patterns import regex
from contemplate.types import Found, Question

_LAST_GRADES = regex(r"\[\[[^\[\]\n]{1,200}\]\](?![\s\S]*\[\[)")


def graded_answer(question: Question, ids: Sequence[str]) -> ReplyFormat:
    """An answer, and a grade from 1 to 5 for each reply that was read, found as `grades` by the ids of their turns.

    Without as many grades as replies there are none; that is no failure.
    """

    def read(text: str) -> Parsed | None:
        grades = parsing.read_grades(text, len(ids))
        found = answers.read(_LAST_GRADES.sub(" ", text), question)
        return None if found is None else Parsed(answer=found, found=Found(grades=dict(zip(ids, grades, strict=False))))

    highest = parsing.HIGHEST_GRADE
    form = answers.answer_form(question).replace(answers.AT_THE_END, "Then write one line", 1)
    example = ", ".join(str(number % highest + 1) for number in range(len(ids)))
    told = f"End with one line of {len(ids)} grades from 1 to {highest}, one for each reply in its order, like [[{example}]]."
    return ReplyFormat(f"{form}\n{told}", read)
