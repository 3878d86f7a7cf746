"""Game of 24: whether an expression uses four given numbers once each and equals 24, in exact arithmetic that runs nothing."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction

TARGET = 24
_TOKEN = re.compile(r"\s*(?:(?P<number>\d{1,6}(?:\.\d{1,6})?)|(?P<sign>[-+*/()]))")
_DEPTH = 50
_SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-"})


class _UnreadableError(Exception):
    """The text is no expression of numbers, + - * / and brackets, or divides by zero."""


def expression(chain: str) -> str | None:
    """What a chain's last "Answer:" line says, up to the equals sign and without blanks; None if there is no such line."""
    lines = [line for line in chain.splitlines() if line.strip().lower().startswith("answer:")]
    return re.sub(r"\s", "", lines[-1].partition(":")[2].partition("=")[0]) if lines else None


def solves(text: str, puzzle: str) -> bool:
    """Whether `text` is 24, made of the numbers of `puzzle` ("4 5 6 10"), each used once."""
    try:
        value, used = evaluate(text)
    except _UnreadableError:
        return False
    return value == TARGET and Counter(used) == Counter(map(Fraction, puzzle.split()))


def evaluate(text: str) -> tuple[Fraction, list[Fraction]]:
    """The exact value of an arithmetic expression, and the numbers in it."""
    parser = _Parser(_tokens(text.translate(_SIGNS)[:400]))
    value = parser.total(0)
    if parser.place != len(parser.tokens):
        raise _UnreadableError
    return value, parser.used


def _tokens(text: str) -> list[str]:
    tokens, place, text = [], 0, text.strip()
    while place < len(text):
        if (match := _TOKEN.match(text, place)) is None:
            raise _UnreadableError
        tokens.append(match["number"] or match["sign"])
        place = match.end()
    return tokens


class _Parser:
    """Recursive descent, to a limited depth."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.place = tokens, 0
        self.used: list[Fraction] = []

    def _next(self, of: str) -> str | None:
        if self.place < len(self.tokens) and self.tokens[self.place] in of:
            self.place += 1
            return self.tokens[self.place - 1]
        return None

    def total(self, depth: int) -> Fraction:
        """A sum of products."""
        value = self._product(depth)
        while sign := self._next("+-"):
            other = self._product(depth)
            value = value + other if sign == "+" else value - other
        return value

    def _product(self, depth: int) -> Fraction:
        value = self._factor(depth)
        while sign := self._next("*/"):
            other = self._factor(depth)
            if sign == "/" and other == 0:
                raise _UnreadableError
            value = value * other if sign == "*" else value / other
        return value

    def _factor(self, depth: int) -> Fraction:
        if depth > _DEPTH or self.place >= len(self.tokens):
            raise _UnreadableError
        if self._next("("):
            value = self.total(depth + 1)
            if not self._next(")"):
                raise _UnreadableError
            return value
        if self._next("-"):
            return -self._factor(depth + 1)
        token = self.tokens[self.place]
        if not token[0].isdigit():
            raise _UnreadableError
        self.place += 1
        self.used.append(Fraction(token))
        return Fraction(token)
