"""The passages of documents on which a text rests: what it quotes word for word, else where its sentences stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from contemplate.claims.passages import passage_of
from contemplate.types import Document, Passage

MOST = 5
"""The most passages of one text."""

_QUOTED = re.compile(r"[\"“„«]([^\"“”„«»\n]{12,400})[\"”“»]")
_SENTENCE = re.compile(r"(?<=[.!?…])\s{1,9}|\n")
_WORDS = re.compile(r"\S+")
_LOOKED_AT = 20_000
_LONGEST = 400
_MOST_WORDS = 80


def passages_in(text: str, documents: Sequence[Document]) -> tuple[Passage, ...]:
    """The passages that a text quotes from documents; where it quotes none, the one that holds most of one of its sentences.

    It says where to look, and not that the text follows from it.

    Args:
        text: any text; of a long one the beginning is looked at.
        documents: those of the question.
    """
    text = text[:_LOOKED_AT]
    quotes = dict.fromkeys(match[1].strip() for match in _QUOTED.finditer(text))
    found = dict.fromkeys(passage for quote in [*quotes][: 2 * MOST] if (passage := quoted_passage(quote, documents)) is not None)
    if found:
        return tuple(found)[:MOST]
    likely = [passage for sentence in [*_sentences(text)][:40] if (passage := passage_of(sentence, documents)) is not None]
    return (max(likely, key=lambda passage: passage.share),) if likely else ()


def passage_for(text: str, documents: Sequence[Document]) -> Passage | None:
    """The passage in which a text stands word for word, or a quotation in it; else the one that holds most of its words."""
    return quoted_passage(text, documents) or next(iter(passages_in(text, documents)), None)


def quoted_passage(quote: str, documents: Sequence[Document]) -> Passage | None:
    """The first passage that has the words of `quote`, whatever stands between them in blanks, and whatever their case."""
    words = _WORDS.findall(quote.strip().strip('"“”„«».').strip())
    if not words or len(words) > _MOST_WORDS:
        return None
    pattern = re.compile(r"(?<!\w)" + r"\s+".join(map(re.escape, words)) + r"(?!\w)", re.IGNORECASE)
    for number, document in enumerate(documents, 1):
        if (match := pattern.search(document.text)) is not None:
            return Passage(
                document=document.name,
                number=number,
                start=match.start(),
                end=match.end(),
                page=document.page_at(match.start()),
                text=match[0][:_LONGEST],
                share=1.0,
            )
    return None


def _sentences(text: str) -> Iterator[str]:
    return (part.strip() for part in _SENTENCE.split(text) if part.strip())
