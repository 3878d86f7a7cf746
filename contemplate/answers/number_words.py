"""Numbers written in English words: "twelve", "three hundred and forty-two", "two and a half", "three quarters"."""

from __future__ import annotations

from fractions import Fraction
from itertools import takewhile

from contemplate.text.patterns import regex

_MAX_BITS = 400
_SCALES = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_LEADING = {"about", "approximately", "exactly", "only", "just", "the", "roughly", "around", "nearly", "almost"}
_SIGNS = {"minus", "negative"}
_WORD = regex(r"per ?cent\b|[a-z]+")

_TO_NINE = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TO_TWENTY = (
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
)
_ONES = {word: number for number, word in enumerate(_TO_NINE + _TO_TWENTY)}
_TENS = {word: 10 * tens for tens, word in enumerate(["thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 3)}
_PARTS = {"half": 2, "halve": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8} | {
    "ninth": 9,
    "tenth": 10,
    "twelfth": 12,
    "hundredth": 100,
    "thousandth": 1000,
}
_FILLERS = {"a", "an", "and"}
_KNOWN = _FILLERS | _SIGNS | {"hundred", "dozen", "point", "percent"} | set(_SCALES) | set(_ONES) | set(_TENS)


def in_words(text: str, *, percent: bool = False) -> Fraction | None:
    """The value of the number words that `text` begins with, an article or "about" aside.

    Args:
        text: of which at most 300 characters are looked at.
        percent: "fifty percent" is 50, and not 1/2.
    """
    found = leading_words(text, percent=percent)
    return found[0] if found else None


def leading_words(text: str, *, percent: bool = False) -> tuple[Fraction, int] | None:
    """The value of the number words that `text` begins with, and where they end; None if it begins with none."""
    words, end = _leading_number_words(text)
    negative = bool(words) and words[0] in _SIGNS
    value = _value(words[1:] if negative else words)
    if value is None or max(value.numerator.bit_length(), value.denominator.bit_length()) > _MAX_BITS:
        return None
    if "percent" in words and not percent:
        value /= 100
    return -value if negative else value, end


def _value(words: list[str]) -> Fraction | None:
    """The value of number words: whole numbers, parts of one, a dozen, and digits behind a point."""
    words = [word for word in words if word != "percent"]
    part = next((index for index, word in enumerate(words) if _below(word)), None)
    if part is not None:
        return _with_part(words[:part], words[part], words[part + 1 :])
    if "dozen" in words:
        times = _whole(words[: words.index("dozen")])
        return Fraction(12 if times is None else times)  # "two dozen" is 2, as "2 dozen" is: there it is the unit
    if "point" in words:
        point = words.index("point")
        whole, digits = _whole(words[:point] or ["zero"]), words[point + 1 :]
        if whole is None or not digits or any(_ONES.get(digit, 10) > len(_TO_NINE) - 1 for digit in digits):
            return None
        return whole + Fraction(int("".join(str(_ONES[digit]) for digit in digits)), 10 ** len(digits))
    whole = _whole(words)
    return None if whole is None else Fraction(whole)


def _with_part(before: list[str], part: str, after: list[str]) -> Fraction | None:
    """The value of "three quarters", "two and a half", "half a dozen"; a singular behind a number is an ordinal, and none."""
    if part == "half" and "dozen" in after:
        return Fraction(6)
    whole, above = list[str](), before
    if "and" in before:
        index = len(before) - 1 - before[::-1].index("and")
        whole, above = before[:index], before[index + 1 :]
    times, number = _whole(above), _whole(whole)
    if (number is None and whole) or (times not in {None, 1} and not part.endswith("s")):
        return None
    return (number or 0) + Fraction(1 if times is None else times, _below(part))


def _whole(words: list[str]) -> int | None:
    """The whole number that `words` say; None if they say none."""
    whole = group = 0
    seen = False
    for word in words:
        seen = seen or word not in _FILLERS
        if word in _ONES or word in _TENS:
            group += _ONES[word] if word in _ONES else _TENS[word]
        elif word == "hundred":
            group = max(group, 1) * 100
        elif word in _SCALES:
            whole, group = whole + max(group, 1) * 10 ** _SCALES[word], 0
        if max(whole, group).bit_length() > _MAX_BITS:
            return None
    return whole + group if seen else None


def _below(word: str) -> int:
    """The denominator that `word` names, or 0."""
    return _PARTS.get(word) or _PARTS.get(word.removesuffix("s"), 0)


def _leading_number_words(text: str) -> tuple[list[str], int]:
    found = [(word[0].replace(" ", ""), word.end()) for word in _WORD.finditer(text[:300].lower())]
    while found and found[0][0] in _LEADING:
        found.pop(0)
    known = list(takewhile(lambda word: word[0] in _KNOWN or _below(word[0]), found))
    return [word for word, _ in known], known[-1][1] if known else 0
