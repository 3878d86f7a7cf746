"""The format of a list of texts."""

from __future__ import annotations

from collections.abc import Sequence

from contemplate.agents import parsing
from contemplate.agents.reply_formats import fields as of
from contemplate.agents.reply_formats.base import Parsed, ReplyFormat
from contemplate.types import Found

_MOST = 100


def items(what: str) -> ReplyFormat:
    """A list of texts, at most 100, found as `items`."""

    def said(texts: Sequence[str] | None) -> Parsed | None:
        return Parsed(found=Found(items=tuple(texts[:_MOST]))) if texts else None

    return ReplyFormat(
        f"Write {what} as a numbered list, one on each line.",
        lambda text: said(parsing.read_items(text)),
        {"items": {"type": "array", "items": {"type": "string"}, "description": what}},
        lambda row: said(of.texts(row, "items")),
    )
