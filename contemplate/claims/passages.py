"""The passage of a document in which a claim's words stand, found by words alone.

It says where to look, and not that the claim follows from it, nor that its author read it there.

Of each document the window of at most `WIDEST` tokens is taken that holds most of the claim's content words (stems and
numbers, as claims are compared by); of equals the shortest, then the first. It counts from `LEAST_WORDS` different ones
on, if these are at least `LEAST_SHARE` of the claim's, and if every number of the claim is among them: 12 valves are no
passage for 10.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from contemplate.claims.words import words_of
from contemplate.text.patterns import regex
from contemplate.types import Document, Passage

LEAST_WORDS = 3
"""The fewest different content words that a passage shares with a claim."""
LEAST_SHARE = Fraction(3, 5)
"""The smallest share of a claim's content words that a passage holds."""
WIDEST = 60
"""The longest window, in tokens."""

_TOKEN = regex(r"[^\W_](?:[^\W_]|['’.,:/](?=[^\W_])){0,80}")
_LONGEST = 400
"""How much of a passage is kept word for word, in characters."""
_MOST_HITS = 5_000
"""How many times one word is looked for in one document: that it repeats itself without end costs no time without end."""

Span = tuple[int, int]


@dataclass(frozen=True)
class _Index:
    """Where each content word of a text stands.

    Attributes:
        spans: of each token, in characters.
        places: of each content word, the numbers of the tokens that hold it, ascending.
    """

    spans: tuple[Span, ...]
    places: dict[str, list[int]]


def passage_of(claim: str, documents: Sequence[Document]) -> Passage | None:
    """The passage that holds most of a claim's words; None where none holds enough."""
    words = words_of(claim)
    found = [
        (Fraction(count, len(words.content)), -(end - start), -number, start, end)
        for number, document in enumerate(documents, 1)
        for start, end, count in _best(words.content, _index(document.text))
    ]
    if not found:
        return None
    share, _, negative, start, end = max(found)
    if share < LEAST_SHARE:
        return None
    document = documents[-negative - 1]
    return Passage(
        document=document.name,
        number=-negative,
        start=start,
        end=end,
        page=document.page_at(start),
        text=document.text[start : min(end, start + _LONGEST)],
        share=round(float(share), 6),
    )


def _best(content: frozenset[str], index: _Index) -> Iterator[tuple[int, int, int]]:
    """The best window of a text, as where it begins and ends, in characters, and how many words it holds; or nothing."""
    hits = sorted((place, word) for word in content for place in index.places.get(word, ())[:_MOST_HITS])
    numbers = sum(word[:1].isdigit() for word in content)
    held = dict.fromkeys(content, 0)
    first = count = counted = 0
    best: tuple[int, int, int] | None = None
    for place, word in hits:
        if not held[word]:
            count, counted = count + 1, counted + word[:1].isdigit()
        held[word] += 1
        while place - hits[first][0] >= WIDEST or held[hits[first][1]] > 1:
            left = hits[first][1]
            held[left] -= 1
            if not held[left]:
                count, counted = count - 1, counted - left[:1].isdigit()
            first += 1
        if count < LEAST_WORDS or counted < numbers or (best is not None and count < best[2]):
            continue
        start, end = index.spans[hits[first][0]][0], index.spans[place][1]
        if best is None or (count, start - end) > (best[2], best[0] - best[1]):
            best = (start, end, count)
    if best is not None:
        yield best


@lru_cache(maxsize=64)
def _index(text: str) -> _Index:
    """The index of a document, built once."""
    known: dict[str, frozenset[str]] = {}
    spans: list[Span] = []
    places: dict[str, list[int]] = {}
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token not in known:
            known[token] = words_of(token).content
        for word in known[token]:
            places.setdefault(word, []).append(len(spans))
        spans.append(match.span())
    return _Index(tuple(spans), places)
