"""Formats of answers to the question."""

from __future__ import annotations

from dataclasses import replace

from contemplate import answers
from contemplate.agents import parsing
from contemplate.agents.reply_formats.base import Parsed, ReplyFormat
from contemplate.types import Question


def answer(question: Question) -> ReplyFormat:
    """An answer to the question, in its kind's final line."""

    def read(text: str) -> Parsed | None:
        found = answers.read(text, question)
        return None if found is None else Parsed.made(answer=found)

    return ReplyFormat(answers.answer_form(question), read)


def confident_answer(question: Question) -> ReplyFormat:
    """An answer, and how sure its author is; a reply without a confidence has 0."""

    def read(text: str) -> Parsed | None:
        found = answers.read(text, question)
        return None if found is None else Parsed(answer=found, confidence=parsing.read_confidence(text) or 0.0)

    told = 'Before your answer write one line "Confidence: <0 to 100> %": how likely it is that your answer is right.'
    return ReplyFormat(f"{told}\n{answers.answer_form(question)}", read)


def brief(form: ReplyFormat, words: int) -> ReplyFormat:
    """The same format, and how long a reply may be: at most so many `words`, which its author is told; 0 sets no length."""
    return replace(form, tagged=f"Use at most {words} words in all.\n{form.tagged}") if words else form
