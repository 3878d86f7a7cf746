"""Reading what a reply says of numbered things, claim by claim or pair by pair. Total: any text gives what can be read, no more.

Models write "1. agree: so", "**Claim 1**: Agree", "1-3: true", "Agree: 1, 4", a table, all on one line, or "I agree with all
but 2". What is said of one thing in two ways is not said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from contemplate.answers.reading import visible
from contemplate.text import one_line
from contemplate.text.patterns import regex

LONGEST_REASON = 200
"""The longest reason, in characters."""

_ECHO = 8
"""A text that is repeated in fewer characters may be the reader's own word."""
_AND = r"\s{0,3}(?:,|;|and|&|-|–|to)\s{0,3}(?:and\s)?"
_NUMBERS = rf"#?\d{{1,3}}(?:{_AND}#?\d{{1,3}}){{0,99}}"
_SEVERAL = rf"#?\d{{1,3}}{_AND}{_NUMBERS}"
_SPAN = regex(r"(\d{1,3})(?:\s{0,3}(?:-|–|to)\s{0,3}#?(\d{1,3}))?")
_THING = r"(?:(?:claims?|pairs?|statements?|nos?\.?|numbers?|items?)\s{0,3})?"
_CLOSED = r"\s{0,2}(?:[.):\]|=–—-]|\*{1,2}){1,4}"
_LABEL = r"(?:stance|verdict|opinion|judge?ment|answer|position|assessment)"
_DEGREE = r"(?:(?:strongly|fully|completely|mostly|largely|generally)\s)?"
_BUT = regex(r"\b(?:except|but|apart from|other than)\b", re.I)
_LEADS = regex(r"[\s\W]*(?:(?:because|reason|since|as)\b[\s:,–—-]*)?", re.I)

Said = tuple[str, str]
"""A label, and the reason for it in one line."""


