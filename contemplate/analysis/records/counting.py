"""One vote over the classes of samples: who leads it by a rule of `contemplate.voting`, and what that is worth."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from math import fsum
from typing import Literal

from contemplate.analysis.records.reading import Votes
from contemplate.errors import InputError
from contemplate.types import Answer, Ballot
from contemplate.voting import decide

Ties = Literal["first-seen", "fraction", "any"]
"""What a tied vote is worth: that of the answer drawn first; the share of the tied answers that is right; 1 if any of them is."""


def leading(
    classes: tuple[int | None, ...],
    weights: tuple[float, ...] | None = None,
    rule: str | None = None,
    threshold: float | None = None,
) -> tuple[int, ...]:
    """The classes that share the first place of a vote; none where nobody voted, or the rule lets nobody win.

    Args:
        classes: of the votes, None for an abstention.
        weights: of the votes, >= 0; None where all weigh the same.
        rule: one of `contemplate.voting.rule_names()`; None is "plurality", or "weighted" where there are weights.
        threshold: the share that the winner needs, for the rules that take one.
    """
    if weights is None:  # no rule looks at names or at the order, so one count holds for all that are alike
        counts = Counter(index for index in classes if index is not None).most_common()
        found = _elected(rule or "plurality", threshold, tuple(count for _, count in counts))
        return tuple(counts[option][0] for option in found)
    answer_groups: dict[int, list[float]] = {}
    for index, weight in zip(classes, weights, strict=True):
        if index is not None:
            answer_groups.setdefault(index, []).append(weight)
    names = tuple(answer_groups)  # weights add up, so that one ballot stands for all that chose a class
    found = _elected(rule or "weighted", threshold, (1,) * len(names), tuple(fsum(answer_groups[name]) for name in names))
    return tuple(names[option] for option in found)


@lru_cache(maxsize=65_536)
def _elected(
    rule: str, threshold: float | None, counts: tuple[int, ...], weights: tuple[float, ...] | None = None
) -> tuple[int, ...]:
    """The classes that lead, given how many ballots each has, and what each of its ballots weighs."""
    ballots = [
        Ballot(seat="", turn="", answer=Answer(kind="text", text=str(index), value=str(index), how="stated"), weight=weight)
        for index, (count, weight) in enumerate(zip(counts, weights or (1.0,) * len(counts), strict=True))
        for _ in range(count)
    ]
    decision = decide(ballots, rule=rule, threshold=threshold, ties="first-seen")
    if decision.winner is None:
        return ()
    return tuple(map(int, decision.ties)) or (int(decision.winner),)


def credit(votes: Votes, drawn: tuple[int | None, ...], ties: Ties) -> float:
    """The share of the plurality of `drawn` that is right, in [0, 1]; 0 if nothing in it is readable."""
    first = leading(drawn)
    if not first:
        return 0.0
    if ties == "first-seen":
        return is_right(votes, min(first, key=drawn.index))
    rights = [is_right(votes, answer) for answer in first]
    return max(rights) if ties == "any" else fsum(rights) / len(first)


def is_right(votes: Votes, answer: int | None) -> float:
    """1 if a class is the gold answer, else 0; an abstention never is.

    Raises:
        InputError: the record has no gold answer.
    """
    if votes.right is None:
        raise InputError(f"record {votes.id!r} has no gold answer, so that nothing can be called right")
    return float(answer in votes.right)
