"""Numbers: read as exact fractions, so that 1/2, 0.5 and 50 hundredths are one answer, and 0.333 is not 1/3.

What is read: signs, currency, thousands separators (`1,234`, `1.234,5`, `12 000`), decimal points and commas, fractions,
mixed numbers, scientific notation, `thousand` to `trillion`, number words, and units behind the number.

**Percent**: where the question speaks of percent, `50%` is 50, as such gold answers are written; elsewhere `50%` is 1/2.

**Several numbers** in a statement: what comes after its last equals sign, in its first clause ("42, since 6 * 7 = 42"), and
there the last number. Where percent are asked for, the last percentage goes before all that.

**Dates and clock times** are no numbers, except a full hour: `2:00 pm` is 2.
"""

from __future__ import annotations

import re
from fractions import Fraction

from contemplate.answers.expression import parse
from contemplate.answers.kind import NOTHING, Reading, Span, abstains, bare
from contemplate.answers.number_words import in_words
from contemplate.answers.polynomial import NotReadable
from contemplate.answers.signs import plain_text, prepared
from contemplate.types import AnswerKind, Question

MAX_DIGITS = 100
"""The most digits of a number, and the largest decimal exponent; what is larger is not read."""

_SHORT = 10**15

_SCALE = {"hundred": 2, "thousand": 3, "k": 3, "million": 6, "mn": 6, "billion": 9, "bn": 9, "trillion": 12}
_NUMBER = re.compile(
    r"""(?xi)
    (?: (?<![\w.)\]}%]) (?P<minus>-) )? (?: [$€£¥₹] [ ]? (?P<inner_minus>-)? | (?<![A-Za-z0-9_]) )
    (?P<digits>
        \d{1,3} (?: \.\d{3} ){1,33} , \d{1,10} (?![\d,])
      | \d{1,3} (?: \.\d{3} ){2,33} (?![\d.])
      | [1-9]\d{0,2} (?: [,']\d{2,3} ){0,33} [,']\d{3} (?!\d) (?:\.\d{1,120})?
      | (?: 0,\d{1,120} | \d{1,110},\d{1,2} ) (?![\d,])
      | \d{1,120} (?:\.\d{1,120})?
      | \.\d{1,120}
    )
    (?! \d | \.\d{100} )
    (?: e (?P<exponent>[-+]?\d{1,9}) (?![\w.]) | [ ]?\*[ ]?10[ ]?\^[ ]?\{?(?P<power>-?\d{1,9})\}? )?
    (?: [ ]?/[ ]? (?P<below>\d{1,100}) (?![\d/]) (?!\.\d)
      | [ ]{1,2} (?:and[ ])? (?P<part>\d{1,100})[ ]?/[ ]?(?P<part_below>\d{1,100}) (?![\d/]) )?
    (?: [ ]?-?(?P<scale>hundred|thousand|million|billion|trillion) \b | (?P<suffix>k|mn|bn) \b )?
    (?P<percent> [ ]? (?: % | per[ ]?cent\b ) )?
    """
)
_SPACED = re.compile(r"(?<!\d)(?<!\d )\d{1,3}(?: \d{3})+(?!\d| \d)")
_CLAUSE_END = re.compile(r";|,(?!\d)|\b(?:because|since|which|not|rather|as|so|where|after|or|i\.e\.)\b", re.I)
_SUM = re.compile(r"[-+*/^().\d\s]*[+*^][-+*/^().\d\s]*")
_ASIDE = re.compile(r"\([^()]*[A-Za-z]{2}[^()]*\)")
_PERCENT = re.compile(r"%|\bper ?cent", re.I)


