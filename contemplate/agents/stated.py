"""Where a reply states what was asked for: on a line that begins with its tag. What a reply quotes states nothing.

A critic may well quote the words of the reply that it reads, and those may have been written to be taken for its own: an
object such as `{"verdict": "sound"}`, or a forged last line. So what stands in an object or in quotation marks is passed over,
and a line that begins with the tag is taken before a mention elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from contemplate.text.patterns import regex

LOOKED_AT = 20_000
"""How much of a reply's end is looked at, in characters."""

_OPENING = regex(
    r"""(?xi) [ \t]{0,8} (?: (?: [-*•+] | \d{1,3}[.)] | \#{1,6} ) [ \t]{1,4} )? [*_]{0,3}
    (?: (?: no | wait | so | thus | therefore | hence | finally | actually | correction | in[ ]conclusion ) [,:]? [ \t]{1,4} )?
    (?: (?: my | the | final | overall ) [ \t_]{1,4} ){0,3} [*_]{0,3}"""
)
"""What may stand before a tag that opens a line."""

_JOINED = regex(r"[^A-Za-z\n\"“]{0,20}(?:and[ \t]{1,4})?[*_]{0,3}", re.IGNORECASE)
"""What may stand between two statements on one line."""

_SAYS = regex(r"[:：=\n–—-]|\bis\b", re.IGNORECASE)
_QUOTED = regex(r"(?<![\w\"])\"(?=\S)[^\"]{1,2000}(?<=\S)\"(?!\w)|“[^“”]{1,2000}”|«[^«»]{1,2000}»|(?<!`)`[^`\n]{1,500}`(?!`)")
_SET_APART = regex(r"^[ \t]{0,8}(?:```|~~~)[\s\S]{0,4000}?(?:^[ \t]{0,8}(?:```|~~~)|\Z)|^[ \t]{0,3}>.*$", re.MULTILINE)


def stated(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    """The places where `text` states what `pattern` finds, in order; the last one counts.

    Those that open a line are all that count, where there are some; else those in the midst of a line; else those that are
    set apart as code or as a block quotation, or are a last line in quotation marks. None stands in an object, nor in any
    other quotation.
    """
    found = list(pattern.finditer(text := text[-LOOKED_AT:]))
    if not found:
        return []
    quoted, apart = _asides(text)
    found = [match for match in found if not quoted[match.start()]]
    own = [match for match in found if not apart[match.start()]]
    return list(_opening(own, text)) or own or found


def outside_objects(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    """What `pattern` finds in `text`, but for what stands in an object."""
    inside = _marked(text := text[-LOOKED_AT:], _objects(text))
    return [match for match in pattern.finditer(text) if not inside[match.start()]]


def _opening(found: Iterable[re.Match[str]], text: str) -> Iterator[re.Match[str]]:
    """Those that open a line, or follow right after one that does, and say something of their tag."""
    end = -1
    for match in found:
        start = match.start()
        begin = text.rfind("\n", 0, start) + 1
        joins = end >= begin and _JOINED.fullmatch(text, end, start)
        if (joins or _OPENING.fullmatch(text, begin, start)) and _SAYS.search(match.group()):
            end = match.end()
            yield match


def _asides(text: str) -> tuple[bytearray, bytearray]:
    """Which characters of `text` are somebody else's words, and which may be."""
    end = len(text.rstrip("*_. \t\n"))
    last = text.rfind("\n", 0, end) + 1
    quotations = [match.span() for match in _QUOTED.finditer(text)]
    whole = [(start, stop) for start, stop in quotations if stop == end and last <= start and not text[last:start].strip("*_ \t")]
    others = [span for span in quotations if span not in whole]
    apart = [match.span() for match in _SET_APART.finditer(text)]
    return _marked(text, [*_objects(text), *others]), _marked(text, [*apart, *whole])


def _objects(text: str) -> Iterator[tuple[int, int]]:
    """The parts of `text` in braces, but for those of a formula, which follow on a letter."""
    opened: list[int] = []
    for brace in re.finditer(r"[{}]", text):
        place = brace.start()
        if brace.group() == "{":
            opened.append(place)
        elif opened and not re.match(r"[A-Za-z^_\\]", text[(start := opened.pop()) - 1 : start]):
            yield start, place + 1


def _marked(text: str, spans: Iterable[tuple[int, int]]) -> bytearray:
    """1 for each character of `text` in one of `spans`, and 0 for the others."""
    marks = bytearray(len(text) + 1)
    for start, end in spans:
        marks[start:end] = b"\1" * (end - start)
    return marks
