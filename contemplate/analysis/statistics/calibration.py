"""Does a confidence of 0.8 mean right four times in five? ECE, Brier score, and the rows of a reliability diagram."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, pi, sqrt
from typing import Literal

from contemplate.analysis.statistics.checks import Interval, finite, right_or_wrong, same_length
from contemplate.analysis.statistics.proportions import Proportion, wilson
from contemplate.errors import InputError

Binning = Literal["width", "mass"]


@dataclass(frozen=True, slots=True)
class Bin:
    """One row of a reliability diagram; bins without questions have none.

    Attributes:
        low: the lower edge of the bin; for bins of equal mass, the least confidence in it.
        high: the upper edge of the bin; for bins of equal mass, the greatest confidence in it.
        n: questions.
        confidence: their mean confidence, in [0, 1].
        accuracy: the share of them that is right, with its Wilson interval.
    """

    low: float
    high: float
    n: int
    confidence: float
    accuracy: Proportion


@dataclass(frozen=True, slots=True)
class Brier:
    """The Brier score (mean squared distance of confidence and right-or-wrong, in [0, 1]), taken apart by bins.

    score = reliability - resolution + uncertainty, exactly: what varies within bins is counted with the resolution.

    Attributes:
        score: 0 is perfect, 0.25 is what a constant 0.5 gets.
        reliability: how far confidence is from accuracy, bin by bin, squared; less is better.
        resolution: how far confidence tells right from wrong; more is better; chance may make it negative.
        uncertainty: accuracy times one less accuracy: what a constant confidence equal to the accuracy gets.
    """

    score: float
    reliability: float
    resolution: float
    uncertainty: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The calibration of stated confidence: how near it is to the share of right answers.

    Attributes:
        n: questions.
        binning: "width" (equal parts of [0, 1]) or "mass" (about equal numbers of questions).
        bins: the bins that have questions, in order of confidence.
        ece: the expected calibration error, in [0, 1]: the mean over questions of |accuracy - confidence| of their bin.
        ece_by_chance: about what a perfectly calibrated confidence would get with these bins: an ECE near it shows nothing.
        brier: the Brier score and its parts.
    """

    n: int
    binning: Binning
    bins: tuple[Bin, ...]
    ece: float
    ece_by_chance: float
    brier: Brier


def calibration(
    confidences: Sequence[float],
    right: Sequence[float],
    *,
    bins: int = 10,
    binning: Binning = "width",
    level: float = 0.95,
) -> Calibration:
    """Compare confidence with right and wrong. Questions without an answer have no confidence: leave them out, and say how many.

    Equal confidences always share a bin. A bin of equal width holds [low, high), the last one [low, high].

    Args:
        confidences: one for each question, in [0, 1].
        right: right (1, True) or wrong (0, False), in the same order.
        bins: how many at most, from 1 to 1,000.
        binning: how they are cut.
        level: the confidence level of each bin's interval, in (0, 1).

    Raises:
        InputError: not the same number on both sides, none, or a value outside of its range.

    References:
        M. P. Naeini, G. F. Cooper, M. Hauskrecht, AAAI 2015 (ECE); G. W. Brier (1950), A. H. Murphy (1973);
        D. B. Stephenson, C. A. S. Coelho, I. T. Jolliffe: Two extra components in the Brier score decomposition (2008).
    """
    same_length(confidences, right, "confidences and right-or-wrong")
    said, was = finite(confidences, "confidences", 0, 1), right_or_wrong(right, "right-or-wrong")
    if not 1 <= bins <= 1000:  # noqa: PLR2004 - more have nothing in them
        raise InputError(f"{bins} bins; take from 1 to 1,000")
    if binning not in {"width", "mass"}:
        raise InputError(f"no binning called {binning!r}; known: width, mass")
    n = len(said)
    indices = _by_width(said, bins) if binning == "width" else _by_mass(said, bins)
    members: dict[int, list[tuple[float, bool]]] = {index: [] for index in sorted(set(indices))}
    for index, confidence, outcome in zip(indices, said, was, strict=True):
        members[index].append((confidence, outcome))
    rows = tuple(_bin(index, inside, bins if binning == "width" else None, level) for index, inside in members.items())
    return Calibration(
        n,
        binning,
        rows,
        fsum(row.n * abs(row.accuracy.value - row.confidence) for row in rows) / n,
        fsum(_by_chance([confidence for confidence, _ in inside]) for inside in members.values()) / n,
        _brier(said, was, rows, tuple(members.values())),
    )


def calibration_error_interval(found: Calibration) -> Interval:
    """The least and the greatest calibration error that the intervals of the bins' accuracies allow, in [0, 1].

    Each bin's error is between 0 and the distance of its confidence from the ends of its Wilson interval. All bins are taken at
    their worst, or best, at once: the interval is wide rather than narrow, and never a point.
    """
    spans = [(row.n / found.n, row.confidence, row.accuracy.interval) for row in found.bins]
    low = fsum(weight * max(0.0, span.low - said, said - span.high) for weight, said, span in spans)
    high = fsum(weight * max(abs(said - span.low), abs(said - span.high)) for weight, said, span in spans)
    return Interval(low, high, found.bins[0].accuracy.interval.level)


def _by_width(confidences: Sequence[float], bins: int) -> list[int]:
    """For each confidence its bin; the edges are the floats nearest to i / bins."""
    edges = [index / bins for index in range(1, bins)]
    return [bisect_right(edges, confidence) for confidence in confidences]


def _by_mass(confidences: Sequence[float], bins: int) -> list[int]:
    """For each confidence its bin: the part of the ranking where the middle of those equal to it stands."""
    homes: dict[float, int] = {}
    before = 0
    for confidence, count in sorted(Counter(confidences).items()):
        homes[confidence] = min((2 * before + count) * bins // (2 * len(confidences)), bins - 1)
        before += count
    return [homes[confidence] for confidence in confidences]


def _bin(index: int, inside: Sequence[tuple[float, bool]], widths: int | None, level: float) -> Bin:
    """One row of the diagram."""
    said = [confidence for confidence, _ in inside]
    low, high = (index / widths, (index + 1) / widths) if widths else (min(said), max(said))
    accuracy = wilson(sum(outcome for _, outcome in inside), len(inside), level=level)
    return Bin(low, high, len(inside), fsum(said) / len(inside), accuracy)


def _by_chance(confidences: Sequence[float]) -> float:
    """About the expected |right - expected right| of a bin whose confidences are true: that of a normal variable."""
    return sqrt(2 / pi * fsum(confidence * (1 - confidence) for confidence in confidences))


def _brier(
    said: Sequence[float], was: Sequence[bool], rows: Sequence[Bin], members: Sequence[Sequence[tuple[float, bool]]]
) -> Brier:
    """The score and its parts. Within a bin, var(confidence) - 2 cov(confidence, outcome) is taken off the resolution."""
    n = len(said)
    accuracy = sum(was) / n
    score = fsum((confidence - outcome) ** 2 for confidence, outcome in zip(said, was, strict=True)) / n
    reliability = fsum(row.n * (row.confidence - row.accuracy.value) ** 2 for row in rows) / n
    between = fsum(row.n * (row.accuracy.value - accuracy) ** 2 for row in rows) / n
    within = fsum(
        (confidence - row.confidence) * (confidence - row.confidence - 2 * (outcome - row.accuracy.value))
        for row, inside in zip(rows, members, strict=True)
        for confidence, outcome in inside
    )
    return Brier(score, reliability, between - within / n, accuracy * (1 - accuracy))
