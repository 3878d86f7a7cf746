"""Which claims may say the same in other words, likeliest first."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

from contemplate.claims.words import words_of
from contemplate.types import ClaimSource

Pair = tuple[str, str]
"""Two claims by their normal forms, in alphabetical order."""

LEAST = Fraction(2, 5)
"""The share of their content words that two claims must have in common to be worth a question."""


def worth_asking(sources: Sequence[ClaimSource]) -> list[Pair]:
    """The pairs of different forms that may say the same, likeliest first; those of two seats before those within one.

    What holds other numbers, or denies what the other says, is no such pair: it says something else, and a model that is small
    would often say that it does not.
    """
    seats: dict[str, set[str]] = {}
    text_of: dict[str, str] = {}
    for source in sources:
        form = words_of(source.text).form
        seats.setdefault(form, set()).add(source.seat)
        text_of[form] = source.text
    ranked: list[tuple[bool, Fraction, Pair]] = []
    for one, other in combinations(sorted(seats), 2):
        words, others = words_of(text_of[one]), words_of(text_of[other])
        overlap = words.overlap(others)
        if overlap >= LEAST and not words.opposes(others):
            ranked.append((len(seats[one] | seats[other]) == 1, -overlap, (one, other)))
    return [pair for _, _, pair in sorted(ranked)]
