"""Numbers: read as exact fractions, so that 1/2, 0.5 and 50 hundredths are one answer, and 0.333 is not 1/3.

What is read: signs, currency, thousands separators (`1,234`, `1.234,5`, `12 000`), decimal points and commas, fractions,
mixed numbers, scientific notation, `thousand` to `trillion`, number words, and units behind the number.

**Percent**: where the question speaks of percent, `50%` is 50, as such gold answers are written; elsewhere `50%` is 1/2.

**Several numbers** in a statement: one of them is its value, or none (`contemplate.answers.quantities`). Where percent are asked
for, the last percentage goes before all that; where the question only speaks of percent, one that says the number again does.

**An exact fraction** goes before the decimal near it (`1/3 ≈ 0.333`), unless the question asks for a rounded number.

**Dates and clock times** are no numbers, except a full hour: `2:00 pm` is 2.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from contemplate.answers.kind import NOTHING, Reading, Span, abstains, bare, denies
from contemplate.answers.number_words import in_words, leading_words
from contemplate.answers.numeral import MAX_DIGITS, NUMERAL, numeric, unnumbered, value_of
from contemplate.answers.quantities import Quantity, stated, without_asides, worked_out
from contemplate.answers.signs import prepared
from contemplate.text.patterns import regex
from contemplate.types import AnswerKind, Question

__all__ = ["APPROXIMATELY", "MAX_DIGITS", "NumberKind", "numeric", "wants_percent", "wants_rounded"]

_SHORT = 10**15
_WHOLE = regex(r"-?[1-9][0-9]{0,14}|0")

APPROXIMATELY = regex(r"\\(?:approx|simeq)(?![A-Za-z])|[≈≅]")
"""What stands between an exact value and the decimal number near it."""
_ROUNDING = regex(r"\b(?:round|nearest|approximat|decimal|estimat)", re.I)
_IS_ANSWER = regex(r"(?!\d{1,2}[.)]\s)[-*$€£¥₹(]{0,4}\d[^\n]{1,59}")
_CHOICE = regex(r"[\s,]*\b(?:or|to|and)\s", re.I)
_NONE = regex(r"none\b", re.I)
_MARKS = regex(r"(?<![\d)])\*\*|\*\*(?![\d(])|`|\\[()\[\]]")
_MATHS = regex(r"(?<![\\$])\$([^$\s](?:[^$\n]{0,300}[^$\s\\])?)\$(?![\d$])")
_GAPS = regex(r"\s{2,}")
_EXACT = regex(r"(?:/\s?\d{1,100}|\\[dtc]?frac\s?(?:\d\s?\d|\{\d{1,100}\}\s?\{\d{1,100}\})|[½⅓⅔¼¾⅙⅐⅛⅑⅒])[\s$]*\Z")
_ROUNDED = Fraction(1, 100)
_ASKED = regex(r"(?<!\d)(?<!\d )(?:%|per ?cent)", re.I)
_RAISED = regex(r"(?:\^\s?\{?|√|\\sqrt\s?\{?)[-(]?\Z")
_REMAINDER = regex(r"[\d)}!]\s{0,3}(?:\\bmod|\bmod(?:ulo)?)\s{0,3}[1-9]\d{0,29}(?:\^\d{1,9})?[\s.*$)]{0,8}\Z", re.I)
"""A remainder that is not worked out: neither its modulus nor what stands before that is its value."""
_PERCENT = regex(r"%|\bper ?cent", re.I)


class NumberKind:
    """A single number."""

    name: AnswerKind = "number"
    span: Span = "line"

    def form(self, question: Question) -> str:  # noqa: ARG002 - the protocol's
        """The final line that a prompt asks for: a number."""
        return "Answer: <number>"

    def read(self, text: str, question: Question) -> Reading | None:
        """The number that a statement comes to; see the module for one that holds several."""
        text = unnumbered(bare(text))
        if _WHOLE.fullmatch(text):  # most are, and nothing of what is looked for changes one
            return Reading(text, text)
        return self._read(text, question)

    def _read(self, text: str, question: Question) -> Reading | None:
        if abstains(text) or denies(text) or _NONE.match(text):
            return NOTHING
        exact, *rounded = APPROXIMATELY.split(text)
        if rounded and _EXACT.search(exact) and not wants_rounded(question):
            text = exact
        whole = _GAPS.sub(lambda gap: "\n" if "\n" in gap[0] else " ", prepared(_unmarked(text)))
        plain = without_asides(whole)
        if _REMAINDER.search(plain):
            return NOTHING
        wanted = wants_percent(question)
        found = stated(plain, question.text, percent=wanted)
        if wanted and (percentage := _percentage((plain, whole), found, question)):
            return _reading(percentage, percent=True)
        if found:
            written = plain[found.start : found.end].strip()
            return NOTHING if found.value is None else Reading(written, str(found.value))
        words = leading_words(plain, percent=wanted)
        if words is None:
            return None
        choice = _CHOICE.match(plain, words[1])
        return NOTHING if choice and in_words(plain[choice.end() :]) is not None else Reading(text, str(words[0]))

    def last(self, text: str, question: Question) -> Reading | None:
        """What a short reply that begins with a number comes to; else the last number written in digits."""
        if _IS_ANSWER.fullmatch(text.strip()) and (found := self.read(text, question)):
            return None if found is NOTHING else found
        wanted = wants_percent(question)
        for part in (text[-1_000:], text):
            if found := _last_number(prepared(part), percent=wanted):
                return None if found is NOTHING else found
        return None

    def reason(self, value: str) -> str:  # noqa: ARG002 - the protocol's
        """The reason why two answers are the same: their numbers are equal."""
        return "equal number"

    def typed(self, value: str) -> int | float | Fraction:
        """A whole number as int, a short decimal as float, and else the exact fraction."""
        return _plainest(Fraction(value))


def _unmarked(text: str) -> str:
    """`text` without emphasis and maths signs around its parts; `**` between numbers is a power."""
    return _MATHS.sub(r"\1", _MARKS.sub("", text)).replace("**", "^")


def _plainest(value: Fraction) -> int | float | Fraction:
    """`value` as int or float where that is exactly what its decimal digits say; else as it is."""
    if value.denominator == 1:
        return int(value)
    short = value.denominator <= _SHORT and Fraction(repr(float(value))) == value
    return float(value) if short else value


def wants_percent(question: Question) -> bool:
    """Whether the question speaks of percent, so that 50% is to be written 50."""
    return _PERCENT.search(question.text) is not None


def wants_rounded(question: Question) -> bool:
    """Whether the question asks for a rounded number, so that of an exact one and a decimal the decimal is its answer."""
    return _ROUNDING.search(question.text) is not None


def _percentage(texts: Sequence[str], found: Quantity | None, question: Question) -> re.Match[str] | None:
    """The percentage that a statement comes to: the last one where percent are asked for, else one that says its number again."""
    percentages = next(filter(None, ([token for token in NUMERAL.finditer(text) if token["percent"]] for text in texts)), None)
    if percentages is None or (found and found.percent):
        return None
    if _ASKED.search(question.text):
        return percentages[-1]
    value = found.value if found else None
    said_again = [token for token in percentages if value and abs((value_of(token, percent=False) or 0) / value - 1) <= _ROUNDED]
    return said_again[-1] if said_again else None


def _last_number(text: str, *, percent: bool) -> Reading | None:
    for token in reversed(list(NUMERAL.finditer(text))):
        if _RAISED.search(text, max(0, token.start() - 8), token.start()) and (whole := worked_out(text, token.start())):
            return NOTHING if whole.value is None else Reading(text[whole.start : whole.end].strip(), str(whole.value))
        if found := _reading(token, percent=percent):
            return found
    return None


def _reading(token: re.Match[str], *, percent: bool) -> Reading | None:
    value = value_of(token, percent=percent)
    return None if value is None else Reading(token[0].strip(), str(value))
