"""Code in an answer: whether it holds any, whether it should, and whose it has where the composer writes none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from contemplate.claims.written import read_sentences
from contemplate.types import Claim, Sentence, seat_number

LACKS_CODE = "it has no code, and the replies of most of the panel have"
"""The flag of an answer without code where there should be some."""

_FENCES = ("```", "~~~")


def is_code(text: str) -> bool:
    """Whether a sentence is a block of code."""
    return text.startswith(_FENCES)


def code_in(reply: str) -> str:
    """The longest block of code in a reply; empty if there is none."""
    return max((one.text for one in read_sentences(reply).sentences if is_code(one.text)), key=len, default="")


def has_code(sentences: Iterable[Sentence]) -> bool:
    """Whether an answer holds a block of code."""
    return any(is_code(sentence.text) for sentence in sentences)


def wants_code(replies: Sequence[str]) -> bool:
    """Whether the answer to the problem should hold code: more than half of the panel's replies do."""
    return 2 * sum(bool(code_in(reply)) for reply in replies) > len(replies)


def surest_code(replies: Mapping[str, str], claims: Sequence[Claim]) -> tuple[str, str]:
    """The seat whose claims are the surest of those whose replies hold code, and its code.

    Args:
        replies: by seat; at least one holds code.
        claims: of the panel.
    """
    blocks = {seat: code for seat, reply in replies.items() if (code := code_in(reply))}

    def worth(seat: str) -> tuple[Fraction, int]:
        own = [Fraction(claim.confidence) for claim in claims if any(source.seat == seat for source in claim.sources)]
        return sum(own, Fraction(0)) / max(len(own), 1), -seat_number(seat)

    seat = max(blocks, key=worth)
    return seat, blocks[seat]
