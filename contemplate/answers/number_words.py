"""Numbers written in English words: "twelve", "three hundred and forty-two", "two and a half", "three quarters"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

_MAX_BITS = 400
_SCALES = {"thousand": 3, "million": 6, "billion": 9}
_AND_A_PART = re.compile(r"\band (?:a|one) (half|third|quarter)\b", re.I)

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
_PARTS = {"half": 2, "halves": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}


def in_words(text: str) -> Fraction | None:
    """The value of the number words that `text` begins with, an article or "about" aside."""
    if extra := _AND_A_PART.search(text):
        before = in_words(text[: extra.start()])
        return before + Fraction(1, _PARTS[extra[1].lower()]) if before is not None else None
    words = _leading_number_words(text)
    whole = group = 0
    seen = False
    for word in words:
        if word in _PARTS or word.removesuffix("s") in _PARTS:
            below = _PARTS.get(word) or _PARTS[word.removesuffix("s")]
            return Fraction(max(group, 1), below) if whole == 0 else None
        seen = seen or word not in {"a", "an", "and"}
        if word in _ONES or word in _TENS:
            group += _ONES[word] if word in _ONES else _TENS[word]
        elif word == "hundred":
            group = max(group, 1) * 100
        elif word in _SCALES:
            whole, group = whole + max(group, 1) * 10 ** _SCALES[word], 0
        if max(whole, group).bit_length() > _MAX_BITS:
            return None
    return Fraction(whole + group) if seen else None


def _leading_number_words(text: str) -> Iterator[str]:
    known = {"a", "an", "and", "hundred", "thousand", "million", "billion", *_ONES, *_TENS}
    words = re.findall(r"[a-z]+", text[:300].casefold())
    while words and words[0] in {"about", "approximately", "exactly", "only", "just", "the"}:
        words.pop(0)
    for word in words:
        if word not in known and word not in _PARTS and word.removesuffix("s") not in _PARTS:
            return
        yield word
