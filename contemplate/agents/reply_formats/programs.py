"""The format of a program, whose last printed line is the answer to the question."""

from __future__ import annotations

import re

from contemplate import answers
from contemplate.agents.reply_formats.base import Parsed, ReplyFormat
from contemplate.answers.reading import visible
from contemplate.text.patterns import regex
from contemplate.types import Question

_FENCED = regex(r"^[ \t]{0,8}(```|~~~)[ \t]{0,4}(\w{0,20})[^\n]{0,80}\n(.*?)(?:^[ \t]{0,8}\1|\Z)", re.MULTILINE | re.DOTALL)
_PRINTS = regex(r"^[ \t]{0,40}print\(", re.MULTILINE)
_PYTHON = {"python", "py", "python3"}


def program(question: Question) -> ReplyFormat:
    """A short Python program that prints the answer to the question; only kinds in `answers.PRINTED` can be printed."""

    def read(printed: str) -> Parsed | None:
        found = answers.read_printed(printed, question)
        return None if found is None else Parsed(answer=found)

    form = answers.KINDS[question.kind].form(question).removeprefix("Answer: ")
    told = f"Write one Python program in one ```python block. Its last line prints the final answer and nothing else: {form}"
    return ReplyFormat(told, read, program=program_in)


def program_in(reply: str) -> str | None:
    """The program in a reply: its last block of Python, else its last block that prints, else all of it if that prints."""
    text = visible(reply)
    blocks = [(found[2].lower(), found[3]) for found in _FENCED.finditer(text) if found[3].strip()]
    python = [code for language, code in blocks if language in _PYTHON]
    printing = [code for language, code in blocks if not language and _PRINTS.search(code)]
    if python or printing:
        return (python or printing)[-1]
    return text if not blocks and _PRINTS.search(text) else None