class Vocabulary:
    """The words for a few labels, and how they are found in a reply.

    Args:
        sure: by label, a pattern of what means it with anything behind it. Of labels that are opposites the first two are.
        loose: by label, a pattern of what means it only where a mark or nothing follows, as "no" or "right".
    """

    def __init__(self, sure: Mapping[str, str], loose: Mapping[str, str]) -> None:
        """See the class."""
        self._sure, self._loose = sure, loose
        self._labels = [*sure]

    @cached_property
    def _any(self) -> str:
        return "|".join((*self._sure.values(), *self._loose.values()))

    @cached_property
    def _said(self) -> str:
        sure, loose = "|".join(self._sure.values()), "|".join(self._loose.values())
        return rf"{_DEGREE}(?:(?:{sure})(?!\w)|(?:{loose})(?=\W{{0,4}}(?:\Z|\n)|\s{{0,2}}[.:,;|)(\]*–—-]))"

    @cached_property
    def _mark(self) -> re.Pattern[str]:
        before = rf"^[\s>#*_(\[|-]{{0,8}}{_THING}#?(\d{{1,3}})"
        return re.compile(rf"{before}(?:{_CLOSED}|[ \t](?=\W{{0,4}}(?:{self._any})\b))", re.I | re.M)

    @cached_property
    def _in_line(self) -> re.Pattern[str]:
        return re.compile(rf"(?<=[\s,;])(?=\(?#?\d{{1,3}}[.):\]=–-]{{0,2}}\s{{0,3}}\W{{0,3}}(?:{self._any})\b)", re.I)

    @cached_property
    def _groups(self) -> tuple[re.Pattern[str], re.Pattern[str]]:
        many = rf"[\W_]{{0,8}}{_THING}(?P<numbers>{_SEVERAL})[\s:.=*)–—-]{{1,6}}(?:are\s)?(?:all\s)?(?P<said>{self._said})"
        side = rf"[\W_]{{0,8}}(?:i\s)?(?P<said>{self._said})(?:\s(?:with|on))?[\s:=*–—-]{{1,6}}"
        return re.compile(rf"{many}(?P<reason>.*)", re.I), re.compile(rf"{side}{_THING}(?P<numbers>{_NUMBERS})[\W_]{{0,4}}", re.I)

    @cached_property
    def _of_one(self) -> tuple[re.Pattern[str], ...]:
        """Where a piece about one thing states its label, best first: at its beginning, behind a name for it, behind a mark."""
        named = rf"\b{_LABEL}\b[\W_]{{1,6}}(?:i\s)?"
        begins = rf"\A[\W_]{{0,8}}(?:{_LABEL}\W{{1,6}}|(?:i|we)\s)?"
        behind = r"(?:[-–—:→(\[|>*.!;,]\s{0,3}[\W_]{0,4}|\bi\s)"
        return tuple(re.compile(rf"{where}({self._said})", re.I) for where in (begins, named, behind))

    @cached_property
    def _of_all(self) -> tuple[re.Pattern[str], ...]:
        some = r"\b(?P<some>all|every\w{0,6}|each|none)\b"
        return (
            re.compile(rf"{some}[^.\n]{{0,40}}?\b(?P<said>{self._any})\b", re.I),
            re.compile(rf"(?<!\w)(?P<said>{self._any})\s(?:with|to)\s{some}", re.I),
        )

    def label(self, word: str) -> str | None:
        """The label that a field means, whatever stands behind it; None for none."""
        found = re.match(rf"[\W_]{{0,12}}(?:{self._said})", word[:LONGEST_REASON], re.I)
        return self._meaning(found[0]) if found else None

    def read(self, text: str, count: int, echoes: Iterable[str] = ()) -> dict[int, Said]:
        """What a reply says clearly of each of `count` things, counted from 0.

        Args:
            text: the reply.
            count: how many things there are.
            echoes: texts that its author was shown; where the reply repeats one, that says nothing.
        """
        text = visible(text)
        for echo in sorted(echoes, key=len, reverse=True):
            text = text.replace(echo, " ") if len(echo) >= _ECHO else text
        said: dict[int, list[Said]] = {}
        rest = self._without_groups(text, count, said)
        if len(self._mark.findall(rest)) <= 1:
            rest = self._in_line.sub("\n", rest)
        marks = [*self._mark.finditer(rest)]
        for mark, end in zip(marks, [*(mark.start() for mark in marks[1:]), len(rest)], strict=False):
            if 0 < int(mark[1]) <= count and (stated := self._stated(rest[mark.end() : end])):
                said.setdefault(int(mark[1]) - 1, []).append(stated)
        if not said and not marks:
            said = self._unnumbered(rest, count)
        clear = {number: each[0] for number, each in said.items() if len({label for label, _ in each}) == 1}
        rest = rest[: marks[0].start()] if marks else rest
        return {**{number: every for number, every in self._in_all(rest, count).items() if number not in said}, **clear}

    def _stated(self, piece: str) -> Said | None:
        """The label that a piece of text about one thing states, and the reason behind it."""
        found = next((all_of[-1] for where in self._of_one if (all_of := [*where.finditer(piece)])), None)
        if found is None:
            return None
        after = piece[found.end() :]
        leads = _LEADS.match(after)
        return self._meaning(found[1]), _reason(after[leads.end() if leads else 0 :])

    def _without_groups(self, text: str, count: int, said: dict[int, list[Said]]) -> str:
        """The text without the lines that say one thing of several numbers, which are read into `said`."""
        rest: list[str] = []
        before, behind = self._groups
        for line in text.split("\n"):
            found = before.fullmatch(line) or behind.fullmatch(line)
            if found is None:
                rest.append(line)
                continue
            reason = _reason(found.groupdict().get("reason") or "")
            for number in _numbers(found["numbers"], count):
                said.setdefault(number, []).append((self._meaning(found["said"]), reason))
        return "\n".join(rest)

    def _unnumbered(self, text: str, count: int) -> dict[int, list[Said]]:
        """What a reply without numbers says: of the one thing there is, or line by line of as many as there are lines."""
        if count == 1:
            return {0: [stated]} if (stated := self._stated(text)) else {}
        lines = [line for line in text.split("\n") if line.strip()]
        opening = [self._of_one[0].match(line) for line in lines]
        if len(lines) != count or not all(opening):
            return {}
        return {number: [stated] for number, line in enumerate(lines) if (stated := self._stated(line))}

    def _in_all(self, text: str, count: int) -> dict[int, Said]:
        """What a reply says of all things at once, but for those that it excepts."""
        found = next((found for where in self._of_all if (found := where.search(text))), None)
        if found is None:
            return {}
        label = self._meaning(found["said"])
        if found["some"].lower() == "none" and label in self._labels[:2]:
            label = self._labels[1 - self._labels.index(label)]
        line = text[found.end() :].partition("\n")[0]
        excepted = {*_numbers(line, count)} if _BUT.search(line) else set[int]()
        return {number: (label, "") for number in range(count) if number not in excepted}

    def _meaning(self, said: str) -> str:
        """The label of a text that one of the patterns found: of the longest one that stands in it."""
        found = [
            (len(match[0]), label)
            for words in (self._sure, self._loose)
            for label, pattern in words.items()
            for match in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", said, re.I)
        ]
        return max(found)[1] if found else self._labels[-1]


def _reason(text: str) -> str:
    return one_line(text.strip(" .:;,–—-|*_\n"), LONGEST_REASON)


def _numbers(text: str, count: int) -> Iterator[int]:
    """The numbers that a text lists, ranges written out, from 0; those beyond `count` are left out."""
    for found in _SPAN.finditer(text):
        first, last = int(found[1]), int(found[2] or found[1])
        yield from range(max(first, 1) - 1, min(last, count))
