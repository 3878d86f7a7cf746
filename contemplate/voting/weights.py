"""Weights of voters: from stated confidence, log-probabilities or a verifier's scores to what a ballot weighs.

All of it is pure and deterministic. What a weight is worth depends on whether confidence tells right from wrong *within* a
question (`discrimination`); how well it is calibrated across questions hardly matters for a vote (arXiv:2502.06233).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp, floor, fsum, inf

from contemplate.errors import InputError

WINDOW = 2048
"""Tokens in a group, and in the tail of a trace, as in arXiv:2508.15260."""


@dataclass(frozen=True)
class Scored:
    """One sample of a question whose right answer is known.

    Attributes:
        confidence: any finite number; more is surer.
        answer: the class of its answer, None for an abstention.
        right: whether that answer is right.
    """

    confidence: float
    answer: int | None
    right: bool


def softmax(confidences: Sequence[float], temperature: float) -> list[float]:
    """Weights that add up to 1, each proportional to exp(confidence / temperature).

    Args:
        confidences: of one question's samples.
        temperature: above 0; infinity is plain voting, and near 0 the surest sample decides alone.

    Raises:
        InputError: the temperature is not above 0.

    References:
        arXiv:2502.06233 (confidence-informed self-consistency).
    """
    if not temperature > 0:
        raise InputError(f"the temperature of a softmax must be above 0, and is {temperature}")
    top = max(confidences, default=0.0)
    powers = [exp((confidence - top) / temperature) for confidence in confidences]
    whole = fsum(powers)
    return [power / whole for power in powers]


TEMPERATURES: tuple[float, ...] = (*(10 ** (step / 8) for step in range(-24, 25)), inf)
"""The grid that `fit_temperature` searches: eight a decade from 0.001 to 1000, and plain voting."""


def fit_temperature(questions: Sequence[Sequence[Scored]], grid: Sequence[float] = TEMPERATURES) -> float:
    """The temperature at which a softmax-weighted vote is right most often on held-out `questions`.

    A tie counts the share of the tied answers that is right. Of temperatures that do equally well the highest is taken, the one
    nearest to plain voting.

    Raises:
        InputError: there are no questions, or the grid is empty.

    References:
        arXiv:2502.06233 fits one temperature for each model and kind of confidence.
    """
    if not (questions and grid):
        raise InputError("a temperature is fitted on at least one held-out question, over at least one temperature")
    return max(
        sorted(grid), key=lambda temperature: (fsum(_credit(question, temperature) for question in questions), temperature)
    )


def _credit(question: Sequence[Scored], temperature: float) -> float:
    """1 if the weighted vote is right, the share of right ones among tied answers, or 0."""
    votes: dict[int, float] = {}
    right: dict[int, bool] = {}
    for weight, sample in zip(softmax([sample.confidence for sample in question], temperature), question, strict=True):
        if sample.answer is not None:
            votes[sample.answer] = votes.get(sample.answer, 0.0) + weight
            right[sample.answer] = sample.right
    first = [answer for answer, vote in votes.items() if vote >= max(votes.values()) - 1e-12]
    return sum(right[answer] for answer in first) / len(first) if first else 0.0


def recalibrated(confidence: float) -> float:
    """ReConcile's step function of a stated confidence in [0, 1]: models say .9 for almost everything.

    1 stays 1; from .9 on it is .8, from .8 on .5, above .6 .3, and .6 or less is .1.

    References:
        arXiv:2309.13007.
    """
    if confidence >= 1:
        return 1.0
    steps = ((confidence >= 0.9, 0.8), (confidence >= 0.8, 0.5), (confidence > 0.6, 0.3))  # noqa: PLR2004 - the paper's
    return next((weight for reached, weight in steps if reached), 0.1)


def sequence_probability(chosen: Sequence[float], *, normalised: bool = True) -> float:
    """The probability of a reply from the log-probabilities of its tokens, in [0, 1]; 0 for an empty one.

    Args:
        chosen: natural logarithms, as `Logprobs.chosen`.
        normalised: the geometric mean over the tokens, else their product, which punishes length.

    References:
        arXiv:2203.11171: weighted so, normalised, self-consistency does about as well as with a plain count.
    """
    if not chosen:
        return 0.0
    total = fsum(chosen)
    return min(1.0, exp(total / len(chosen) if normalised else total))


def mean_confidence(confidence: Sequence[float]) -> float:
    """The mean token confidence of a trace (`Logprobs.confidence`); 0 for an empty one. arXiv:2508.15260."""
    return fsum(confidence) / len(confidence) if confidence else 0.0


def group_confidences(confidence: Sequence[float], window: int = WINDOW) -> list[float]:
    """The mean confidence of each stretch of `window` tokens, one token apart.

    A trace shorter than the window is one group; an empty one has none. Sums are exact, so that no error adds up.

    Raises:
        InputError: the window is not at least 1.

    References:
        arXiv:2508.15260 (DeepConf).
    """
    if window < 1:
        raise InputError(f"a window holds at least 1 token, not {window}")
    if not confidence:
        return []
    if len(confidence) <= window:
        return [mean_confidence(confidence)]
    total, error = _two_sum(fsum(confidence[:window]), 0.0)
    groups = [total / window]
    for index in range(window, len(confidence)):
        total, lost = _two_sum(total, confidence[index])
        error += lost
        total, lost = _two_sum(total, -confidence[index - window])
        error += lost
        groups.append((total + error) / window)
    return groups


def _two_sum(a: float, b: float) -> tuple[float, float]:
    """The sum of two floats, and what rounding took from it (Knuth)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def lowest_group(confidence: Sequence[float], window: int = WINDOW) -> float:
    """The least group confidence: where the trace was least sure. 0 for an empty trace. arXiv:2508.15260."""
    return min(group_confidences(confidence, window), default=0.0)


