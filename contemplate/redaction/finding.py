"""Finds what tells who somebody is, or opens something: e-mail, phone, IBAN, card numbers, keys, and names from a list.

By form alone, with the checks that such numbers carry. What is spelled otherwise ("anna at example dot org") is not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w-])")
_PHONE = re.compile(r"(?<![\w+])(?=((?:\+|00|\(?0)\d[\d ()/.-]{5,24}\d))")
_DATE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}")
_IBAN = re.compile(r"(?<!\w)(?=([A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}))")
_CARD = re.compile(r"(?<!\w)(?=(\d(?:[ -]?\d){12,18}))")
_KEY = re.compile(
    r"""(?x)
      (?<![\w-]) (?: sk|pk|rk|gsk|xai|hf|nvapi|r8|ghp|gho|glpat|xox[abp]|AIza ) [-_]? [\w-]{12,200}
    | (?<!\w) AKIA[0-9A-Z]{16} (?!\w)
    | (?i: (?<= bearer\s ) ) [\w.~+/=-]{12,2000}
    | (?<!\w) eyJ[\w-]{8,2000}\.[\w-]{8,4000}\.[\w-]{8,2000}
    """
)
_WHOLE = (("EMAIL", _EMAIL), ("KEY", _KEY))
"""What is found whole by its form."""
_NUMBERS = (("IBAN", _IBAN), ("CARD", _CARD), ("PHONE", _PHONE))
"""What may begin at any group of digits, and whose end is found by its check: other numbers may stand right before and behind."""

_DIGITS_OF_A_PHONE = range(7, 16)
_SHORTEST_IBAN = 15
_DIGITS_OF_A_CARD = range(13, 20)
_GROUPS_OF_A_CARD = range(4, 7)


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
    return len(digits) in _DIGITS_OF_A_CARD and len(set(digits)) > 1 and sum(doubled) % 10 == 0


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
    for kind, pattern in _WHOLE:
        yield from (Span(*one.span(), kind) for one in pattern.finditer(text))
    for kind, pattern in _NUMBERS:
        for one in pattern.finditer(text):
            if length := _longest(kind, one.group(1), text[one.end(1) : one.end(1) + 1]):
                yield Span(one.start(1), one.start(1) + length, kind)


def _longest(kind: str, said: str, after: str) -> int:
    """The length of the longest number with which some words begin, and that ends where a group of digits does; 0 for none."""
    follows = [*said[1:], after]
    ends = (end for end in range(len(said), 0, -1) if said[end - 1].isalnum() and not follows[end - 1].isalnum())
    return next((end for end in ends if _checks(kind, said[:end])), 0)


def _checks(kind: str, said: str) -> bool:
    match kind:
        case "IBAN":
            return is_iban(said)
        case "CARD":
            *groups, _ = re.split(r"[ -]", said)
            return all(len(group) in _GROUPS_OF_A_CARD for group in groups) and is_card(said)
        case _:
            return sum(letter.isdigit() for letter in said) in _DIGITS_OF_A_PHONE and not _DATE.fullmatch(said)


def _merged(spans: Iterable[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in spans:
        if kept and span.begin < kept[-1].end:
            kept[-1] = Span(kept[-1].begin, max(span.end, kept[-1].end), kept[-1].kind)
        elif span.end > span.begin:
            kept.append(span)
    return kept
