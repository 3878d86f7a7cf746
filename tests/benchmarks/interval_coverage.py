"""How often intervals hold the truth, and how often tests find what is not there: contemplate.analysis.statistics, measured.

::

    python tests/benchmarks/interval_coverage.py

prints the tables of docs/statistics.md, in about five minutes. What has few outcomes is summed up over all of them, exactly; the
rest is drawn, seeded, with the standard error of the simulation beside it. tests/analysis/statistics takes its figures from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, combinations
from math import comb, exp, lgamma, log, sqrt, tanh
from random import Random
from typing import Literal

from contemplate.analysis.statistics import (
    Interval,
    bootstrap_difference,
    discordant_p,
    holm,
    length_controlled,
    mcnemar,
    mean,
    paired_difference,
    question_means,
    randomisation,
    wilson,
)
from contemplate.seeds import derive, rng

ACCURACIES = [share / 100 for share in range(5, 96)]
"""The true accuracies that one strategy is measured at: 5 to 95 %."""

ONLY_FIRST, ONLY_SECOND = 0.15, 0.10
"""Two strategies: the share of questions that only one of them gets right."""

LEVEL = 0.05

Kind = Literal["t", "percentile", "bca"]

Trial = Callable[[Random, int], bool]
"""Draws n questions (or groups of them), and says whether what is asked came about."""


@dataclass(frozen=True)
class Rate:
    """How often something came about, in [0, 1]; `error` is the simulation's, None for what is summed up exactly."""

    value: float
    error: float | None = None

    def __str__(self) -> str:
        return f"{self.value:.1%}" if self.error is None else f"{self.value:.1%} ± {self.error:.1%}"


def simulated(trial: Trial, n: int, times: int) -> Rate:
    """The share of trials that come out true; each draws from a generator of its own."""
    share = sum(trial(rng(0, n, time), n) for time in range(times)) / times
    return Rate(share, sqrt(share * (1 - share) / times))


def binomial(k: int, n: int, p: float) -> float:
    """The chance of k out of n."""
    return exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log(1 - p))


# --- one strategy -------------------------------------------------------------------------------------


def wilson_interval(successes: int, n: int) -> Interval:
    """Of an accuracy, by Wilson."""
    return wilson(successes, n).interval


def t_interval(successes: int, n: int) -> Interval:
    """Of an accuracy, from its standard error."""
    return mean([1.0] * successes + [0.0] * (n - successes)).interval


def over_accuracies(interval: Callable[[int, int], Interval], n: int) -> tuple[float, float]:
    """The coverage of an interval with n questions: its mean over the true accuracies, and the least of them."""
    intervals = [interval(successes, n) for successes in range(n + 1)]
    found = [sum(binomial(k, n, p) for k, held in enumerate(intervals) if p in held) for p in ACCURACIES]
    return sum(found) / len(found), min(found)


# --- groups and repeats -------------------------------------------------------------------------------


def grouped(source: Random, groups: int) -> tuple[list[float], list[int]]:
    """Right and wrong of questions in groups of 1, 3 or 5, whose accuracies are uniform in [0, 1]."""
    scores: list[float] = []
    places: list[int] = []
    for group in range(groups):
        accuracy, size = source.random(), source.choice((1, 3, 5))
        scores += [float(source.random() < accuracy) for _ in range(size)]
        places += [group] * size
    return scores, places


def clustered(source: Random, groups: int) -> bool:
    """Whether the clustered interval holds the truth."""
    scores, places = grouped(source, groups)
    return 0.5 in mean(scores, groups=places).interval


def groups_ignored(source: Random, groups: int) -> bool:
    """Whether the plain interval of the same questions does."""
    return 0.5 in mean(grouped(source, groups)[0]).interval


def repeated(source: Random, n: int) -> list[list[float]]:
    """Right and wrong of four samples a question; the questions' accuracies are uniform in [0, 1]."""
    accuracies = [source.random() for _ in range(n)]
    return [[float(source.random() < accuracy) for _ in range(4)] for accuracy in accuracies]


def question_by_question(source: Random, n: int) -> bool:
    """Whether the interval holds the truth, with a question's samples made one score."""
    return 0.5 in mean(question_means(repeated(source, n))).interval


