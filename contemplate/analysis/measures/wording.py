"""How alike two texts are, by the words in them."""

from __future__ import annotations

import re

ALIKE = 0.9
"""From this resemblance on, two texts say the same in the same words."""

_LENGTH = 3
_WORD = re.compile(r"\w+", re.UNICODE)


def resemblance(one: str, other: str) -> float:
    """The resemblance of two texts: the Jaccard index of their sets of three words in a row, in [0, 1]; 1 for two empty ones.

    References:
        Broder, On the resemblance and containment of documents (1997).
    """
    ours, theirs = shingles(one), shingles(other)
    return len(ours & theirs) / len(ours | theirs) if ours or theirs else 1.0


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """The runs of three words in a text, letters in one case; a text of fewer words is one run."""
    words = tuple(_WORD.findall(text.casefold()))
    if len(words) < _LENGTH:
        return frozenset({words} if words else ())
    return frozenset(words[start : start + _LENGTH] for start in range(len(words) - _LENGTH + 1))
