"""Splitting a text into parts where its author made a break: before headings, between paragraphs, at the ends of sentences.

The parts are the text: put together they give it back, character for character.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

Span = tuple[int, int]
"""Where a part begins and ends in a text, in characters; the character at the end is no part of it."""

_HEADING = re.compile(r"^(?=[ \t]{0,3}#{1,6}[ \t])", re.MULTILINE)
_PARAGRAPH = re.compile(r"\n[ \t]{0,80}\n\s{0,200}")
_SENTENCE = re.compile(r"[.!?…]{1,4}[\"'”’»)\]*_]{0,4}\s{1,200}(?=[\"'“(\[*_«]{0,3}(?:[^\W\d_a-z]|\d))|[。！？][”’」』）]{0,2}")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'“])(?:e\.g|i\.e|cf|vs|ca|approx|dr|mr|mrs|ms|prof|st|fig|eq|no|vol|pp?|bzw|z\. ?B|d\. ?h|[A-Z]|[0-9]{1,3})"
    r"\.\Z",
    re.IGNORECASE,
)
_LINE = re.compile(r"\n\s{0,200}")
_WORD = re.compile(r"\s{1,200}")
_BEST = 3
_LOOKED_BACK = 12
_SPREAD = 1.15
"""How much longer than the others a part may be, so that a better break is found."""


def split_text(text: str, longest: int) -> list[Span]:
    """The parts of a text, about equally long, none longer than `longest` bytes of UTF-8.

    Of the breaks in the second half of what a part may hold, a heading is taken before the end of a paragraph, and that before
    the end of a sentence; of equals the last. No sentence is cut but one that is longer than a part, as a table or data
    without full stops is: that one is cut at the end of a line, else between words, else anywhere.

    Args:
        text: any text; an empty one has no parts.
        longest: at least 4.
    """
    if not text:
        return []
    reach = _lengths(text)
    count = -(-reach[-1] // max(longest, 4))
    limit = max(min(longest, int(-(-reach[-1] // count) * _SPREAD)), 4)
    breaks = _breaks(text)
    spans, start = [], 0
    while start < len(text):
        end = _end(text, start, limit, max(longest, 4), reach, breaks)
        spans.append((start, end))
        start = end
    return spans


def _lengths(text: str) -> list[int]:
    """The bytes before each character, and of the whole."""
    reach = [0]
    for letter in text:
        reach.append(reach[-1] + (1 if letter.isascii() else len(letter.encode("utf-8", "replace"))))
    return reach


def _breaks(text: str) -> list[tuple[int, int]]:
    """The places at which a part may begin, ascending, each with how good it is: 3 for a heading, 2 a paragraph, 1 a sentence."""
    found: dict[int, int] = {}
    for match in _SENTENCE.finditer(text):
        if _ABBREVIATION.search(text[max(match.start() - _LOOKED_BACK, 0) : match.start() + 1]) is None:
            found[match.end()] = 1
    found |= dict.fromkeys((match.end() for match in _PARAGRAPH.finditer(text)), 2)
    found |= dict.fromkeys((match.start() for match in _HEADING.finditer(text)), 3)
    return sorted((place, worth) for place, worth in found.items() if 0 < place < len(text))


def _end(text: str, start: int, limit: int, longest: int, reach: list[int], breaks: list[tuple[int, int]]) -> int:
    """Where the part that begins at `start` ends."""
    if reach[-1] - reach[start] <= limit:
        return len(text)
    for most in (limit, longest):
        within = breaks[bisect_right(breaks, (start, _BEST)) : bisect_right(breaks, (_furthest(start, most, reach), _BEST))]
        if within:
            late = [one for one in within if 2 * (reach[one[0]] - reach[start]) >= most] or within
            return max((worth, place) for place, worth in late)[1]
    if reach[-1] - reach[start] <= longest:
        return len(text)
    return next(_cuts(text, start, longest, reach))


def _furthest(start: int, most: int, reach: list[int]) -> int:
    """The last place that is at most so many bytes from `start`."""
    return bisect_right(reach, reach[start] + most) - 1


def _cuts(text: str, start: int, longest: int, reach: list[int]) -> Iterator[int]:
    """Where a sentence that is longer than a part is cut, best first."""
    last = _furthest(start, longest, reach)
    for pattern in (_LINE, _WORD):
        ends = [match.end() for match in pattern.finditer(text, start + 1, last)]
        if ends:
            yield ends[-1]
    yield max(last, start + 1)