class NumberKind:
    """A single number."""

    name: AnswerKind = "number"
    span: Span = "line"

    def form(self, question: Question) -> str:  # noqa: ARG002 - the protocol's
        """The final line that a prompt asks for: a number."""
        return "Answer: <number>"

    def read(self, text: str, question: Question) -> Reading | None:
        """The number that a statement comes to; see the module for one that holds several."""
        text = bare(text)
        if abstains(text):
            return NOTHING
        plain = prepared(text)
        plain = _SPACED.sub(lambda number: number[0].replace(" ", ""), plain)
        wanted = wants_percent(question)
        if wanted and (percentages := [token for token in _NUMBER.finditer(plain) if token["percent"]]):
            return _reading(percentages[-1], percent=True)
        clause = _clause(plain)
        if _SUM.fullmatch(clause):
            return _computed(clause)
        for part in (clause, plain):
            if found := _last_number(part, percent=wanted):
                return found
        value = in_words(plain, percent=wanted)
        return None if value is None else Reading(text, str(value))

    def last(self, text: str, question: Question) -> Reading | None:
        """The last number written in digits."""
        wanted = wants_percent(question)
        for part in (text[-1_000:], text):
            if found := _last_number(prepared(part), percent=wanted):
                return found
        return None

    def reason(self, value: str) -> str:  # noqa: ARG002 - the protocol's
        """The reason why two answers are the same: their numbers are equal."""
        return "equal number"

    def typed(self, value: str) -> int | float | Fraction:
        """A whole number as int, a short decimal as float, and else the exact fraction."""
        return _plainest(Fraction(value))


def _plainest(value: Fraction) -> int | float | Fraction:
    """`value` as int or float where that is exactly what its decimal digits say; else as it is."""
    if value.denominator == 1:
        return int(value)
    short = value.denominator <= _SHORT and Fraction(repr(float(value))) == value
    return float(value) if short else value


def wants_percent(question: Question) -> bool:
    """Whether the question speaks of percent, so that 50% is to be written 50."""
    return _PERCENT.search(question.text) is not None


def numeric(text: str, *, percent: bool = False) -> Fraction | None:
    """The value of `text` if it is wholly one number (currency and percent signs allowed), else None."""
    text = plain_text(text.strip()).strip()
    token = _NUMBER.fullmatch(_SPACED.sub(lambda number: number[0].replace(" ", ""), text))
    return _value(token, percent=percent) if token else None


def _clause(text: str) -> str:
    """The part of a statement in which the answer stands."""
    text = _ASIDE.sub(" ", text) if "=" not in text else text
    if (first := _NUMBER.search(text)) and (end := _CLAUSE_END.search(text, first.end())):
        text = text[: end.start()]
    return text.rpartition("=")[2]


def _computed(text: str) -> Reading | None:
    """The value of a sum, product or power that a statement leaves to be worked out."""
    try:
        value = parse(text).constant
    except NotReadable:
        return None
    return None if value is None else Reading(text.strip(), str(value))


def _last_number(text: str, *, percent: bool) -> Reading | None:
    for token in reversed(list(_NUMBER.finditer(text))):
        if found := _reading(token, percent=percent):
            return found
    return None


def _reading(token: re.Match[str], *, percent: bool) -> Reading | None:
    value = _value(token, percent=percent)
    return None if value is None else Reading(token[0].strip(), str(value))


def _value(token: re.Match[str], *, percent: bool) -> Fraction | None:
    """The value of a match of `_NUMBER`, or None if it is out of bounds; a percentage in hundredths unless `percent`."""
    exponent = int(token["exponent"] or token["power"] or 0)
    digits = _decimal(token["digits"])
    if sum(map(str.isdigit, digits)) > MAX_DIGITS or abs(exponent) > MAX_DIGITS:
        return None
    value = Fraction(digits)
    if power := exponent + _SCALE.get((token["scale"] or token["suffix"] or "").lower(), 0):
        value *= Fraction(10) ** power
    below, part_below = int(token["below"] or 1), int(token["part_below"] or 1)
    if not below or not part_below:
        return None
    if token["below"] or token["part"]:
        value = value / below + Fraction(int(token["part"] or 0), part_below)
    if token["percent"] and not percent:
        value /= 100
    return -value if token["minus"] or token["inner_minus"] else value


def _decimal(digits: str) -> str:
    """`digits` with a decimal point and no separators."""
    digits = digits.replace("'", "")
    comma, dots = digits.rfind(","), digits.count(".")
    if comma > digits.rfind(".") and (dots or digits.startswith("0,") or len(digits) - comma <= 3):  # noqa: PLR2004 - 12,5 and 12,50
        return digits.replace(".", "").replace(",", ".")
    return digits.replace(",", "").replace(".", "") if dots > 1 else digits.replace(",", "")
