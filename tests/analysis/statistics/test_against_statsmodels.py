"""Agreement with statsmodels to six digits and more, in one file of slow tests, for importing it takes seconds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import sqrt
from random import Random
from typing import Any

import pytest

from contemplate.analysis import statistics as s
from contemplate.seeds import rng

pytestmark = pytest.mark.slow

LEVELS = [0.8, 0.95, 0.99]


@dataclass(frozen=True)
class Statsmodels:
    """What is taken from there."""

    linear_model: Any
    multitest: Any
    power: Any
    proportion: Any
    tables: Any


@pytest.fixture(scope="module")
def statsmodels() -> Statsmodels:
    """The parts of statsmodels that compute the same."""
    from statsmodels.regression import linear_model  # type: ignore[import-untyped]
    from statsmodels.stats import contingency_tables, multitest, power, proportion  # type: ignore[import-untyped]

    return Statsmodels(linear_model, multitest, power, proportion, contingency_tables)


def close(expected: float, actual: float) -> None:
    """Equal to ten digits, or, next to 0, to 1e-12."""
    assert expected == pytest.approx(actual, rel=1e-10, abs=1e-12)


def scores_in_groups(source: Random) -> tuple[list[float], list[float], list[int]]:
    """Two strategies' scores, and the questions' groups, of one to six questions."""
    groups = [group for group in range(40) for _ in range(source.randint(1, 6))]
    ease = [source.random() for _ in range(40)]
    first, second = ([float(source.random() < ease[group]) for group in groups] for _ in range(2))
    source.shuffle(groups)
    return first, second, groups


@pytest.mark.parametrize("level", LEVELS)
def test_wilson(statsmodels: Statsmodels, level: float) -> None:
    """Every share of some numbers of questions."""
    for n in (1, 2, 7, 20, 100, 1319):
        for successes in range(0, n + 1, max(1, n // 25)):
            low, high = statsmodels.proportion.proportion_confint(successes, n, alpha=1 - level, method="wilson")
            interval = s.wilson(successes, n, level=level).interval
            close(low, interval.low)
            close(high, interval.high)


def test_mcnemar(statsmodels: Statsmodels) -> None:
    """Discordant counts up to 12, and some large ones."""
    pairs = [(b, c) for b in range(13) for c in range(13) if b + c] + [(61, 112), (300, 220), (0, 700)]
    for b, c in pairs:
        close(statsmodels.tables.mcnemar([[10, b], [c, 5]], exact=True).pvalue, s.discordant_p(b, c)[0])


def test_holm(statsmodels: Statsmodels) -> None:
    """One to twelve p-values, with equal ones among them."""
    source = rng(0, "holm")
    for m in (1, 2, 3, 6, 12):
        values = [round(source.random() ** 3, 2) for _ in range(m)]
        for expected, actual in zip(statsmodels.multitest.multipletests(values, method="holm")[1], s.holm(values), strict=True):
            close(expected, actual)


def test_mean(statsmodels: Statsmodels) -> None:
    """The standard error, interval and p-value of a mean are those of a regression on a constant."""
    first, second, _ = scores_in_groups(rng(0, "mean"))
    fit = statsmodels.linear_model.OLS([x - y for x, y in zip(first, second, strict=True)], [1.0] * len(first)).fit()
    found = s.paired_difference(first, second)
    close(fit.params[0], found.value)
    close(fit.bse[0], found.standard_error)
    close(fit.pvalues[0], found.p)
    close(fit.conf_int()[0][0], found.interval.low)
    close(fit.conf_int()[0][1], found.interval.high)


@pytest.mark.parametrize("seed", range(5))
def test_clustered_errors(statsmodels: Statsmodels, seed: int) -> None:
    """They are the uncorrected ones of a regression on a constant, but for n - 1 in place of n in the part without clusters."""
    first, _, groups = scores_in_groups(rng(seed, "clusters"))
    n = len(first)
    fit = statsmodels.linear_model.OLS(first, [1.0] * n).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}, use_t=False
    )
    found = s.mean(first, groups=groups)
    squares = sum((score - found.value) ** 2 for score in first)
    assert len(Counter(groups)) == found.clusters
    close(fit.bse[0], sqrt(found.standard_error**2 - squares / (n * (n - 1)) + squares / n**2))
    assert fit.bse[0] == pytest.approx(found.standard_error, rel=0.01)


@pytest.mark.parametrize("groups", [3, 12, 80])
def test_few_groups(statsmodels: Statsmodels, groups: int) -> None:
    """With groups of one size, interval and p-value are a regression's, corrected for few clusters, with t of one less."""
    source = rng(groups, "few groups")
    places = [group for group in range(groups) for _ in range(4)]
    first, second = ([source.random() + place % 3 for place in places] for _ in range(2))
    fit = statsmodels.linear_model.OLS([x - y for x, y in zip(first, second, strict=True)], [1.0] * len(first)).fit(
        cov_type="cluster", cov_kwds={"groups": places, "df_correction": True}, use_t=True
    )
    found = s.paired_difference(first, second, groups=places)
    close(fit.pvalues[0], found.p)
    close(fit.conf_int()[0][0], found.interval.low)
    close(fit.conf_int()[0][1], found.interval.high)


@pytest.mark.parametrize("power", [0.5, 0.8, 0.95])
def test_power(statsmodels: Statsmodels, power: float) -> None:
    """Power, detectable difference and number of questions are those of a z-test on one mean, in its own direction."""
    variance = s.right_or_wrong_variance(15, 10, 100)
    one_sided = statsmodels.power.NormalIndPower(ddof=0)
    for n in (50, 400):
        found = s.detectable_difference(n, variance, power=power)
        effect = found.difference / sqrt(variance.between)
        close(power, s.power_of(n, found.difference, variance))
        close(power, one_sided.power(effect, n, alpha=0.025, ratio=0, alternative="larger"))
        assert n == s.questions_needed(found.difference, variance, power=power)
