"""In words: where in the documents stands what an answer rests on."""

from __future__ import annotations

from contemplate.text import one_line
from contemplate.types import Passage, Turn

_SHOWN = 200


def rests_on(turn: Turn) -> list[str]:
    """The passages of a turn, a line each; none where not looked for, or not found."""
    return [f"rests on {where(passage)}" for passage in turn.found.passages or ()]


def where(passage: Passage) -> str:
    """A passage with its place."""
    page = "" if passage.page is None else f", page {passage.page}"
    sure = "" if passage.share == 1 else f" ({passage.share:.0%} of its words)"
    place = f"{one_line(passage.document, 100)}{page}, characters {passage.start:,} to {passage.end:,}{sure}"
    return f'{place}: "{one_line(passage.text, _SHOWN)}"'
