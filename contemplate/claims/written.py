"""An open answer as it is written, in Markdown, sentence by sentence, each with the numbers of claims that stand behind it.

Reading is total and linear: any text gives a clean text, and the sentences that it is made of, with nothing but blanks between.
A list item is a sentence or several, a line of a table is one, a block of code is one, and so are a heading and a table's head.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contemplate.claims.citations import is_citation, masked_code, without_citations
from contemplate.text.patterns import regex
from contemplate.types import Sentence

_FENCE = regex(r"[ \t]{0,12}(`{3,}(?=[^`\n]*$)|~{3,})")
_ITEM = regex(r"[ \t]{0,20}(?:>[ \t]{0,3}){0,3}(?:[-*+•]|[0-9]{1,3}[.)])[ \t]{1,4}(?:\[[ xX]\][ \t]{1,4})?")
_HEADING = regex(r"[ \t]{0,3}#{1,6}[ \t]")
_BOLD_LINE = regex(r"[ \t]{0,3}(\*\*|__)[^*_\n]{1,200}\1[ \t]{0,4}:?[ \t]{0,4}\Z")
_RULE = regex(r"[ \t]{0,3}(?:[-*_=][ \t]{0,4}){3,}\Z")
_COLUMNS = regex(r"[ \t]{0,3}\|?[ \t]{0,9}:?-{1,200}:?[ \t]{0,9}(?:\|[ \t]{0,9}:?-{1,200}:?[ \t]{0,9}){0,60}\|?[ \t]{0,9}\Z")
_WRAPPED = regex(r"[ \t]{0,3}```(?:markdown|md)[ \t]{0,4}\n", re.IGNORECASE)
_BLANKS = regex(r"\s*")
_MANY_LINES = regex(r"\n{3,}")
_END = regex(r"[.!?…]{1,4}[\"'”’»)\]*_]{0,4}(?=\s)|[。！？]{1,3}[”’」』）]{0,2}")
_ABBREVIATION = regex(
    r"(?:^|[\s(\"'“*_])(?:e\.g|i\.e|etc|vs|cf|ca|approx|resp|incl|dr|mr|mrs|ms|prof|st|fig|eq|no|vol|pp?|al|inc|ltd|co|z\. ?B"
    r"|d\. ?h|bzw|u\. ?a|[A-HJ-Za-hj-z]|[0-9]{1,3})\Z",
    re.IGNORECASE,
)
_MARKS = regex(r"(?:[ \t]|[-*+•>#|_:=]|[0-9]{1,3}[.)](?=[ \t]))*")
_CONNECTIVE = regex(
    r"(?:sure|certainly|of course|absolutely|great|okay|ok)\b.{0,60}\Z"
    r"|(?:here(?:'s| is| are)|below (?:is|are)|let(?:'s| us| me)|(?:i )?hope (?:this|that) helps)\b.{0,160}\Z"
    r"|(?:in (?:short|summary|conclusion|brief)|to (?:sum up|summari[sz]e)|overall|finally|next|first|second|third)\b[\s,:.]{0,3}"
    r"\Z",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Written:
    """An open answer.

    Attributes:
        text: it, without numbers of claims.
        sentences: of which it is made; none has flags.
    """

    text: str
    sentences: tuple[Sentence, ...]


def without_mark(text: str) -> str:
    """A sentence without the mark of the list item that it opens."""
    item = _ITEM.match(text)
    return text[item.end() :] if item else text


def read_sentences(text: str) -> Written:
    """The sentences of an answer in Markdown; the numbers in brackets name claims, and are taken out."""
    text = _unwrapped(text.replace("\r\n", "\n").replace("\r", "\n"))
    reader = _Reader()
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        at = reader.take(lines, at)
    return reader.written()


def needs_claims(sentence: str) -> bool:
    """Whether a sentence says something that must rest on a claim; a heading, a head of a table, "In short:" says nothing."""
    text = sentence.strip()
    if _FENCE.match(text):
        return True
    rest = text.partition("\n")[2]
    if _HEADING.match(text) or _BOLD_LINE.match(text) or _RULE.match(text) or (rest and _COLUMNS.match(rest)):
        return False
    marks = _MARKS.match(text)
    bare = text[marks.end() if marks else 0 :].rstrip("*_ \t|")
    if not any(character.isalnum() for character in bare) or bare.endswith((":", "：")):
        return False
    return _CONNECTIVE.match(bare) is None


def places(text: str, sentences: Sequence[Sentence]) -> list[tuple[int, int]]:
    """Where each sentence stands in the text that they make; a sentence that is not there has an empty place."""
    found, at = [], 0
    for sentence in sentences:
        begin = text.find(sentence.text, at)
        end = begin + len(sentence.text) if begin >= 0 else at
        found.append((max(begin, at), end))
        at = end
    return found


def without(text: str, sentences: Sequence[Sentence], dropped: Sequence[Sentence]) -> str:
    """The text that `sentences` make, without those that are dropped."""
    kept, last = [], 0
    for sentence, (begin, end) in zip(sentences, places(text, sentences), strict=True):
        if sentence in dropped:
            kept.append(text[last:begin].rstrip(" \t"))
            last = end
    return _MANY_LINES.sub("\n\n", "".join([*kept, text[last:]])).strip()


class _Reader:
    """Takes lines, and gives what they make."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._sentences: list[tuple[str, list[str]]] = []
        self._blank = False

    def written(self) -> Written:
        """All that was taken."""
        made = tuple(Sentence(text=text, claims=tuple(dict.fromkeys(claims))) for text, claims in self._sentences)
        return Written("".join(self._parts), made)

    def take(self, lines: Sequence[str], at: int) -> int:
        """Take the block that begins at a line; the place of the line behind it."""
        line = lines[at]
        if not line.strip():
            self._blank = bool(self._parts)
            return at + 1
        if (cited := is_citation(line)) is not None:
            if self._sentences:
                self._sentences[-1][1].extend(cited)
            return at + 1
        if fence := _FENCE.match(line):
            return self._code(lines, at, fence[1])
        if at + 1 < len(lines) and "|" in line and "|" in lines[at + 1] and _COLUMNS.match(lines[at + 1]):
            return self._table(lines, at)
        if _HEADING.match(line) or _RULE.match(line) or _BOLD_LINE.match(line):
            self._line(line)
            return at + 1
        end = at + 1
        while end < len(lines) and not _begins_block(lines, end):
            end += 1
        self._prose("\n".join(lines[at:end]))
        return end

    def _put(self, text: str, claims: Sequence[str], gap: str | None = None) -> None:
        """Put a sentence behind what is there."""
        text = text.rstrip() if self._parts else text.strip()
        if not text.strip():
            return
        if self._parts:
            self._parts.append(gap if gap is not None else "\n\n" if self._blank else "\n")
            indent = len(text) - len(text.lstrip())
            self._parts.append(text[:indent])
            text = text[indent:]
        self._blank = False
        self._parts.append(text)
        self._sentences.append((text, list(claims)))

    def _line(self, line: str) -> None:
        text, cited = without_citations(line, _first_word(line))
        self._put(text, [claim for citation in cited for claim in citation.claims])

    def _code(self, lines: Sequence[str], at: int, fence: str) -> int:
        """A block of code, up to the line that closes it or to the end."""
        closing = re.compile(rf"[ \t]{{0,12}}{re.escape(fence[0])}{{{len(fence)},}}(?P<rest>[^{re.escape(fence[0])}]*)\Z")
        for end in range(at + 1, len(lines)):
            closed = closing.match(lines[end])
            if closed is None:
                continue
            rest = closed["rest"].strip()
            cited = is_citation(rest) if rest else ()
            if cited is not None:
                last = lines[end][: closed.start("rest")]
                self._put("\n".join([*lines[at:end], last]), cited)
                return end + 1
        self._put("\n".join(lines[at:]), ())
        return len(lines)

    def _table(self, lines: Sequence[str], at: int) -> int:
        """The head of a table with the line below it, then each row."""
        head, cited = without_citations(lines[at], _first_word(lines[at]))
        self._put(f"{head}\n{lines[at + 1].rstrip()}", [claim for citation in cited for claim in citation.claims])
        end = at + 2
        while end < len(lines) and "|" in lines[end] and not _begins_block(lines, end):
            self._line(lines[end])
            end += 1
        return end

    def _prose(self, paragraph: str) -> None:
        """A paragraph, or an item of a list, sentence by sentence."""
        first = _first_word(paragraph)
        text, citations = without_citations(paragraph, first)
        breaks = {citation.at for citation in citations if citation.ends}
        spans = list(_split(text, first, breaks))
        claims: list[list[str]] = [[] for _ in spans]
        place = 0
        for citation in citations:
            while place < len(spans) - 1 and not _holds(spans[place], citation.at, leads=citation.leads):
                place += 1
            if spans:
                claims[place].extend(citation.claims)
        at = 0
        for number, (begin, end) in enumerate(spans):
            gap = None if number == 0 else _gap(text[at:begin])
            self._put(text[begin:end] if number else text[:end], claims[number], gap)
            at = end


