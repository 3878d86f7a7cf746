"""Scores of judges by criteria, put together: means over orders and judges, how far these lie apart, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum

from contemplate.types import Assessed, Criterion, JudgeScores

Scores = Mapping[str, float]
"""By criterion, from 1 to 10."""


@dataclass(frozen=True)
class Reading:
    """What one judge gave in one order.

    Attributes:
        judge: who it is.
        shown: the ids of what it read.
        scored: by id, what it gave; what is missing it gave no score that can be read.
        wrong: what else it gave, in one line each, as numbers off the scale.
    """

    judge: str
    shown: tuple[str, ...]
    scored: Mapping[str, Scores] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()


def assessed(turn: str, seat: str, readings: Sequence[Reading], criteria: Sequence[Criterion]) -> Assessed:
    """What judges gave to one reply: the means over the orders of each, then over the judges, then over the criteria by weight.

    A score that is missing counts for nothing. The spread is over what each judge gave in each order.
    """
    given: dict[str, list[Scores]] = {}
    for reading in readings:
        if turn in reading.shown and reading.scored.get(turn):
            given.setdefault(reading.judge, []).append(reading.scored[turn])
    judges = tuple(JudgeScores(judge=judge, scores=_means(scores, criteria)) for judge, scores in given.items())
    scores = _means([judge.scores for judge in judges], criteria)
    single = [mean for several in given.values() for one in several if (mean := weighted(one, criteria)) is not None]
    spread = round(max(single) - min(single), 6) if len(single) > 1 else None
    return Assessed(turn=turn, seat=seat, judges=judges, scores=scores, mean=weighted(scores, criteria), spread=spread)


def weighted(scores: Scores, criteria: Sequence[Criterion]) -> float | None:
    """The mean of scores by the weights of their criteria; None where there are none."""
    known = [criterion for criterion in criteria if criterion.name in scores]
    if not known:
        return None
    whole = fsum(criterion.weight for criterion in known)
    return round(fsum(criterion.weight * scores[criterion.name] for criterion in known) / whole, 6)


def faults(readings: Sequence[Reading], criteria: Sequence[Criterion]) -> tuple[str, ...]:
    """What is wrong with what each judge gave, in one line each: off the scale, missing, or all alike."""
    found: list[str] = []
    for judge in dict.fromkeys(reading.judge for reading in readings):
        own = [reading for reading in readings if reading.judge == judge]
        found += [f"{judge}: {wrong}" for wrong in dict.fromkeys(wrong for reading in own for wrong in reading.wrong)]
        cells = [number for reading in own for scores in reading.scored.values() for number in scores.values()]
        wanted = sum(len(reading.shown) for reading in own) * len(criteria)
        if len(cells) < wanted:
            found.append(f"{judge} gave {len(cells) or 'none'} of {wanted} scores")
        elif len(set(cells)) == 1 and len(own[0].shown) > 1:
            found.append(f"{judge} gave {cells[0]:g} for everything, which tells nothing apart")
    return tuple(found)


def _means(several: Sequence[Scores], criteria: Sequence[Criterion]) -> dict[str, float]:
    """The mean of each criterion over those that have it."""
    by_name = {criterion.name: [one[criterion.name] for one in several if criterion.name in one] for criterion in criteria}
    return {name: round(fsum(numbers) / len(numbers), 6) for name, numbers in by_name.items() if numbers}
