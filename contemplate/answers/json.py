"""JSON values: the same when they are equal as JSON, so that the order of keys and spaces do not matter, and 1.0 is 1.

The value must satisfy the question's JSON Schema; without one, any object or array will do. A stated answer is the value
that begins behind `Answer:`, over as many lines as it takes. Else the last value that will do counts, first in code fences,
then in the whole reply; a value inside of another one is tried only if that other one will not do.

Not read: values nested deeper than 32, of more than 2,000 parts, with numbers of more than 100 digits; no reference outside
of the schema is ever resolved.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator

from contemplate.answers.kind import NOTHING, Reading, Span, abstains, bare
from contemplate.answers.schema import satisfies
from contemplate.text import printable
from contemplate.text.patterns import regex
from contemplate.types import AnswerKind, Question, canonical_json

MAX_DEPTH = 32
MAX_PARTS = 2_000
MAX_DIGITS = 100
_TRIES = 16

_TOKEN = regex(r'"(?:[^"\\\n]|\\.)*"?|[{}\[\]]')  # a string left open goes to the end of its line
_OPENING = regex(r"[{\[]")
_FENCE = regex(r"```[A-Za-z0-9]{0,12}[ \t]*\n(.*?)```", re.S)
_CLOSES = {"}": "{", "]": "["}


class JsonKind:
    """A JSON value."""

    name: AnswerKind = "json"
    span: Span = "value"

    def form(self, question: Question) -> str:
        """The final line that a prompt asks for: JSON that satisfies the question's schema."""
        if question.json_schema is None:
            return "Answer: <JSON>, where <JSON> is one JSON object or array"
        return f"Answer: <JSON>, where <JSON> satisfies the JSON Schema {canonical_json(question.json_schema)}"

    def read(self, text: str, question: Question) -> Reading | None:
        """The value that a statement begins with; else the last one in its first line."""
        text = text.strip("`*_ \t\n")
        spans = _spans(text)
        leading = [text[start:end] for start, end in spans if start == 0]
        line = text.partition("\n")[0]
        within = [text[start:end] for start, end in spans if end <= len(line)]
        for candidate in [*leading, bare(line), line, *within][:_TRIES]:
            if found := _reading(candidate, question):
                return found
        return NOTHING if abstains(line) else None

    def last(self, text: str, question: Question) -> Reading | None:
        """The last value in a code fence, else in the reply, that will do; else the reply as a whole."""
        fences = [fence[1].strip() for fence in _FENCE.finditer(text)]
        for candidate in _candidates(text, fences[::-1]):
            if found := _reading(candidate, question):
                return found
        return None

    def reason(self, value: str) -> str:  # noqa: ARG002 - the protocol's
        """The reason why two answers are the same: their JSON is equal."""
        return "equal JSON"

    def typed(self, value: str) -> object:
        """The value that the JSON stands for."""
        return json.loads(value)


def _candidates(text: str, fences: list[str]) -> Iterator[str]:
    """The pieces of text that may be the value, the likeliest first, each at most once."""
    spans = (text[start:end] for start, end in _spans(text))
    several = [*fences, *spans]
    yield from list(dict.fromkeys(several))[:_TRIES]
    yield text.rpartition("\n")[2].strip()


def _spans(text: str) -> list[tuple[int, int]]:
    """The spans in which brackets are balanced, the one that ends last first, and a span before those inside of it."""
    found: list[tuple[int, int]] = []
    opened: list[int] = []
    position = 0
    while token := (_TOKEN if opened else _OPENING).search(text, position):
        position = token.end()
        sign = token[0]
        if sign in "{[":
            opened.append(token.start())
            if len(opened) > MAX_DEPTH:
                opened.clear()
        elif sign in "}]":
            if text[opened[-1]] == _CLOSES[sign]:
                found.append((opened.pop(), position))
            else:
                opened.clear()
    return found[::-1]


def _reading(text: str, question: Question) -> Reading | None:
    """`text` as an answer, if it is JSON and will do."""
    try:
        value = _plain(json.loads(text, parse_int=_integer, parse_float=_number, parse_constant=_refuse))
        form = canonical_json(value)
    except (ValueError, RecursionError):
        return None
    schema = question.json_schema
    if value == schema or text.count(",") + text.count(":") > MAX_PARTS:
        return None
    if not (isinstance(value, dict | list) if schema is None else satisfies(value, schema)):
        return None
    return Reading(text, form)


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(digits[:MAX_DIGITS])
    return int(digits)


def _number(digits: str) -> int | float:
    """A number with a point or an exponent; a whole one is the integer that it is equal to."""
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(digits[:MAX_DIGITS])
    return int(value) if value.is_integer() and abs(value) < 10**MAX_DIGITS else value


def _refuse(constant: str) -> object:
    """NaN and the infinities are no JSON."""
    raise ValueError(constant)


def _plain(value: object, depth: int = 0) -> object:
    """`value` with printable text only; escapes can bring in what a reply itself is cleared of."""
    if depth > MAX_DEPTH:
        raise ValueError(depth)
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {printable(key): _plain(item, depth + 1) for key, item in value.items()}
    return value
