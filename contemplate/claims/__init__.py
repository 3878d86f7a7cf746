"""Claims: read from replies, merged where they say the same, computed again where they compute, and decided by exact shares.

All of it is pure, total, bounded, and the same in whatever order the seats come.
"""

from __future__ import annotations

from contemplate.claims.arithmetic import computed
from contemplate.claims.deciding import critics_voice, decided, state_of
from contemplate.claims.listed import MOST_PER_SEAT, Listed, as_claim, kept, listed
from contemplate.claims.merging import merged, shared_out, wording
from contemplate.claims.pairs import Pair, worth_asking
from contemplate.claims.passages import passage_of
from contemplate.claims.sentences import sentences
from contemplate.claims.words import Words, words_of

MOST = 60
"""The most different claims of a panel."""

__all__ = [
    "MOST", "MOST_PER_SEAT", "Listed", "Pair", "Words", "as_claim", "computed", "critics_voice", "decided", "kept", "listed",
    "merged", "passage_of", "sentences", "shared_out", "state_of", "wording", "words_of", "worth_asking",
]  # fmt: skip
