"""Resamples of questions, drawn quickly.

A resample draws as many questions (or groups of them) as there are, with replacement. Scores of right and wrong take few distinct
values, so that a resample is a multinomial count of those: one binomial draw for each value, in place of one for each question.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from math import exp, lgamma, log, log1p, sqrt
from random import Random

Unit = tuple[float, int]
"""What is drawn: the sum of the scores of a question or a group, and how many questions that are."""

_FEW = 100
"""Up to so many distinct units, counting them is quicker than drawing each."""


def resampled_means(units: Sequence[Unit], draws: int, rng: Random) -> list[float]:
    """The mean score of each of `draws` resamples, in order of size."""
    tallied = sorted(Counter(units).items(), key=lambda entry: (-entry[1], entry[0]))
    if len(tallied) > _FEW:
        ordered = sorted(units)
        return sorted(_mean((unit, 1) for unit in rng.choices(ordered, k=len(ordered))) for _ in range(draws))
    drawn = _multinomial([count for _, count in tallied], rng)
    kinds = [unit for unit, _ in tallied]
    return sorted(_mean(zip(kinds, drawn(), strict=True)) for _ in range(draws))


def _mean(counted: Iterator[tuple[Unit, int]]) -> float:
    """The mean score of units, each counted so many times."""
    total, questions = 0.0, 0
    for (score, size), count in counted:
        total += score * count
        questions += size * count
    return total / questions


def _multinomial(counts: Sequence[int], rng: Random) -> Callable[[], list[int]]:
    """A function that draws sum(counts) times with chances in proportion to `counts`, and says how often each came up."""
    pool = sum(counts)
    chances: list[float] = []
    left = pool
    for count in counts[:-1]:
        chances.append(count / left)
        left -= count
    tables: dict[tuple[int, int], tuple[int, list[float]]] = {}

    def draw() -> list[int]:
        remaining, found = pool, []
        for index, chance in enumerate(chances):
            table = tables.get((index, remaining))
            if table is None:
                table = tables[index, remaining] = _cumulative(remaining, chance)
            first, cumulative = table
            came_up = first + min(bisect_left(cumulative, rng.random()), len(cumulative) - 1)
            found.append(came_up)
            remaining -= came_up
        found.append(remaining)
        return found

    return draw


def _cumulative(n: int, p: float) -> tuple[int, list[float]]:
    """The binomial distribution function from its first place that matters, to the last: all but about 1e-15 of it."""
    reach = 8 * sqrt(n * p * (1 - p)) + 12
    first, last = max(0, int(n * p - reach)), min(n, int(n * p + reach) + 1)
    whole, up, down = lgamma(n + 1), log(p), log1p(-p)
    chances = (exp(whole - lgamma(k + 1) - lgamma(n - k + 1) + k * up + (n - k) * down) for k in range(first, last + 1))
    return first, list(accumulate(chances))