def bottom_groups(confidence: Sequence[float], window: int = WINDOW, share: float = 0.1) -> float:
    """The mean of the lowest `share` of the group confidences, at least one of them. arXiv:2508.15260."""
    groups = sorted(group_confidences(confidence, window))
    return mean_confidence(groups[: max(1, int(len(groups) * share))])


def tail_confidence(confidence: Sequence[float], window: int = WINDOW) -> float:
    """The mean confidence of the last `window` tokens, or of all if there are fewer. arXiv:2508.15260."""
    return mean_confidence(confidence[-window:])


def percentile(values: Sequence[float], percent: float) -> float:
    """The `percent`-th percentile of `values`, interpolated linearly between the two nearest, as NumPy does by default.

    Raises:
        InputError: there are no values, or `percent` is not in [0, 100].
    """
    if not values:
        raise InputError("there is no percentile of no values")
    if not 0 <= percent <= 100:  # noqa: PLR2004 - per cent
        raise InputError(f"a percentile lies between 0 and 100, and {percent} does not")
    ordered = sorted(values)
    position = (len(ordered) - 1) * Fraction(percent) / 100
    below = floor(position)
    above = min(below + 1, len(ordered) - 1)
    low, high, part = ordered[below], ordered[above], float(position - below)
    # NumPy's order of operations, so that a threshold falls on the same side of a tied score.
    return high - (high - low) * (1 - part) if part >= 0.5 else low + (high - low) * part  # noqa: PLR2004 - a half


def keep(scores: Sequence[float], percent: float) -> list[bool]:
    """For each of `scores`, whether it is in the best `percent` per cent: at least the (100 - percent)-th percentile, ties kept.

    References:
        arXiv:2508.15260 keeps 10 or 90 per cent of the traces.
    """
    if not scores:
        return []
    threshold = percentile(scores, 100 - percent)
    return [score >= threshold for score in scores]


def discrimination(questions: Sequence[Sequence[Scored]]) -> float | None:
    """The share of pairs in which a right sample is surer than a wrong one of its question, in [0, 1]; 0.5 is chance.

    Over all pairs of a right and a wrong sample of one question; equally sure counts as not surer. Abstentions are left out.

    Returns:
        None where no question has both.

    References:
        arXiv:2502.06233, within-question discrimination.
    """
    surer = pairs = 0
    for question in questions:
        right = [sample.confidence for sample in question if sample.answer is not None and sample.right]
        wrong = [sample.confidence for sample in question if sample.answer is not None and not sample.right]
        pairs += len(right) * len(wrong)
        surer += sum(good > bad for good in right for bad in wrong)
    return surer / pairs if pairs else None
