"""The format of a likelihood in one of three words."""

from __future__ import annotations

from contemplate.agents import parsing
from contemplate.agents.reply_formats import fields as of
from contemplate.agents.reply_formats.base import WORK, Parsed, ReplyFormat
from contemplate.types import Found, Json

LIKELIHOODS = {"sure": 20.0, "likely": 1.0, "impossible": 0.001}
"""What a state of a search is worth for each word that is said of it (arXiv:2305.10601)."""


def likelihood() -> ReplyFormat:
    """A format for how likely something leads to the right answer: one of three words, found as `word`, its worth as `value`."""
    words = list(LIKELIHOODS)

    def said(word: str | None) -> Parsed | None:
        return None if word is None else Parsed(found=Found(word=word, value=LIKELIHOODS[word]))

    def read(text: str) -> Parsed | None:
        last = f"value: {text.strip().rpartition(chr(10))[2]}"
        return said(parsing.read_word(text, "value", words) or parsing.read_word(last, "value", words))

    offered = " or ".join(f'"Value: {word}"' for word in words)
    fields: Json = {"work": WORK, "value": {"type": "string", "enum": words}}
    return ReplyFormat(f"End with one line: {offered}.", read, fields, lambda row: said(of.word(row, "value", words)))
