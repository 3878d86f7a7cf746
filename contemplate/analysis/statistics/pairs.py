"""Several strategies on the same questions: every pair compared, and the p-values adjusted for their number."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from contemplate.analysis.statistics.bootstrap import Bootstrap, Method, bootstrap_difference
from contemplate.analysis.statistics.checks import finite, same_length
from contemplate.analysis.statistics.holm import holm
from contemplate.analysis.statistics.paired import Difference, McNemar, mcnemar, paired_difference
from contemplate.analysis.statistics.randomisation import randomisation
from contemplate.errors import InputError
from contemplate.seeds import derive


@dataclass(frozen=True, slots=True)
class Pair:
    """Two strategies compared.

    Attributes:
        first: the name of one strategy.
        second: the name of the other.
        difference: first less second, with standard error, and interval by Student's t.
        bootstrap: the same with the paired bootstrap's interval.
        discordant: McNemar's counts and p-values, where all scores of the two are right or wrong; None otherwise.
        test: what `p` is from: "mcnemar" (right or wrong, and no groups) or "randomisation".
        p: two-sided, of this pair alone.
        p_holm: adjusted for all pairs by Holm's method.
    """

    first: str
    second: str
    difference: Difference
    bootstrap: Bootstrap
    discordant: McNemar | None
    test: Literal["mcnemar", "randomisation"]
    p: float
    p_holm: float


def all_pairs(
    scores: Mapping[str, Sequence[float]],
    *,
    seed: int,
    groups: Sequence[Hashable] | None = None,
    draws: int = 10_000,
    level: float = 0.95,
    method: Method = "percentile",
) -> tuple[Pair, ...]:
    """Compare every pair of strategies on the same questions.

    Args:
        scores: for each strategy one score a question, all in the same order; for several samples a question, `question_means`.
        seed: the seed of resamples and exchanges; a pair's own is derived from it and the two names.
        groups: for each question the group it belongs to, if they come in groups.
        draws: of the bootstrap and of the randomisation test, at least 1,000.
        level: the confidence level, in (0, 1).
        method: of the bootstrap.

    Raises:
        InputError: fewer than two strategies, or scores or groups that the parts would not take.
    """
    if len(scores) < 2:  # noqa: PLR2004 - a pair
        raise InputError("a comparison takes at least two strategies")
    checked = {name: finite(row, f"the strategy {name!r}") for name, row in scores.items()}
    found = [
        _compare(first, second, checked, seed=seed, groups=groups, draws=draws, level=level, method=method)
        for first, second in combinations(checked, 2)
    ]
    adjusted = holm([pair.p for pair in found])
    return tuple(replace(pair, p_holm=p) for pair, p in zip(found, adjusted, strict=True))


def _compare(
    first: str,
    second: str,
    scores: Mapping[str, Sequence[float]],
    *,
    seed: int,
    groups: Sequence[Hashable] | None,
    draws: int,
    level: float,
    method: Method,
) -> Pair:
    """One pair, its p-value not yet adjusted."""
    one, other = scores[first], scores[second]
    same_length(one, other, f"the strategies {first!r} and {second!r}")
    own = derive(seed, *sorted((first, second)))
    binary = {*one, *other} <= {0.0, 1.0}
    discordant = mcnemar(one, other) if binary else None
    difference = paired_difference(one, other, groups=groups, level=level)
    bootstrap = bootstrap_difference(one, other, seed=own, draws=draws, level=level, groups=groups, method=method)
    if discordant is not None and groups is None:
        return Pair(first, second, difference, bootstrap, discordant, "mcnemar", discordant.p, discordant.p)
    p = randomisation(one, other, seed=own, draws=draws, groups=groups).p
    return Pair(first, second, difference, bootstrap, discordant, "randomisation", p, p)
