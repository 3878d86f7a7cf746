"""The accuracy of a vote of k samples, at every k up to those that were drawn, with no further calls."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import fsum

from contemplate.analysis import statistics
from contemplate.analysis.statistics import Mean
from contemplate.seeds import rng

Samples = Sequence[tuple[int, float] | None]
"""What the seats of one run answered, in their order: the class of an answer and its score in [0, 1]; None for no answer."""

ORDERS = 20
"""Random orders of the samples that are averaged."""


def vote_scores(questions: Sequence[Sequence[Samples]], *, seed: int = 0) -> list[tuple[float, ...]]:
    """The score of a plurality of the first k samples of each question, averaged over random orders of the samples.

    Of tied answers the one that came first wins. What failed altogether has no samples, and is worth nothing at every k.

    Args:
        questions: for each question its runs, with as many samples each, or none.
        seed: of the orders.

    Returns:
        For each question its score in [0, 1] at k = 1, 2, ... up to the fewest samples that a run has, the mean of its runs.
    """
    most = min((len(run) for runs in questions for run in runs if run), default=0)
    found = []
    for index, runs in enumerate(questions):
        by_run = [_worth(run, most, (seed, index, repeat)) for repeat, run in enumerate(runs)]
        found.append(tuple(fsum(at_k) / len(runs) for at_k in zip(*by_run, strict=True)))
    return found


def vote_curve(
    scores: Sequence[Sequence[float]], *, groups: Sequence[Hashable] | None = None, level: float = 0.95
) -> tuple[Mean, ...]:
    """The accuracy of a vote over the questions at each k.

    Args:
        scores: as `vote_scores` gives them.
        groups: for each question the group that it belongs to, if they come in groups.
        level: of the intervals, in (0, 1).
    """
    means = (statistics.mean(at_k, groups=groups, level=level) for at_k in zip(*scores, strict=True))
    return tuple(statistics.with_room(found, low=0, high=1) for found in means)


def _worth(run: Samples, most: int, path: tuple[int, int, int]) -> list[float]:
    """The score of the vote of each k, averaged over the orders."""
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
