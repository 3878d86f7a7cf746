"""Yes or no: `yes`, `true` and `no`, `false` are one answer each, in the canonical forms `yes` and `no`.

In a sentence its first word counts ("Yes, because ..."), else the one of these words that stands in it ("The claim is not
true" is no). A statement that says both chooses nothing.
"""

from __future__ import annotations

import re

from contemplate.answers.kind import NOTHING, Reading, Span, abstains, bare
from contemplate.text.patterns import regex
from contemplate.types import AnswerKind, Question

_WORD = regex(
    r"(?P<negated>\b(?:not|isn['’]?t|never|cannot[ ]be)[ ](?:\w{1,20}[ ])?)?\b(?P<word>yes|no|true|false|untrue)\b(?![-'’]\w)",
    re.I,
)
_BEGINS = regex(r"\W{0,8}(yes|no|true|false)\b(?![-'’]\w)(?!\s*(?:/|or\b|and\b))", re.I)
_OPENS = regex(r"[*_\"'`(]{0,4}(?:yes|no|true|false)\b[*_\"'`)]{0,4}(?:[.,!;:]|\s*[-–—]|\s*$)", re.I)
_ENDS = regex(
    r"""(?xi) \b(?:is|are|was|be|say|choose|conclude|it['’]s) [ ] (?: (?:therefore|thus|not|a)[ ] )?
    [*_"'`]{0,4} (?:yes|no|true|false) [*_"'`]{0,4} [.!]? \s* $"""
)
_TAIL = regex(r"\b(?:because|since|rather|instead|as)\b", re.I)
_YES = {"yes", "true"}


class BooleanKind:
    """Yes or no."""

    name: AnswerKind = "boolean"
    span: Span = "line"

    def form(self, question: Question) -> str:  # noqa: ARG002 - the protocol's
        """The final line that a prompt asks for: yes or no."""
        return "Answer: <yes or no>"

    def read(self, text: str, question: Question) -> Reading | None:  # noqa: ARG002 - the protocol's
        """The yes or no of a statement: its first word, else the only one of the words that stands in it."""
        text = bare(text)
        if first := _BEGINS.match(text):
            return _reading(first[1], yes=first[1].lower() in _YES)
        if abstains(text):
            return NOTHING
        found = list(_WORD.finditer(_TAIL.split(text, maxsplit=1)[0]))
        if not found:
            return None
        said = {(match["word"].lower() in _YES) != bool(match["negated"]) for match in found}
        return _reading(found[-1][0], yes=said.pop()) if len(said) == 1 else NOTHING

    def last(self, text: str, question: Question) -> Reading | None:
        """The last line, where it begins or ends with one of the words; else a reply that begins with one."""
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        if not lines:
            return None
        if _OPENS.match(lines[-1]):
            return self.read(lines[-1][:300], question)
        if ending := _ENDS.search(lines[-1][-60:]):
            return self.read(ending[0], question) or None
        return self.read(lines[0][:300], question) if _OPENS.match(lines[0]) else None

    def reason(self, value: str) -> str:
        """The reason why two answers are the same: both say yes, or both say no."""
        return "both say yes" if value == "yes" else "both say no"

    def typed(self, value: str) -> bool:
        """True for yes."""
        return value == "yes"


def _reading(text: str, *, yes: bool) -> Reading:
    return Reading(text, "yes" if yes else "no")
