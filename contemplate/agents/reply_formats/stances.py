"""The format of an answer with a stance towards the solution on the table."""

from __future__ import annotations

from contemplate import answers
from contemplate.agents import parsing
from contemplate.agents.reply_formats.base import Parsed, ReplyFormat
from contemplate.types import Found, Question


def stance(question: Question) -> ReplyFormat:
    """An answer, and whether its author agrees with the solution on the table, found as `agrees` if that is said."""

    def read(text: str) -> Parsed | None:
        found, stated = answers.read(text, question), parsing.read_word(text, "stance", ("agree", "disagree"))
        return None if found is None else Parsed(answer=found, found=Found(agrees=None if stated is None else stated == "agree"))

    told = (
        'Before your answer write one line "Stance: agree" or "Stance: disagree": whether you accept the solution on the table.'
    )
    return ReplyFormat(f"{told}\n{answers.answer_form(question)}", read)
