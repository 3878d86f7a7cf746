"""The reliability of each member of a panel, learned from what it says alone, without any right answer.

From answers: the one-coin model of Dawid and Skene. Member m is right with chance a, and where it is wrong it gives each of the
other answers equally often. Which answers are right and how good the members are follow from each other; expectation-maximisation
goes back and forth between the two, from the plurality vote. With K possible answers a member's vote weighs
log(a (K - 1) / (1 - a)), never less than 0.

The model takes members for independent witnesses. Copies of one model are none: ten of them would outvote everybody with the
mistakes that they share. So each member has a *voice* in (0, 1] by which its vote is multiplied, and members that belong together
share one voice equally: those that carry the same `group` (the name of their model), and those found to be near copies
(`contemplate.voting.reliability.copies`). A member that is there ten times counts as if it were there once.

Judges who compare are measured another way, against themselves (`contemplate.voting.reliability.both_orders`).

References:
    A. P. Dawid, A. M. Skene: Maximum likelihood estimation of observer error-rates using the EM algorithm,
    Applied Statistics 28 (1979).
"""

from __future__ import annotations

from contemplate.voting.reliability.both_orders import BothOrders, Consistency, consistency, consistency_weight
from contemplate.voting.reliability.copies import voices
from contemplate.voting.reliability.estimate import Estimate, Reliability, learn

__all__ = [
    "BothOrders",
    "Consistency",
    "Estimate",
    "Reliability",
    "consistency",
    "consistency_weight",
    "learn",
    "voices",
]
