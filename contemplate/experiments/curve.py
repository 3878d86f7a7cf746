"""The accuracy of a vote of k samples, at every k up to those that were drawn, with no further calls."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import fsum

from contemplate import statistics
from contemplate.seeds import rng
from contemplate.statistics import Mean

Samples = Sequence[tuple[int, float] | None]
"""What the seats of one run answered, in their order: the class of an answer and its score in [0, 1]; None for no answer."""

ORDERS = 20
"""Random orders of the samples that are averaged."""


def vote_curve(
    questions: Sequence[Sequence[Samples]], *, groups: Sequence[Hashable] | None = None, seed: int = 0, level: float = 0.95
) -> tuple[Mean, ...]:
    """How right the plurality of the first k samples is, averaged over random orders of the samples.

    Of tied answers the one that came first wins. What failed altogether has no samples, and is wrong at every k.

    Args:
        questions: for each question its runs, with as many samples each, or none.
        groups: for each question the group that it belongs to, if they come in groups.
        seed: of the orders.
        level: of the intervals, in (0, 1).

    Returns:
        The accuracy over the questions for k = 1, 2, ... up to the fewest samples that a run has; empty where there are none.
    """
    most = min((len(run) for runs in questions for run in runs if run), default=0)
    by_question = [
        [_worth(run, most, (seed, place, repeat)) for repeat, run in enumerate(runs)] for place, runs in enumerate(questions)
    ]
    curve = []
    for k in range(most):
        scores = statistics.question_means([[worth[k] for worth in runs] for runs in by_question])
        curve.append(statistics.mean(scores, groups=groups, level=level))
    return tuple(curve)


def _worth(run: Samples, most: int, path: tuple[int, int, int]) -> list[float]:
    """What the vote of each k is worth, averaged over the orders."""
    if not run:
        return [0.0] * most
    draw = rng(path[0], "curve", *path[1:])
    by_order = [_prefixes(draw.sample(run, len(run))) for _ in range(ORDERS)]
    return [fsum(values) / ORDERS for values in list(zip(*by_order, strict=True))[:most]]


def _prefixes(drawn: Samples) -> list[float]:
    """The score of the plurality of each beginning of `drawn`."""
    scores: dict[int, float] = {}
    counts: dict[int, int] = {}  # in the order in which answers came up: `max` takes the first of those that are level
    values = []
    for sample in drawn:
        if sample is not None:
            scores[sample[0]] = sample[1]
            counts[sample[0]] = counts.get(sample[0], 0) + 1
        values.append(scores[max(counts, key=counts.__getitem__)] if counts else 0.0)
    return values
