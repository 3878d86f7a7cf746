"""Numerals: one number in digits, with its sign, currency, separators, fraction, exponent, scale and percent sign."""

from __future__ import annotations

import re
from fractions import Fraction

from contemplate.answers.signs import plain_text, without_spaces
from contemplate.text.patterns import regex

MAX_DIGITS = 100
"""The most digits of a number, and the largest decimal exponent; what is larger is not read."""

_LIST_NUMBER = regex(r"\A\s*[1-9][.)]\s+")
_SCALE = {"hundred": 2, "thousand": 3, "k": 3, "million": 6, "mn": 6, "billion": 9, "bn": 9, "trillion": 12}
NUMERAL = regex(
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
    (?P<percent> [ ]? (?: % | per[ ]?cent\b | pct\b | percentage\b (?! [ ]points?) ) )?
    """
)


def numeric(text: str, *, percent: bool = False) -> Fraction | None:
    """The value of `text` if it is wholly one number (currency and percent signs allowed), else None."""
    text = plain_text(text.strip()).strip()
    token = NUMERAL.fullmatch(without_spaces(text))
    return value_of(token, percent=percent) if token else None


def unnumbered(text: str) -> str:
    """`text` without the number of a list before it, where nothing but one number follows ("1. 42")."""
    rest = _LIST_NUMBER.sub("", text)
    return rest if rest != text and numeric(rest) is not None else text


def value_of(token: re.Match[str], *, percent: bool) -> Fraction | None:
    """The value of a match of `NUMERAL`, or None if it is out of bounds; a percentage in hundredths unless `percent`."""
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
