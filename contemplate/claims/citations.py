"""The numbers of claims in a text, as `[1][3]`: found in whatever way they are written, and taken out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from contemplate.text.markdown import code_spans
from contemplate.text.patterns import regex

_NUMBER = r"(?:#|no\.?[ ]?|claim[ ])?[1-9][0-9]{0,3}"
_BETWEEN = r"[ \t]{0,2}(?:,|;|&|and|[-–])[ \t]{0,2}(?:and[ ])?"
_LIST = rf"{_NUMBER}(?:{_BETWEEN}{_NUMBER}){{0,40}}"
_SQUARE = rf"\\?[\[【]\^?[ \t]{{0,2}}(?:claims?[ \t:]{{1,2}})?{_LIST}[ \t]{{0,2}}\\?[\]】](?:\([^()\s]{{0,300}}\))?"
_ROUND = rf"\([ \t]{{0,2}}(?:(?:see|from|based on)[ ])?claims?[ \t:]{{1,2}}{_LIST}[ \t]{{0,2}}\)"
_JOINED = r"[ \t]{0,2}(?:,|;|&|and)?[ \t]{0,2}"
_SQUARES = rf"{_SQUARE}(?:{_JOINED}{_SQUARE}){{0,40}}"
_CITATION = regex(rf"\([ \t]{{0,2}}(?:(?:see|from|based on)[ ])?{_SQUARES}[ \t]{{0,2}}\)|{_SQUARES}|{_ROUND}", re.IGNORECASE)
_SPAN = regex(r"([0-9]{1,4})[ \t]{0,2}[-–][ \t]{0,2}(?:#|no\.?[ ]?|claim[ ])?([0-9]{1,4})", re.IGNORECASE)
_TARGET = regex(r"\]\([^()\s]{0,300}\)")
_DIGITS = regex(r"[0-9]{1,4}")
_GOES_ON = regex(r"[ \t]{0,4}(?:[\]】),;&#0-9–-]|and\b|no\b|claim)", re.IGNORECASE)
_OPENS = regex(r"[ \t]{0,12}(?:```|~~~)")
_BEHIND = regex(r":?[ \t]{0,8}")
_INDENT = 40
"""How far from the beginning of its line a number may stand to lead it, in characters."""
_WIDEST = 50
"""How many claims `[3-9]` names at most."""
_NEAR = 300
"""How far back a bracket is looked for that a removed number would close, in characters."""


@dataclass(frozen=True)
class Citation:
    """The numbers of claims at one place of a text that they were taken out of.

    Attributes:
        at: the place, as an index into that text.
        claims: the ids.
        leads: whether it stood at the beginning of a line, so that it is about what follows.
        ends: whether a line ended with it.
    """

    at: int
    claims: tuple[str, ...]
    leads: bool
    ends: bool


def without_citations(text: str, first: int = 0) -> tuple[str, list[Citation]]:
    """One line (or several) of prose without the numbers of claims, and these; code between backticks stays as it is.

    Args:
        text: the lines.
        first: where the first line's words begin, behind the mark of a list.
    """
    masked = masked_code(text)
    kept: list[str] = []
    found: list[Citation] = []
    length = at = 0
    for match in _CITATION.finditer(masked):
        leads = _leads(text, match.start(), first)
        end = match.end()
        if leads and (blanks := _BEHIND.match(text, end)):
            end = blanks.end()
        before = text[at : match.start()]
        before = before if leads else before.rstrip(" \t")
        kept.append(before)
        length += len(before)
        found.append(Citation(length, _ids(match.group()), leads, ends=end >= len(text) or text[end:].startswith("\n")))
        seam = _seam("".join(kept[-4:])[-_NEAR:], text, end, parted=before != text[at : match.start()], leads=leads)
        kept.append(seam)
        length += len(seam)
        at = end
    kept.append(text[at:])
    return "".join(kept), found


def _leads(text: str, at: int, first: int) -> bool:
    """Whether nothing but marks stands before a place on its line, or nothing behind the mark of the list that it is in."""
    if first >= at:
        return first == at
    begin = max(at - _INDENT, first)
    before = text[begin:at]
    line = before.rpartition("\n")[2]
    return not line.strip(" \t>*_") and (len(line) < len(before) or begin == first)


def is_citation(line: str) -> tuple[str, ...] | None:
    """The claims that a line names that is nothing but their numbers; None for any other line."""
    bare = line.strip().strip("*_.").strip()
    match = _CITATION.fullmatch(bare) if len(bare) <= _NEAR else None
    return None if match is None else _ids(match.group())


def masked_code(text: str) -> str:
    """`text` with what stands between backticks, on one line, written over; as long as before."""
    if "`" not in text:
        return text
    return "\n".join("".join(_masked_line(line)) for line in text.split("\n"))


def _masked_line(line: str) -> Iterator[str]:
    at = 0
    for begin, end, _ in code_spans(line):
        yield line[at:begin]
        yield "x" * (end - begin)
        at = end
    yield line[at:]


def _seam(before: str, text: str, end: int, *, parted: bool, leads: bool) -> str:
    """What stands in the place of numbers that were taken out: mostly nothing.

    A dot of omission where the two sides would otherwise make a number, or a fence, of their own; a space between words.
    """
    after = text[end : end + 8]
    bracket = max(before.rfind(sign) for sign in "[(【")
    open_bracket = bracket >= 0 and not any(sign in before[bracket:] for sign in "])】\n")
    if (open_bracket and _GOES_ON.match(text, end)) or (before.endswith("`") and after.startswith("`")):
        return "…"
    if before.endswith(("[", "(", "【", "\\", "]")) and after[:1] in {"(", "[", "]", ")", ":", "^"}:
        return "…"
    if leads and _OPENS.match(text, end):
        return "…"
    return " " if parted and before[-1:].isalnum() and after[:1].isalnum() else ""


def _ids(cited: str) -> tuple[str, ...]:
    """The ids that a citation names, each once."""
    cited = _TARGET.sub("]", cited)
    numbers: list[int] = []
    for span in _SPAN.finditer(cited):
        low, high = int(span[1]), int(span[2])
        if low <= high < low + _WIDEST:
            numbers += range(low, high)
    numbers += map(int, _DIGITS.findall(cited))
    return tuple(map(str, dict.fromkeys(sorted(numbers))))
