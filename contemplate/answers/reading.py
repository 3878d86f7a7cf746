r"""The one order in which every kind of answer is read from a reply.

1. **stated**, in the form that was asked for: a line `Answer: 42` (in ten languages), `#### 42`, tags `<answer>42</answer>`, or a
   JSON-looking field `"answer": "42"`. The last one that can be read counts.
2. a **stated** sentence, "the answer is 42", or a **boxed** answer, `\boxed{42}`: again the last one that can be read; behind
   them a sentence with a condition ("if it is Monday, the answer is 42").
3. **last**: the last candidate in the text, as the kind defines it.

A reply whose last statement abstains ("Answer: I don't know") has no answer, whatever stands elsewhere in it. No statement is:
what stands in quotation marks, what the reply says that somebody else says, what it supposes or denies
(`contemplate.answers.attribution`), thinking between tags (`contemplate.text.thinking`), and what comes behind a question that
the reply goes on to ask itself. Only the last `LOOKED_AT` characters are looked at, and each search is linear in that length, so
that hostile text costs a bounded time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from contemplate.answers.boxes import placed_boxes
from contemplate.answers.kind import NOTHING, Kind, Reading, abstains, bare
from contemplate.answers.statement import Quotes, first_line, readable, statements
from contemplate.text import printable
from contemplate.text.patterns import regex
from contemplate.text.thinking import tail, without_thinking
from contemplate.types import Answer, Question

LOOKED_AT = 20_000
"""How much of a reply's end is looked at, in characters."""

WHOLE_REPLY = 200_000
"""The same where all of a reply is the answer."""

_REFUSAL_LENGTH = 300
"""A longer last line that begins "We don't know" goes on to reason, and may still come to an answer."""

_BARE_ANSWER = 60
"""The longest line, in characters, that is an answer without saying so, where a question follows it."""

_QUESTIONS = 8

_OWN_LABEL = regex(r"\A[#>*_ \t-]{0,12}(?:the |my )?(?:final )?answer[*_` \t]{0,8}[:：=][*_]{0,3}", re.I)
_ASKED = regex(
    r"""(?xim)
      ^ [#>*_ \t]{0,12} (?:(?:next|new|another|follow-up)[ ])? (?: question | problem | exercise | q | frage
        | pregunta | domanda | pergunta | вопрос | 问题 | 問題 | 質問 | 질문 )
        [ ]? \#? \d{0,3} [*_]{0,3} [ \u00a0]? [:：.] (?!\d)
    | ^ [#>*_ \t]{0,12} (?:question|problem|exercise) [ ] \d{1,3} [*_]{0,3} [ ]{0,4} $
    | ^ [#*_ \t]{0,12} (?:user|human|instruction) [*_]{0,3} [:：]
    | (?<=\s) (?-i:Question|Q) [ ]? \d{0,3} :
    | (?P<turn> <\|im_start\|>[ ]?user | <\|user\|> | <start_of_turn>[ ]?user | <\|start_header_id\|>[ ]?user | \[INST\] )
    """
)


class _Found(NamedTuple):
    """What reads as an answer, and how it was found."""

    reading: Reading
    how: Literal["stated", "boxed", "last"]


def read(text: str, question: Question, kind: Kind) -> Answer | None:
    """The answer of `kind` in `text`, or None for an abstention."""
    if kind.span == "whole":
        return _all_of(text, question, kind)
    return _answer(_last_word(_own_part(visible(text), question, kind), question, kind), kind)


def read_statement(text: str, question: Question, kind: Kind) -> Answer | None:
    """The answer of `kind` in a text that is nothing but the statement of one; None for an abstention."""
    if kind.span == "whole":
        return _all_of(text, question, kind)
    reply = without_label(visible(text))
    for statement in readable(*first_line(reply, kind.span), kind.span):
        if found := kind.read(statement, question):
            return _answer(_Found(found, "stated"), kind)
    for _, content in placed_boxes(reply):
        if found := kind.read(content, question):
            return _answer(_Found(found, "boxed"), kind)
    return _answer(_unstated(reply, question, kind), kind)


