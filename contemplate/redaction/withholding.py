"""Words that stand in a private part are withheld wherever they stand in a row of some length."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

IN_A_ROW = 5
"""So many words in a row of a private part go nowhere; all of a part that has fewer."""
WITHHELD = "[withheld]"

_WORD = re.compile(r"\w+")
_CODE = re.compile(r"\w(?:[\w.,:/-]*\w)?")
_SHORTEST_CODE = 4


def codes_in(text: str) -> tuple[str, ...]:
    """The words of a text with a digit in them and four characters or more: amounts, dates, numbers of files."""
    said = (one.group() for one in _CODE.finditer(text))
    return tuple(dict.fromkeys(one for one in said if len(one) >= _SHORTEST_CODE and any(letter.isdigit() for letter in one)))


@dataclass
class Withholder:
    """Withholds what stands in private parts word by word, whoever says it.

    Attributes:
        parts: the private parts.
    """

    parts: tuple[str, ...]
    _rows: dict[int, set[tuple[str, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Cut the parts into rows of words."""
        for part in self.parts:
            words = [one.group().casefold() for one in _WORD.finditer(part)]
            size = min(IN_A_ROW, len(words))
            if size > 1:
                rows = (tuple(words[begin : begin + size]) for begin in range(len(words) - size + 1))
                self._rows.setdefault(size, set()).update(rows)

    def withheld(self, text: str) -> str:
        """`text` without the rows of words that stand in a private part."""
        found = list(_WORD.finditer(text))
        words = [one.group().casefold() for one in found]
        covered = set(self._covered(words))
        parts, reached, place = [], 0, 0
        while place < len(found):
            if place in covered:
                end = place
                while end + 1 in covered:
                    end += 1
                parts += [text[reached : found[place].start()], WITHHELD]
                reached, place = found[end].end(), end
            place += 1
        return "".join([*parts, text[reached:]])

    def _covered(self, words: list[str]) -> Iterable[int]:
        for size, rows in self._rows.items():
            for begin in range(len(words) - size + 1):
                if tuple(words[begin : begin + size]) in rows:
                    yield from range(begin, begin + size)
