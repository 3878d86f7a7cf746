"""The format of a choice among numbered replies."""

from __future__ import annotations

from collections.abc import Sequence

from contemplate.agents import parsing
from contemplate.agents.reply_formats.base import Parsed, ReplyFormat
from contemplate.types import Found


def pick(ids: Sequence[str]) -> ReplyFormat:
    """One of several numbered replies, by the ids of their turns; the first one if the number can't be read.

    The order in which they were shown is found as `order`, and whether the number could not be read as `unread`.
    """

    def read(text: str) -> Parsed:
        index = parsing.read_pick(text, len(ids))
        return Parsed(chose=ids[index or 0], found=Found(order=tuple(ids), unread=index is None))

    return ReplyFormat('End with one line: "Choice: " and the number of that reply.', read)