def without_label(text: str) -> str:
    """`text` without the "Answer:" that it begins with."""
    return _OWN_LABEL.sub("", text)


def _all_of(text: str, question: Question, kind: Kind) -> Answer | None:
    """The whole of `text` as the answer."""
    found = kind.read(visible(text, WHOLE_REPLY), question)
    return None if found is None else _answer(_Found(found, "stated"), kind)


def visible(text: str, most: int = LOOKED_AT) -> str:
    """The end of `text` that is looked at, at most `most` characters: printable, and without thinking between tags."""
    text = tail(text, most).replace("\r\n", "\n").replace("\r", "\n")
    if not text.replace("\n", "").replace("\t", "").isprintable():
        text = printable(text)
    return without_thinking(text).strip()


def _answer(found: _Found | None, kind: Kind) -> Answer | None:
    if found is None or found.reading is NOTHING:
        return None
    return Answer.made(kind=kind.name, text=found.reading.text, value=found.reading.value, how=found.how)


def _own_part(reply: str, question: Question, kind: Kind) -> str:
    """`reply` up to the first question behind its answer, as models without a stop sign go on to ask."""
    for match in list(_ASKED.finditer(reply))[:_QUESTIONS]:
        before = reply[: match.start()].strip()
        if before and (match["turn"] or _has_answered(before, question, kind)):
            return before
    return reply


def _has_answered(text: str, question: Question, kind: Kind) -> bool:
    """Whether `text` states an answer, or is nothing but one."""
    if next(_stated(text, question, kind), None) is not None:
        return True
    return len(text) <= _BARE_ANSWER and "\n" not in text and not text.endswith(":") and kind.read(text, question) is not None


def _last_word(reply: str, question: Question, kind: Kind) -> _Found | None:
    """What `reply` states, or the last candidate in it."""
    stated = next(_stated(reply, question, kind), None)
    return stated or _unstated(reply, question, kind)


def _stated(reply: str, question: Question, kind: Kind) -> Iterator[_Found]:
    """Each statement and box of `reply` that can be read, the one that counts first."""
    quotes = Quotes(reply)
    said = statements(reply, kind.span, quotes)
    for statement in said:
        if statement.worth == "line":
            yield from _read_one(statement.text, question, kind, tagged=statement.tagged)
    places = [(statement.end, statement.text, "stated") for statement in said if statement.worth == "sentence"]
    places += [(place, content, "boxed") for place, content in placed_boxes(reply) if place not in quotes]
    for _, text, how in sorted(places, key=lambda found: found[0], reverse=True):
        if found := kind.read(text, question):
            yield _Found(found, "boxed" if how == "boxed" else "stated")
    for statement in said:
        if statement.worth == "condition" and (found := kind.read(statement.text, question)):
            yield _Found(found, "stated")


def _read_one(text: str, question: Question, kind: Kind, *, tagged: bool) -> Iterator[_Found]:
    """What a statement says. Between tags may stand a whole reply: then its own last word counts."""
    if tagged:
        text = without_label(text)
        if kind.span in {"line", "phrase"} and "\n" in text:
            if inside := _last_word(text, question, kind):
                yield _Found(inside.reading, "stated")
            text = first_line(text, kind.span)[0]
    if found := kind.read(text, question):
        yield _Found(found, "stated")


def _unstated(reply: str, question: Question, kind: Kind) -> _Found | None:
    """The last candidate in a reply that states nothing, unless its last line refuses to answer."""
    last_line = reply.rpartition("\n")[2]
    if len(last_line) <= _REFUSAL_LENGTH and bare(last_line) and abstains(last_line):
        return None
    found = kind.last(reply, question)
    return _Found(found, "last") if found else None
