"""Answers that a program printed: its last line, which must hold the answer and no other number.

A float is printed with all the digits that tell it from its neighbours, so that 0.1 + 0.2 is 0.30000000000000004, and two sums
that are equal on paper may differ in the last digit. A number with twelve digits or more and a point is therefore taken for the
simplest fraction beside it (3/10, 1/3), and where there is none, one with fifteen or more for its first twelve.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal, Inexact
from fractions import Fraction

from contemplate.answers.kind import NOTHING, Kind, Reading
from contemplate.answers.reading import without_label
from contemplate.text.patterns import regex
from contemplate.types import Answer, AnswerKind, Question

PRINTED: tuple[AnswerKind, ...] = ("number", "math", "date", "set", "boolean")
"""The kinds of answers that a program can print."""

_NUMBERS = {"number", "math"}
_LONGEST = 2_000
_FLOAT = regex(r"(?<![\d.])(\d{1,20})\.(\d{1,25})(e[+-]?\d{1,3})?(?![\d.])", re.I)
_SUSPECT = 12
"""As few digits may a float have that has no end: zeros at the end of its seventeen are not printed."""
_ROUNDED = 15
_KEPT = 12
_SIMPLE = 10_000
"""The largest denominator of a fraction that a float is taken for."""
_NEAR = 1e-14
_ENOUGH = 1_100
"""More digits than any float has."""
_SEVERAL = regex(r"\d\s+[-+]?\d")


def read_printed(output: str, question: Question, kind: Kind) -> Answer | None:
    """The answer in the last line that is not blank; None if that is none, or holds other numbers besides."""
    line = without_label(output.rstrip().rpartition("\n")[2].strip())
    if not line or len(line) > _LONGEST:
        return None
    if kind.name in _NUMBERS:
        line = _FLOAT.sub(lambda printed: _meant(printed[0]), line)
    found = kind.read(line, question)
    if found is None or found is NOTHING or (kind.name in _NUMBERS and _holds_more(line, found)):
        return None
    return Answer(kind=kind.name, text=found.text, value=found.value, how="stated")


def _holds_more(line: str, found: Reading) -> bool:
    """Whether there are numbers in `line` besides the one that was found."""
    beside = line.replace(found.text, "", 1)
    return any(map(str.isdigit, beside)) or _SEVERAL.search(found.text) is not None


def _meant(printed: str) -> str:
    """The number that a float was meant to be: a decimal number, or two numbers where that has no end."""
    digits = re.sub(r"\D", "", printed.lower().partition("e")[0]).lstrip("0")
    value = Fraction(printed)
    if len(digits) < _SUSPECT or value == 0:
        return printed
    simple = value.limit_denominator(_SIMPLE)
    if abs(simple / value - 1) >= _NEAR:
        return format(Context(prec=_KEPT).create_decimal(printed).normalize(), "f") if len(digits) >= _ROUNDED else printed
    exactly = Context(prec=_ENOUGH)
    decimal = exactly.divide(Decimal(simple.numerator), Decimal(simple.denominator))
    return str(simple) if exactly.flags[Inexact] else format(decimal.normalize(exactly), "f")