def samples_as_questions(source: Random, n: int) -> bool:
    """Whether it does with the same samples taken for four times as many questions."""
    return 0.5 in mean([*chain(*repeated(source, n))]).interval


# --- two strategies -----------------------------------------------------------------------------------


def outcomes(b: int, c: int, n: int) -> tuple[list[float], list[float]]:
    """Scores of two strategies on n questions, of which only the first got b right, and only the second c."""
    return [1.0] * b + [0.0] * (n - b), [0.0] * b + [1.0] * c + [0.0] * (n - b - c)


@cache
def pair_interval(b: int, c: int, n: int, kind: Kind) -> Interval:
    """The interval of the difference."""
    first, second = outcomes(b, c, n)
    if kind == "t":
        return paired_difference(first, second).interval
    return bootstrap_difference(first, second, seed=derive(n, b, c), draws=2000, method=kind).interval


def paired(kind: Kind) -> Trial:
    """Whether that interval holds the truth: a difference of 5 points, with 25 % of the questions discordant."""

    def trial(source: Random, n: int) -> bool:
        drawn = [source.random() for _ in range(n)]
        b = sum(place < ONLY_FIRST for place in drawn)
        c = sum(ONLY_FIRST <= place < ONLY_FIRST + ONLY_SECOND for place in drawn)
        return ONLY_FIRST - ONLY_SECOND in pair_interval(b, c, n, kind)

    return trial


# --- no difference ------------------------------------------------------------------------------------


@cache
def mcnemar_given(discordant: int) -> tuple[float, float]:
    """The exact false positive rate for so many discordant questions, by p and by mid-p."""
    found = [(comb(discordant, b), discordant_p(b, discordant - b)) for b in range(discordant + 1)]
    exact, middle = (sum(ways for ways, p in found if p[which] <= LEVEL) for which in (0, 1))
    return exact / 2**discordant, middle / 2**discordant


def mcnemar_rate(n: int, share: float, *, mid_p: bool = False) -> float:
    """The exact false positive rate with n questions, each discordant with the chance `share`."""
    return sum(binomial(m, n, share) * mcnemar_given(m)[mid_p] for m in range(n + 1))


def alike(source: Random, n: int) -> tuple[list[float], list[float]]:
    """Two strategies, equally good on each question: each score is the mean of three samples."""
    accuracies = [source.random() for _ in range(n)]
    first, second = ([sum(source.random() < p for _ in range(3)) / 3 for p in accuracies] for _ in range(2))
    return first, second


