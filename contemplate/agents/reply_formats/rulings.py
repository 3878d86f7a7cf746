"""The format of a moderator's ruling between sides."""

from __future__ import annotations

import json
from collections.abc import Sequence

from contemplate import answers
from contemplate.agents import parsing
from contemplate.agents.reply_formats import fields as of
from contemplate.agents.reply_formats.base import Parsed, ReplyFormat
from contemplate.types import Answer, Found, Json, Question


def ruling(question: Question, sides: Sequence[str]) -> ReplyFormat:
    """A format for which of several sides is right, found as `side`, and the answer then; or none of them yet, and no answer."""
    words = [*sides, "none"]

    def said(side: str, answer: Answer | None, shown: str | None = None) -> Parsed | None:
        undecided = side == "none"
        if answer is None and not undecided:
            return None
        return Parsed(answer=None if undecided else answer, found=Found(side=side, words=shown))

    def read(text: str) -> Parsed | None:
        side = parsing.read_word(text, "side", words)
        return None if side is None else said(side, answers.read(text, question))

    def from_object(row: Json) -> Parsed | None:
        side, answer = of.word(row, "side", words), _statement(of.value(row, "answer"))
        if side is None:
            return None
        side = side if answer else "none"
        shown = f"{of.value(row, 'reason')}\nSide: {side}\nAnswer: {of.value(row, 'answer')}"
        return said(side, answers.read_statement(answer, question), shown)

    offered = " or ".join(f'"Side: {word}"' for word in words)
    tagged = f"Write one line: {offered}. With none, give no answer. Otherwise: {answers.answer_form(question)}"
    fields: Json = {
        "reason": {"type": "string", "description": "why"},
        "side": {"type": "string", "enum": words},
        "answer": {"type": "string", "description": "the answer; empty with none"},
    }
    return ReplyFormat(tagged, read, fields, from_object)


def _statement(given: object) -> str:
    """An answer as a text, whatever JSON value it is; empty where there is none."""
    if given is None:
        return ""
    return given.strip() if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
