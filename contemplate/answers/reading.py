r"""The one order in which every kind of answer is read from a reply.

1. **stated**: what a reply says is its answer: a line `Answer: 42`, `#### 42`, a JSON-looking field
   `"answer": "42"`, or a sentence "the answer is 42". The last one that can be read counts.
2. **boxed**: `\boxed{42}`, the last one that can be read.
3. **last**: the last candidate in the text, as the kind defines it.

A reply whose last statement abstains ("Answer: I don't know") has no answer, whatever stands elsewhere in it.
Only the last `LOOKED_AT` characters are looked at, thinking between `<think>` tags is skipped, and each search
is linear in that length, so that hostile text costs a bounded time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from contemplate.answers.boxes import boxes
from contemplate.answers.kind import NOTHING, Kind, Reading, Span, abstains, bare
from contemplate.text import printable
from contemplate.types import Answer, Question

LOOKED_AT = 20_000
"""How much of a reply's end is looked at, in characters."""

_STATEMENT_LENGTH = 1_000
_LENGTHS = {"line": _STATEMENT_LENGTH, "phrase": _STATEMENT_LENGTH, "lines": _STATEMENT_LENGTH, "value": LOOKED_AT}
_LINES = 6
_REFUSAL_LENGTH = 300
"""A longer last line that begins "We don't know" goes on to reason, and may still come to an answer."""

_TRIES = 16
_BLANK = " \t*_`\"'$:=\\[](){}#>-"
_PAIR = re.compile(r"\(.*\)|\[.*\]|\{.*\}")
_BLANK_BUT_BRACKETS = " \t*_`\"'$:=\\()#>-"

_STATED = re.compile(
    r"""(?xim)
      (?P<field> ["'] (?:final[ _]?)? answer ["'] [ \t]{0,4} : \s{0,8} )
    | (?P<line>
          ^ [#>*_ \t-]{0,12} (?:final[ ]|the[ ])? answer [*_ \t:]{0,8} $                     # a heading, the answer below it
        | \b answer [ ]? (?:choice|option)? [*_`" \t]{0,8} [:：=]
        | ^ [ \t]{0,8} \#{4} [ \t]{1,8} (?=\S)
      )
    | (?P<sentence>
        \b (?: answers? | (?:final|correct|right|best)[ ](?:option|choice|answer) )
        (?: [ ] (?:to|for|of) [ ] [^\n.:?!]{1,80}? )?
        (?: [ ] (?:therefore|thus|then|still|now) )?
        [ ] (?: is | are | was | remains | stays | (?:would|must|should|will)[ ]be ) \b
        (?: [ ] (?:therefore|thus|then|still|now|indeed) \b )?
        [ \t]{0,4} [:]?
      )
    """
)
_OWN_LABEL = re.compile(r"\A[#>*_ \t-]{0,12}(?:the |my )?(?:final )?answer[*_` \t]{0,8}[:：=][*_]{0,3}", re.I)
_ABBREVIATED = r"(?<!\bDr)(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bSt)(?<!\bvs)(?<!\b[A-Z])"
_SENTENCE_END = re.compile(_ABBREVIATED + r"[.!?][*_)\"']{0,4}(?=\s+[A-Z\"(*]|\s*$)")
_PLACEHOLDER = re.compile(
    r"[*_`$ ]{0,4}(?:<[a-z][^<>]{0,60}>|\[(?:your|the|final|insert|a|an|number|letter|answer)\b[^\[\]]{0,60}\])", re.I
)
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.)*)|'((?:[^'\\]|\\.)*)", re.S)
_LIST = re.compile(r"\[[^\[\]]{0,1000}\]")
_ESCAPE = re.compile(r"\\(?:([\\\"'/])|u([0-9a-fA-F]{4})|([nrt])(?![A-Za-z]))")
_THOUGHT = re.compile(r"<(/?)think(?:ing)?>", re.I)


def read(text: str, question: Question, kind: Kind) -> Answer | None:
    """The answer of `kind` in `text`, or None for an abstention."""
    reply = visible(text)
    return _first(statements(reply, kind.span), reply, question, kind)


