"""The format of a choice among lettered replies."""

from __future__ import annotations

from collections.abc import Sequence

from contemplate.agents import parsing
from contemplate.agents.prompts import LETTERS
from contemplate.agents.reply_formats import fields as of
from contemplate.agents.reply_formats.base import WORK, Parsed, ReplyFormat
from contemplate.types import Found, Json


def choice(ids: Sequence[str], *, tie: bool = False) -> ReplyFormat:
    """One of several lettered replies, by the ids of their turns; with `tie` none of them is a choice too, found as `tie`."""
    letters = [*LETTERS[: len(ids)], *(["tie"] if tie else [])]

    def said(index: int | None, *, tied: bool) -> Parsed | None:
        if index is not None:
            return Parsed(chose=ids[index])
        return Parsed(found=Found(tie=True)) if tie and tied else None

    def read(text: str) -> Parsed | None:
        return said(parsing.read_choice(text, len(ids)), tied=parsing.read_word(text, "choice", ("tie",)) is not None)

    def from_object(row: Json) -> Parsed | None:
        tied = of.word(row, "choice", ("tie", "a tie")) is not None
        return said(None if tied else of.letter(of.value(row, "choice"), len(ids)), tied=tied)

    words = "the letter of that reply" + (', or "tie"' if tie else "")
    return ReplyFormat(
        f'End with one line: "Choice: " and {words}.',
        read,
        {"work": WORK, "choice": {"type": "string", "enum": letters}},
        from_object,
    )
