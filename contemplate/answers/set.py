"""Sets of items: order and repeats do not matter, and each item counts in the normal form of text and number.

What is read: items separated by commas, semicolons or "and"; a JSON list; what stands in braces or brackets; the lines of
a dashed or numbered list. Where there are semicolons, only these separate. Outside of brackets a comma between digits with
three digits behind it (`1,200`) is part of a number. The canonical form is a sorted JSON list.
"""

from __future__ import annotations

import json
import re

from contemplate.answers.kind import NOTHING, Reading, Span, abstains, bare, denies
from contemplate.answers.latex import split_top
from contemplate.answers.number import wants_percent
from contemplate.answers.text import ONE_LINE, normal_form, only_opens
from contemplate.text.patterns import regex
from contemplate.types import AnswerKind, Question, canonical_json

MAX_ITEMS = 200
_LONGEST = 1_000

_ITEM = regex(r"[ \t]{0,8}(?:[-*•+]|\d{1,3}[.)])[ \t]{1,4}(\S.*)")
_ENCLOSED = regex(r"\\?[{\[]\s*(.*?)\s*\\?[}\]]", re.S)
_LAST = regex(r"\{[^{}\n]{0,1000}\}|\[[^\[\]\n]{0,1000}\]")
_LABEL = regex(r".*:$|\W{0,9}answer\W{0,9}[<\[]", re.I)
_EMPTY = regex(r"(?:the )?empty set|\\?\{\s*\\?\}|\[\s*\]|∅|\\(?:emptyset|varnothing)")
_BRACKETED = regex(r"\\?[\[{][^\[\]{}]{0,1000}[\]}]")
_THOUSANDS = regex(r"(?<=\d),(?=\d{3}(?!\d))")
_AND = regex(r"\s+(?:and|&)\s+", re.I)
_TEXT = regex(r"\\(?:text(?:normal|bf|it|rm)?|math(?:rm|bf)|mbox)\s?\{([^{}]{0,200})\}")
_MEMBER = regex(r"\A[A-Za-z]\s*(?:\\in(?![A-Za-z])|∈)\s*(?=\\?\{)")
_LAYOUT = regex(r"\\(?:left|right|[ ,;!])(?![A-Za-z])")


class SetKind:
    """Several items in no order."""

    name: AnswerKind = "set"
    span: Span = "lines"

    def form(self, question: Question) -> str:  # noqa: ARG002 - the protocol's
        """The final line that a prompt asks for: items with commas between them."""
        return "Answer: <item, item, ...>"

    def read(self, text: str, question: Question) -> Reading | None:
        """The items of a statement: those of its list, if its first line begins one; else those of that line."""
        text = _statement(text)
        listed = _listed(text.split("\n"))
        if listed:
            return _reading(", ".join(listed), listed, question)
        bracketed = _BRACKETED.match(text)
        text = bare(bracketed[0] if bracketed else text.partition("\n")[0])
        if text.startswith("<"):  # the form itself, cut off
            return None
        if _EMPTY.fullmatch(text.strip("$ ").casefold()):
            return Reading(text, "[]")
        if abstains(text) or denies(text):
            return NOTHING
        return None if only_opens(text) else _reading(text, items(text), question)

    def last(self, text: str, question: Question) -> Reading | None:
        """The list that ends the reply; else what stands in the last braces or brackets; else a reply of one short line."""
        lines = [line for line in text.split("\n")[-MAX_ITEMS:] if line.strip()]
        ending = list[str]()
        while lines and (item := _ITEM.match(lines[-1])):
            ending.append(item[1])
            lines.pop()
        if len(ending) > 1:
            return _reading(", ".join(ending[::-1]), ending[::-1], question)
        enclosed = _LAST.findall(text[-_LONGEST * 4 :])
        if enclosed:
            return self.read(enclosed[-1], question)
        return self.read(text, question) if "\n" not in text and len(text) <= ONE_LINE and not _LABEL.match(text) else None

    def reason(self, value: str) -> str:  # noqa: ARG002 - the protocol's
        """The reason why two answers are the same: they hold the same items."""
        return "same items"

    def typed(self, value: str) -> frozenset[str]:
        """The items as a frozen set."""
        return frozenset(json.loads(value))


def items(text: str) -> list[str]:
    """The items that `text` lists."""
    text = _MEMBER.sub("", _LAYOUT.sub("", _TEXT.sub(r"\1", text.strip("$ "))))
    if enclosed := _ENCLOSED.fullmatch(text):
        if (listed := _json_list(text)) is not None:
            return listed
        inside = enclosed[1]
        return split_top(inside, ";" if ";" in inside else ",")
    if ";" in text:
        return split_top(text, ";")
    parts = [part for part in split_top(_THOUSANDS.sub("", text), ",") if part]
    if not parts:
        return []
    last = re.sub(r"^\s*(?:and|&)\s+", "", parts.pop(), flags=re.I)
    return [*parts, *_AND.split(last)] if len(parts) <= MAX_ITEMS else [*parts, last]


def _json_list(text: str) -> list[str] | None:
    """The items of a JSON list, numbers as they are written; None if `text` is none."""
    try:
        parsed = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
        if not isinstance(parsed, list):
            return None
        return [item if isinstance(item, str) else canonical_json(item) for item in parsed]
    except (ValueError, RecursionError):
        return None


def _statement(text: str) -> str:
    """`text` without the blank lines and the opening words before its items ("the following: ...")."""
    return re.sub(r"\A[\s_:`$]{0,40}(?:the following\s?:?\s*|both\s+(?=[^\n]{1,300}\sand\s))?(?=[^\s*_:])", "", text, flags=re.I)


def _listed(lines: list[str]) -> list[str]:
    """The items of the dashed or numbered list that `lines` begin with."""
    found = list[str]()
    for line in lines:
        if not (item := _ITEM.match(line)):
            break
        found.append(item[1])
    return found


def _reading(text: str, listed: list[str], question: Question) -> Reading | None:
    percent = wants_percent(question)
    forms = {form for item in listed[: MAX_ITEMS + 1] if (form := normal_form(bare(item), percent=percent))}
    if not forms and listed:
        return None
    if len(listed) > MAX_ITEMS:
        return None
    return Reading(text[:_LONGEST], canonical_json(sorted(forms)))