def _holds(span: tuple[int, int], at: int, *, leads: bool) -> bool:
    """Whether the sentence there is the one that a citation is about: the one before it, or the one that it begins."""
    return at < span[1] if leads else at <= span[1]


def _gap(between: str) -> str:
    """What stands between two sentences of a paragraph."""
    return "\n" + between.rpartition("\n")[2] if "\n" in between else between


def _split(text: str, first: int, breaks: set[int]) -> Iterator[tuple[int, int]]:
    """Begin and end of each sentence of a paragraph, blanks between them left out."""
    masked = masked_code(text)
    ends = {match.end() for match in _END.finditer(masked, first) if _ends_there(masked, match)}
    begin = _blanks_end(text, 0)
    for end in (*sorted(ends | {place for place in breaks if place > first}), len(text)):
        stripped = begin + len(text[begin:end].rstrip())
        if stripped > begin:
            yield begin, stripped
            begin = _blanks_end(text, end)


def _blanks_end(text: str, at: int) -> int:
    """Where the blanks that begin at a place end."""
    blanks = _BLANKS.match(text, at)
    return at if blanks is None else blanks.end()


def _ends_there(text: str, match: re.Match[str]) -> bool:
    """Whether a sentence ends with the dot that was found: not with that of an abbreviation, nor before a small letter."""
    if not match.group().startswith((".", "…")):
        return True
    following = text[match.end() : match.end() + 40].lstrip().lstrip("*_\"'“(")[:1]
    if following.islower():
        return False
    return match.group()[0] != "." or _ABBREVIATION.search(text, max(match.start() - 12, 0), match.start()) is None


