"""Which claims a sentence rests on that names none, told by its words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from contemplate.claims.words import Words, words_of
from contemplate.claims.written import needs_claims
from contemplate.types import Claim, Sentence

COVERED = Fraction(3, 5)
"""The share of a sentence's content words that its claims must hold for it to be traced to them."""

_FIRST, _FURTHER = 3, 2
"""How many words of the sentence the first claim must hold, and each further one that no other does."""
_MOST = 3
"""The most claims that a sentence is traced to by its words."""


def traced(sentences: Sequence[Sentence], claims: Sequence[Claim]) -> tuple[Sentence, ...]:
    """The sentences, those that name no claim and need one with the claims whose words they use.

    A small model copies the claims well and their numbers badly. Words alone don't say that a sentence follows from a claim,
    so such a sentence is marked `by_words`, and a checker still has to confirm it. A claim that holds a number which the
    sentence doesn't, or of the two alone denies, is none of its claims. Claims that fell are looked at last.

    Args:
        sentences: of an answer.
        claims: of the panel.
    """
    live = [claim for claim in claims if claim.state != "fell"]
    fallen = [claim for claim in claims if claim.state == "fell"]
    return tuple(_traced(sentence, live, fallen) for sentence in sentences)


def _traced(sentence: Sentence, live: Sequence[Claim], fallen: Sequence[Claim]) -> Sentence:
    if sentence.claims or not needs_claims(sentence.text):
        return sentence
    words = words_of(sentence.text)
    found = _covering(words, live) or _covering(words, fallen)
    return sentence.model_copy(update={"claims": found, "by_words": True}) if found else sentence


def _covering(words: Words, claims: Iterable[Claim]) -> tuple[str, ...]:
    """The claims that hold most of these words, by id; none where too many words are left over."""
    candidates = {claim.id: words_of(claim.text).content for claim in claims if _may_say(claim, words)}
    left, found = set(words.content), list[str]()
    while candidates and len(found) < _MOST:
        best = max(candidates, key=lambda claim: len(left & candidates[claim]))  # of equals the first
        if len(left & candidates[best]) < (_FURTHER if found else _FIRST):
            break
        left -= candidates.pop(best)
        found.append(best)
    covered = len(words.content) - len(left)
    return tuple(sorted(found, key=int)) if covered >= COVERED * len(words.content) else ()


def _may_say(claim: Claim, words: Words) -> bool:
    theirs = words_of(claim.text)
    return theirs.denies == words.denies and dict(theirs.numbers).keys() <= dict(words.numbers).keys()
