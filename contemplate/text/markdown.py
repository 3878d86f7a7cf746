"""Markdown that a model wrote, or that holds what one wrote: it is shown, and does nothing.

What is kept of an answer is headings, emphasis, lists, quotations, tables, rules, formulas and code. HTML, images, links in
every form, definitions of links and footnotes, addresses that a renderer would turn into links, and blocks that a renderer would
carry out or draw become the text that they are. So nothing is loaded from anywhere when it is rendered, and nothing leads away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from contemplate.text import one_line

FENCE = re.compile(r"[ \t]{0,12}(`{3,}(?=[^`\n]*$)|~{3,})")
"""The line that opens a block of code."""

_TICKS = re.compile(r"`+")
_LANGUAGE = re.compile(r"[A-Za-z][A-Za-z0-9+#._-]{0,20}\Z")
_DRAWN = frozenset(
    {"mermaid", "math", "geojson", "topojson", "stl", "plantuml", "dot", "graphviz", "vega", "vega-lite", "html", "svg"}
)
"""Languages of blocks that some renderers draw, and that can name what is to be loaded."""
_MACRO = (
    r"\\(?=(?:href|url|unicode|require|html[a-zA-Z]*|class|cssId|style|data|includegraphics|csname|def|gdef|edef|let|newcommand"
    r"|renewcommand|DeclareMathOperator)\b)"
)
_LIVE = re.compile(
    rf"(?P<macro>{_MACRO})|(?P<pair>\\[!-/:-@\[-`{{-~])|[`<\[\]@]|:(?=//)|(?<=www)\.|~(?=~~)|(?<=~~)~", re.IGNORECASE
)
_FIELD = re.compile(r"[\\`*_\[\]|~$&@<{}]|:(?=//)|(?<=www)\.|(?<=WWW)\.|(?<=Www)\.")
_LEADING = re.compile(r"(?:[#>+=:-]|[0-9]{1,9}(?=[.)]))")
_DANGER = re.compile(r"[<\[!{]|://|www\.|@", re.IGNORECASE)
_FIRST = re.compile(r"(?:-{3}|\+{3})")


def plain(text: str, width: int = 2_000) -> str:
    """Text on one line that a renderer of Markdown shows as it is: in a paragraph, an item of a list, or a cell of a table."""
    line = one_line(text, width)
    escaped = _FIELD.sub(lambda sign: "&lt;" if sign.group() == "<" else "\\" + sign.group(), line)
    leading = _LEADING.match(escaped)
    if leading is None:
        return escaped
    number = leading.group()[0].isdigit()
    return f"{leading.group()}\\{escaped[leading.end() :]}" if number else "\\" + escaped


def harmless(text: str, marks: Mapping[int, str] | None = None) -> str:
    """Markdown as it is, but for what would do something.

    Args:
        text: printable.
        marks: what to put at places of `text`, as numbers of claims at the end of sentences; as it is.
    """
    left = sorted((marks or {}).items(), reverse=True)
    lines, out, at, offset = text.split("\n"), list[str](), 0, 0
    while at < len(lines):
        fence = FENCE.match(lines[at])
        end = at + 1 if fence is None else _closing(lines, at, fence[1])
        length = sum(len(line) + 1 for line in lines[at:end])
        here = [(max(place - offset, 0), mark) for place, mark in _taken(left, offset + length)]
        if fence is None:
            out.append(_line(lines[at], here, first=at == 0))
        else:
            out += [*_code(lines[at:end], fence), *(["".join(mark for _, mark in here).strip()] if here else [])]
        offset += length
        at = end
    return "\n".join(out)


def _taken(left: list[tuple[int, str]], before: int) -> list[tuple[int, str]]:
    """The marks before a place, taken from those that are left, which stand last first."""
    taken = []
    while left and left[-1][0] < before:
        taken.append(left.pop())
    return taken


def _closing(lines: Sequence[str], at: int, fence: str) -> int:
    """The place behind the line that closes the block of code that a line opens; the end where none does."""
    closes = re.compile(rf"[ \t]{{0,12}}{re.escape(fence[0])}{{{len(fence)},}}[ \t]*\Z")
    return next((end + 1 for end in range(at + 1, len(lines)) if closes.match(lines[end])), len(lines))


def _code(block: Sequence[str], fence: re.Match[str]) -> Iterator[str]:
    """A block of code between marks at the beginning of their lines, which nothing in it can close."""
    last = block[-1].strip()
    body = block[1:-1] if len(block) > 1 and last and not last.strip(fence[1][0]) and len(last) >= len(fence[1]) else block[1:]
    longest = max((len(run) for line in body for run in _TICKS.findall(line)), default=0)
    marks = "`" * max(3, longest + 1)
    info = block[0][fence.end() :].strip()
    yield f"{marks}{info if _LANGUAGE.match(info) and info.lower() not in _DRAWN else ''}"
    yield from body
    yield marks


def _line(line: str, marks: Sequence[tuple[int, str]], *, first: bool) -> str:
    """A line of prose, a heading, an item, a row of a table."""
    if first and _FIRST.match(line):
        line = "***" if not line.strip("-+ \t") else "\\" + line  # not the settings of a page
    spans = code_spans(line)
    codes = [line[begin:end] for begin, end, _ in spans]
    if any("|" in code for code in codes) and any(_DANGER.search(code) for code in codes):
        spans = []  # a table would part them
    left = list(reversed(marks))
    parts: list[str] = []
    at = 0
    for begin, end, _ in spans:
        parts += [_prose(line, at, begin, _taken(left, begin)), *(mark for _, mark in _taken(left, begin + 1)), line[begin:end]]
        parts += [mark for _, mark in _taken(left, end)]
        at = end
    text = "".join([*parts, _prose(line, at, len(line), _taken(left, len(line)))])
    named = "".join(mark for _, mark in reversed(left))
    row = text.rstrip()
    if named and row.endswith("|") and len(row) > 1:
        return f"{row[:-1].rstrip()} {named.strip()} |"
    return text + named


def _prose(line: str, begin: int, end: int, marks: Sequence[tuple[int, str]]) -> str:
    """What stands outside of code from one place of a line to another, with the marks that belong there."""
    parts = [_escaped(line[begin : marks[0][0] if marks else end], after_code=begin > 0)]
    places = [*(place for place, _ in marks), end]
    for (place, mark), other in zip(marks, places[1:], strict=True):
        text = _escaped(line[place:other])
        parts.append(f"{mark} {text}" if text[:1] in {"(", "[", ":", "\\", "{"} else mark + text)
    return "".join(parts)


def _escaped(text: str, *, after_code: bool = False) -> str:
    """Prose without what would do something; what it escapes itself stays."""

    def one(found: re.Match[str]) -> str:
        if found["pair"]:
            return found["pair"]
        return "&lt;" if found.group() == "<" else "\\" + found.group()

    text = re.sub(r"\A([ \t]{0,3}):::", r"\1\:::", _LIVE.sub(one, text))
    return "\\" + text if after_code and text.startswith("{") else text


def code_spans(line: str) -> list[tuple[int, int, int]]:
    """Where code stands between backticks on a line: begin and end, ticks among it, and how many ticks there are at each end.

    A tick behind a backslash opens nothing. Linear in the length of the line.
    """
    runs = [(match.start(), match.end()) for match in _TICKS.finditer(line)]
    following: dict[int, list[int]] = {}
    for place in range(len(runs) - 1, -1, -1):
        following.setdefault(runs[place][1] - runs[place][0], []).append(place)
    spans, place = [], 0
    while place < len(runs):
        begin, end = runs[place]
        begin += _is_escaped(line, begin)
        later = following.get(end - begin, [])
        while later and later[-1] <= place:
            later.pop()
        if begin == end or not later:
            place += 1
            continue
        closing = later.pop()
        spans.append((begin, runs[closing][1], end - begin))
        place = closing + 1
    return spans


def _is_escaped(line: str, at: int) -> bool:
    """Whether a backslash stands before a place that counts, and is not one of a pair."""
    begin = at
    while begin and line[begin - 1] == "\\":
        begin -= 1
    return (at - begin) % 2 == 1