def _first_word(line: str) -> int:
    """Where the words of a line begin, behind the mark of a list, a quotation or a heading."""
    if item := _ITEM.match(line):
        return item.end()
    marks = re.compile(r"[ \t]{0,20}(?:>[ \t]{0,3}){0,3}(?:#{1,6}[ \t]{1,4})?").match(line)
    return 0 if marks is None else marks.end()


def _begins_block(lines: Sequence[str], at: int) -> bool:
    """Whether a paragraph does not go on with a line."""
    line = lines[at]
    if not line.strip() or _ITEM.match(line) or _HEADING.match(line) or _FENCE.match(line) or _RULE.match(line):
        return True
    if is_citation(line) is not None or _BOLD_LINE.match(line):
        return True
    return at + 1 < len(lines) and "|" in line and "|" in lines[at + 1] and _COLUMNS.match(lines[at + 1]) is not None


def _unwrapped(text: str) -> str:
    """An answer that stands in one block of Markdown as a whole, without that block."""
    opening, closed = _WRAPPED.match(text), text.rstrip()
    if opening is None or not closed.endswith("```"):
        return text
    inner = closed[opening.end() : -3]
    return inner if inner.endswith("\n") and len(re.findall(r"^[ \t]{0,12}```", inner, re.MULTILINE)) % 2 == 0 else text