def read_statement(text: str, question: Question, kind: Kind) -> Answer | None:
    """The answer of `kind` in a text that is nothing but the statement of one; None for an abstention."""
    reply = _OWN_LABEL.sub("", visible(text))
    line, more = _first_line(reply[: _LENGTHS[kind.span]], kind.span)
    return _first(_statement(line, more, kind.span), reply, question, kind)


def _first(stated: Iterable[str], reply: str, question: Question, kind: Kind) -> Answer | None:
    """The first answer in what is stated, in the boxes of `reply`, or the last candidate in it."""
    for statement in stated:
        if found := kind.read(statement, question):
            return _answer(kind, found, "stated")
    for content in boxes(reply):
        if found := kind.read(content, question):
            return _answer(kind, found, "boxed")
    last_line = reply.rpartition("\n")[2]
    if len(last_line) <= _REFUSAL_LENGTH and bare(last_line) and abstains(last_line):
        return None
    found = kind.last(reply, question)
    return _answer(kind, found, "last") if found else None


def _answer(kind: Kind, found: Reading, how: Literal["stated", "boxed", "last"]) -> Answer | None:
    return None if found is NOTHING else Answer(kind=kind.name, text=found.text, value=found.value, how=how)


def visible(text: str) -> str:
    """The end of `text` that is looked at: printable, and without thinking between tags."""
    text = text[-LOOKED_AT:].replace("\r\n", "\n").replace("\r", "\n")
    if not text.replace("\n", "").replace("\t", "").isprintable():
        text = printable(text)
    tags = list(_THOUGHT.finditer(text))
    closed = [tag.end() for tag in tags if tag[1]]
    start = closed[-1] if closed else 0
    end = next((tag.start() for tag in tags if tag.start() >= start and not tag[1]), len(text))
    return text[start:end].strip()


def statements(reply: str, span: Span = "line") -> Iterator[str]:
    """The statements of an answer in `reply`, the last one first; each as far as `span` says."""
    for match in list(_STATED.finditer(reply))[: -_TRIES - 1 : -1]:
        rest = reply[match.end() : match.end() + _LENGTHS[span]]
        if match["field"]:
            if span != "value":  # a field of the value itself may be called "answer"
                yield _field(rest)
            continue
        line, more = _first_line(rest, span)
        if match["sentence"]:
            if _only_remarks(line):
                continue
            if (stop := _SENTENCE_END.search(line)) and not (span == "value" and "{" in line):
                line, more = line[: stop.start()], ""
        yield from _statement(line, more, span)


def _statement(line: str, more: str, span: Span) -> Iterator[str]:
    """The statement on a line, and perhaps below it, unless it is a placeholder or nothing."""
    if _says(line, span) and not _PLACEHOLDER.match(line):
        yield line if span in {"line", "phrase"} or not more else f"{line}\n{more}"


def _says(line: str, span: Span) -> bool:
    """Whether a line holds more than characters that say nothing on a line of their own."""
    if span == "phrase" and _PAIR.search(line):
        return True
    return bool(line.strip(_BLANK if span in {"line", "phrase"} else _BLANK_BUT_BRACKETS))


def _only_remarks(line: str) -> bool:
    """Whether a sentence speaks about the answer ("is not 5", "is that he needs ...") and does not give it."""
    return re.match(r"[ *_]{0,4}(?:not|never|that|unclear|wrong|incorrect)\b", line, re.I) is not None


def _first_line(text: str, span: Span) -> tuple[str, str]:
    """The first line with something to read, and what follows; display maths and code fences stand on lines of their own."""
    for _ in range(_LINES):
        line, _, text = text.partition("\n")
        if _says(line, span) and not line.lstrip().startswith("```"):
            return line.strip(), text
    return "", ""


def _field(text: str) -> str:
    """The value of a JSON-looking field, of which models escape some backslashes and not others."""
    if quoted := _QUOTED.match(text):
        return _ESCAPE.sub(_unescape, quoted[1] if quoted[1] is not None else quoted[2])
    if listed := _LIST.match(text):
        return listed[0]
    return text.partition("\n")[0].rstrip(" ,}`")


def _unescape(escape: re.Match[str]) -> str:
    if escape[2]:
        return printable(chr(int(escape[2], 16)))
    return escape[1] or " "
