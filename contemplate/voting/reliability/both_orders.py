"""The reliability of judges, learned from whether they say the same when what they compare is shown in the other order.

No right answer is looked at, and nobody else's verdict: a judge is measured against itself. Of one that repeats itself in a
share c of the pairs, 2c - 1 is what is left when guessing, which repeats itself in half of them, is taken off, and 1 - c is
its noise. The weight of its vote is the one by the other, (2c - 1) / (1 - c), and 0 from a half downwards. c is taken as
(consistent + 1) / (pairs + 2), so that a judge of whom nothing is known weighs nothing.

Log-odds would be the weight of judges who err independently of each other. Judges do not: what sways one sways the next, so the
many noisy ones outvote the steady one together, with the mistakes that they share. This weight grows faster where c is high.

A judge that is steady in a bad habit, as taking whichever reply is longer, is consistent, too: consistency says that a judge
looks at what is there, and not that it looks at the right thing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contemplate.types import Value

BothOrders = tuple[str | int | None, str | int | None]
"""What a judge chose of two or more in one order and in the reverse of it; None where nothing could be read."""


class Consistency(Value):
    """How far a judge agrees with itself.

    Attributes:
        pairs: how often it was asked in both orders and chose in one of them at least.
        consistent: in how many of these both choices are the same.
        weight: of its vote, >= 0.
    """

    judge: str
    pairs: int
    consistent: int
    weight: float


def consistency(judged: Mapping[str, Sequence[BothOrders]]) -> tuple[Consistency, ...]:
    """How far each judge agrees with itself, in the order in which they are given.

    Args:
        judged: what each judge chose in both orders. Nothing read in one order is a choice that was not repeated; nothing in
            either says nothing of the judge.
    """
    return tuple(_consistency(judge, [both for both in pairs if both != (None, None)]) for judge, pairs in judged.items())


def consistency_weight(consistent: int, pairs: int) -> float:
    """The weight of a judge that repeated so many of its choices; see above."""
    kept, changed = consistent + 1, pairs - consistent + 1
    return max(0.0, (kept - changed) / changed)


def _consistency(judge: str, pairs: Sequence[BothOrders]) -> Consistency:
    kept = sum(one == other for one, other in pairs)
    return Consistency(judge=judge, pairs=len(pairs), consistent=kept, weight=consistency_weight(kept, len(pairs)))