def alike_in_groups(source: Random, groups: int) -> tuple[list[float], list[float], list[int]]:
    """Two strategies, equally good over all; in each group of five questions, one of them by chance the better one."""
    first: list[float] = []
    second: list[float] = []
    for _ in range(groups):
        better, worse = (first, second) if source.random() < 0.5 else (second, first)
        better += [float(source.random() < 0.7) for _ in range(5)]
        worse += [float(source.random() < 0.4) for _ in range(5)]
    return first, second, [place // 5 for place in range(5 * groups)]


def randomisation_differs(source: Random, n: int) -> bool:
    """Whether the randomisation test finds a difference in means of repeats."""
    return randomisation(*alike(source, n), seed=source.getrandbits(32), draws=1000).p <= LEVEL


def t_differs(source: Random, n: int) -> bool:
    """Whether the paired t-test does."""
    return paired_difference(*alike(source, n)).p <= LEVEL


def groups_differ(source: Random, groups: int) -> bool:
    """Whether the randomisation test over groups finds a difference."""
    first, second, places = alike_in_groups(source, groups)
    return randomisation(first, second, groups=places, seed=source.getrandbits(32), draws=1000).p <= LEVEL


def ungrouped_differ(source: Random, groups: int) -> bool:
    """Whether McNemar's test does on the same questions, which it takes for independent."""
    first, second, _ = alike_in_groups(source, groups)
    return mcnemar(first, second).p <= LEVEL


def any_differ(source: Random, n: int) -> bool:
    """Whether any pair of four equally good strategies differs by McNemar's test, adjusted by Holm's method."""
    accuracies = [source.random() for _ in range(n)]
    rows = [[float(source.random() < p) for p in accuracies] for _ in range(4)]
    return min(holm([mcnemar(one, other).p for one, other in combinations(rows, 2)])) <= LEVEL


# --- at equal length ----------------------------------------------------------------------------------


def at_equal_length(odds: float, by_length: float, longer: float) -> Trial:
    """Whether the interval at equal length holds the truth of a judge that is known.

    Args:
        odds: of the first answer at equal length, as a logarithm.
        by_length: what tanh of the difference of lengths adds to them.
        longer: how much longer the first answers are on average, in standard deviations.
    """

    def trial(source: Random, n: int) -> bool:
        by = [source.gauss(longer, 1) for _ in range(n)]
        preferred = [float(source.random() < 1 / (1 + exp(-odds - by_length * tanh(one)))) for one in by]
        found = length_controlled(preferred, by, seed=source.getrandbits(32), draws=1000)
        return 1 / (1 + exp(-odds)) in found.interval

    return trial


# --- tables -------------------------------------------------------------------------------------------


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a Markdown table."""
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield "| " + " | ".join(map(str, row)) + " |"


def one_strategy() -> Iterator[str]:
    """Wilson and Student's t, exactly."""
    rows = [
        (n, *(Rate(share) for interval in (wilson_interval, t_interval) for share in over_accuracies(interval, n)))
        for n in (20, 50, 100, 200, 500)
    ]
    return table(["questions", "Wilson, mean", "Wilson, least", "Student's t, mean", "Student's t, least"], rows)


def dependent(times: int = 10_000) -> Iterator[str]:
    """Groups, and repeats."""
    heads = ["groups", "clustered", "groups ignored"]
    yield from table(heads, simulated_rows((10, 20, 50, 100), (clustered, groups_ignored), times))
    yield ""
    heads = ["questions, 4 samples each", "question means", "samples as questions"]
    yield from table(heads, simulated_rows((20, 50, 100), (question_by_question, samples_as_questions), 3 * times))


def two_strategies(times: int = 10_000) -> Iterator[str]:
    """The paired intervals."""
    heads = ["questions", "paired t", "bootstrap, percentile", "bootstrap, BCa"]
    trials = [paired("t"), paired("percentile"), paired("bca")]
    return table(heads, simulated_rows((20, 50, 100), trials, times))


def simulated_rows(sizes: Iterable[int], trials: Sequence[Trial], times: int) -> Iterator[list[object]]:
    """A row for each size, with a rate for each trial."""
    return ([n, *(simulated(trial, n, times) for trial in trials)] for n in sizes)


def no_difference(times: int = 3000) -> Iterator[str]:
    """False positives at the level .05."""
    discordant, sampled = "{} questions, 25 % discordant", "{} questions, 3 samples each"
    rows = [
        *(("McNemar, exact", discordant.format(n), Rate(mcnemar_rate(n, 0.25))) for n in (20, 100, 500)),
        *(("McNemar, mid-p", discordant.format(n), Rate(mcnemar_rate(n, 0.25, mid_p=True))) for n in (20, 100, 500)),
        *(("randomisation", sampled.format(n), simulated(randomisation_differs, n, times)) for n in (12, 50)),
        *(("paired t", sampled.format(n), simulated(t_differs, n, times)) for n in (12, 50)),
        ("randomisation over groups", "30 groups of 5", simulated(groups_differ, 30, times)),
        ("McNemar, groups ignored", "30 groups of 5", simulated(ungrouped_differ, 30, times)),
        ("McNemar with Holm, any pair", "4 strategies, 100 questions", simulated(any_differ, 100, times)),
    ]
    yield from table(["test", "on", "finds a difference"], rows)


def equal_length(times: int = 150) -> Iterator[str]:
    """Win rates at equal length."""
    heads = ["questions", "only length, longer in 69 %", "the better, longer in 69 %", "only length, longer in 90 %"]
    trials = [at_equal_length(0, 2, 0.5), at_equal_length(0.6, 1, 0.5), at_equal_length(0, 3, 1.28)]
    return table(heads, simulated_rows((50, 100), trials, times))


TABLES = (one_strategy, dependent, two_strategies, no_difference, equal_length)


def main() -> None:
    """Print the tables."""
    for make in TABLES:
        print("\n".join(make()), end="\n\n")


if __name__ == "__main__":
    main()
