"""Texts of a page: each stands in it once, none without bounds, and what the eye would miss is shown."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from contemplate.types import Message
from contemplate.viewer.model import Folded, MessageView

LONGEST = 200_000
"""The longest text that is in a page whole, in characters."""
MOST = 40_000_000
"""How many characters of texts a page holds; what comes later is cut short."""
BRIEF = 160
"""How long it is said what a turn came to, in characters."""
BEGINNING = 400
"""How much of a text is shown once a page is full, in characters."""

_BEGINS = re.compile(r"^--- (?P<title>[^\n]{1,300}) \[(?P<tag>[0-9a-f]{8}(?:[0-9a-f]{4})?)\] ---\n", re.MULTILINE)
_ENDS = re.compile(r"^--- end \[(?P<tag>[0-9a-f]{8}(?:[0-9a-f]{4})?)\] ---$", re.MULTILINE)
"""How words of others begin and end in a prompt (`contemplate.agents.quoting`), with tags of 12 digits or 8."""


class Texts:
    """The texts of a page, each kept once and known by its number.

    Attributes:
        rows: a text, or one that was cut short with its whole length.
    """

    def __init__(self) -> None:
        self.rows: list[str | tuple[str, int]] = []
        self._numbers: dict[str, int] = {}
        self._length = 0

    def add(self, text: str) -> int:
        """The number of `text`; it is cut short where it, or the page, is too long."""
        number = self._numbers.get(text)
        if number is not None:
            return number
        room = LONGEST if self._length < MOST else BEGINNING
        kept = text[:room]
        self._length += len(kept)
        self._numbers[text] = number = len(self.rows)
        self.rows.append(kept if len(kept) == len(text) else (kept, len(text)))
        return number

    def message(self, message: Message) -> MessageView:
        """A message of a prompt, the words of others in it apart from the rest."""
        return MessageView(role=message.role, parts=tuple(self._parts(message.told)))

    def _parts(self, text: str) -> Iterator[int | Folded]:
        at = 0
        for begin, title, words, end in _quotes(text):
            if before := text[at:begin].strip("\n"):
                yield self.add(before)
            yield Folded(title=title, text=self.add(words))
            at = end
        if (after := text[at:].strip("\n")) or not at:
            yield self.add(after)


def _quotes(text: str) -> Iterator[tuple[int, str, str, int]]:
    """The quotations in a prompt: where each begins, its title, its words, and where it ends. It takes one look at the text."""
    ends: dict[str, list[re.Match[str]]] = {}
    for end in _ENDS.finditer(text):
        ends.setdefault(end["tag"], []).append(end)
    at = 0
    for begin in _BEGINS.finditer(text):
        known = ends.get(begin["tag"], [])
        place = bisect_left(known, begin.end(), key=lambda end: end.start())
        if begin.start() >= at and place < len(known):
            words = text[begin.end() : max(known[place].start() - 1, begin.end())]
            at = known[place].end()
            yield begin.start(), begin["title"], words, at
