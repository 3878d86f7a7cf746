"""The format of a list of texts."""

from __future__ import annotations

from collections.abc import Sequence

from contemplate.agents import parsing
from contemplate.agents.reply_formats import fields as of
from contemplate.agents.reply_formats.base import Parsed, ReplyFormat
from contemplate.types import Found

_MOST = 100


def items(what: str, *, none: bool = False) -> ReplyFormat:
    """A list of texts, at most 100, found as `items`.

    Args:
        what: what is listed.
        none: a reply without a list has none of them, and is not asked for again.
    """

    def said(texts: Sequence[str] | None) -> Parsed | None:
        return Parsed(found=Found(items=tuple((texts or ())[:_MOST]))) if texts or none else None

    return ReplyFormat(
        f"Write {what} as a numbered list, one on each line.",
        lambda text: said(parsing.read_items(text)),
        {"items": {"type": "array", "items": {"type": "string"}, "description": what}},
        lambda row: said(of.texts(row, "items")),
    )
