"""Finds what tells who somebody is, or opens something: e-mail, phone, IBAN, card numbers, keys, and names from a list.

By form alone, with the checks that such numbers carry. What is spelled otherwise ("anna at example dot org") is not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w-])")
_PHONE = re.compile(r"(?<![\w+])(?:\+|00|\(?0)\d[\d ()/.-]{5,24}\d(?!\w)")
_DATE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}")
_IBAN = re.compile(r"(?<!\w)[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}(?!\w)")
_CARD = re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])")
_KEY = re.compile(
    r"""(?x)
      (?<![\w-]) (?: sk|pk|rk|gsk|xai|hf|nvapi|r8|ghp|gho|glpat|xox[abp]|AIza ) [-_]? [\w-]{12,200}
    | (?<!\w) AKIA[0-9A-Z]{16} (?!\w)
    | (?i: (?<= bearer\s ) ) [\w.~+/=-]{12,2000}
    | (?<!\w) eyJ[\w-]{8,2000}\.[\w-]{8,4000}\.[\w-]{8,2000}
    """
)
_PATTERNS = (("EMAIL", _EMAIL), ("KEY", _KEY), ("IBAN", _IBAN), ("CARD", _CARD), ("PHONE", _PHONE))
"""In the order in which they go before one another where two find the same words."""

_DIGITS_OF_A_PHONE = range(7, 16)
_SHORTEST_IBAN = 15


@dataclass(frozen=True, order=True)
class Span:
    """Words that must not be told.

    Attributes:
        begin, end: where they stand.
        kind: what they are, as "EMAIL".
    """

    begin: int
    end: int
    kind: str


def is_card(number: str) -> bool:
    """Whether the digits of a card number check (Luhn's sum)."""
    digits = [int(one) for one in number if one.isdigit()]
    doubled = (digit * 2 - 9 * (digit > 4) if place % 2 else digit for place, digit in enumerate(reversed(digits)))  # noqa: PLR2004
    return len(set(digits)) > 1 and sum(doubled) % 10 == 0


def is_iban(text: str) -> bool:
    """Whether the digits of an IBAN check (ISO 7064, remainder 1 by 97)."""
    plain = re.sub(r"[ -]", "", text).upper()
    if len(plain) < _SHORTEST_IBAN or not plain.isascii() or not plain.isalnum():
        return False
    turned = plain[4:] + plain[:4]
    return int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def found(text: str, names: tuple[str, ...] = (), values: Iterable[tuple[str, str]] = ()) -> list[Span]:
    """What must not be told of a text, from left to right, not overlapping; of two that overlap, both as one.

    Args:
        text: the words.
        names: in either case, as words of their own.
        values: pairs of a text that stands in it as it is, and its kind.
    """
    spans = [*_known(text, values), *_named(text, names), *_formed(text)]
    return _merged(sorted(spans, key=lambda one: (one.begin, -one.end)))


def _known(text: str, values: Iterable[tuple[str, str]]) -> Iterator[Span]:
    for value, kind in values:
        begin = text.find(value)
        while begin >= 0:
            yield Span(begin, begin + len(value), kind)
            begin = text.find(value, begin + len(value))


def _named(text: str, names: tuple[str, ...]) -> Iterator[Span]:
    if names:
        for one in _pattern_of(names).finditer(text):
            yield Span(*one.span(), "NAME")


@lru_cache(maxsize=64)
def _pattern_of(names: tuple[str, ...]) -> re.Pattern[str]:
    """Names, the longest first; spaces in them stand for any."""
    ordered = sorted(names, key=len, reverse=True)
    words = (r"\s+".join(re.escape(word) for word in name.split()) for name in ordered)
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)


def _formed(text: str) -> Iterator[Span]:
    for kind, pattern in _PATTERNS:
        for one in pattern.finditer(text):
            if _checks(kind, one.group()):
                yield Span(*one.span(), kind)
            elif kind in {"IBAN", "PHONE"} and (end := _shorter(kind, one.group())):
                yield Span(one.start(), one.start() + end, kind)


def _checks(kind: str, said: str) -> bool:
    match kind:
        case "IBAN":
            return is_iban(said)
        case "CARD":
            return is_card(said)
        case "PHONE":
            return sum(letter.isdigit() for letter in said) in _DIGITS_OF_A_PHONE and not _DATE.fullmatch(said)
        case _:
            return True


def _shorter(kind: str, said: str) -> int:
    """The length of a number with which other words begin; 0 for none: what follows it may look like more of it."""
    ends = (end for end in range(len(said) - 1, 0, -1) if said[end - 1].isalnum() and not said[end].isalnum())
    return next((end for end in ends if _checks(kind, said[:end])), 0)


def _merged(spans: Iterable[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in spans:
        if kept and span.begin < kept[-1].end:
            kept[-1] = Span(kept[-1].begin, max(span.end, kept[-1].end), kept[-1].kind)
        elif span.end > span.begin:
            kept.append(span)
    return kept
