"""Chances over vote counts, exact or by deterministic integration: how sure a vote is.

Nothing here draws at random, and nothing imports more than the standard library.
"""

from __future__ import annotations

from functools import lru_cache
from math import comb, exp, lgamma, log, sqrt

_POINTS = 400
"""How many intervals the integral of `dirichlet` is cut into (even, for Simpson's rule)."""


@lru_cache(maxsize=65_536)
def beta(leader: int, runner_up: int) -> float:
    """The chance that the leader is the more frequent of the two leading answers, as sampling goes on for ever.

    With a uniform prior and only these two counts, P(p > 1/2) for p ~ Beta(leader + 1, runner_up + 1), which is a sum of
    binomial coefficients: exact, and rounded once.

    References:
        arXiv:2305.11860 (adaptive-consistency), the Beta rule.
    """
    draws = leader + runner_up + 1
    term = total = 1
    for index in range(1, leader + 1):
        term = term * (draws - index + 1) // index
        total += term
    return float(total / 2**draws)


@lru_cache(maxsize=65_536)
def dirichlet(counts: tuple[int, ...]) -> float:
    """The chance that the first answer is the most frequent of all those seen, as sampling goes on for ever.

    Pr(p1 > all others) for p ~ Dirichlet(counts + 1). In independent Gamma variables it is the integral of the leader's
    density times everybody else's distribution function, here by Simpson's rule over the range that holds all but 1e-12 of
    the leader's mass. A single answer is compared with one of no votes.

    Args:
        counts: one for each distinct answer, the leader's first.

    References:
        arXiv:2305.11860 (adaptive-consistency), the Dirichlet rule.
    """
    shape, others = counts[0] + 1, tuple(sorted(counts[1:] or (0,)))
    width = sqrt(shape)
    start, end = max(0.0, shape - 9 * width), shape + 9 * width + 30
    step = (end - start) / _POINTS
    total = 0.0
    for index in range(_POINTS + 1):
        weight = 1 if index in {0, _POINTS} else 4 if index % 2 else 2
        total += weight * _leader_at(start + index * step, shape, others)
    return min(total * step / 3, 1.0)


def _leader_at(x: float, shape: int, others: tuple[int, ...]) -> float:
    """The density of Gamma(shape) at x times, for each count c of `others`, the chance that Gamma(c + 1) is below x."""
    if x <= 0:
        return 0.0
    density = exp((shape - 1) * log(x) - x - lgamma(shape))
    index = max(0, int(x - 12 * sqrt(x)))  # below, the Poisson terms add up to 1e-30; exp(-x) itself may underflow
    tail = term = exp(index * log(x) - x - lgamma(index + 1))
    for count in others:
        while index < count:
            index += 1
            term *= x / index
            tail += term
        density *= max(0.0, 1 - tail)
    return density


@lru_cache(maxsize=65_536)
def overtaken(leader: int, runner_up: int, rest: int, draws: int, alpha: float) -> float:
    """The chance that the leader does not stay strictly ahead of the runner-up over the next `draws` draws.

    The draws follow the Dirichlet-multinomial of the three cells leader, runner-up and everything else, with the prior
    (alpha, alpha, alpha): a Polya urn. How many of them, m, go to the two leading answers is beta-binomial; given m, the
    chance that the leader's lead is used up follows from that for m - 1 by one step of the urn. So it takes time linear in
    `draws`, sums no differences of large numbers, and is exactly 0 where the runner-up can't reach the leader any more.
    """
    lead = leader - runner_up
    if lead > draws:
        return 0.0
    first, second, third = leader + alpha, runner_up + alpha, rest + alpha
    both = first + second
    reached, caught = exp(_log_beta_binomial(lead, draws, both, third)), 1.0
    for m in range(lead):
        caught *= (second + m) / (both + m)
    edge, wins, total = caught, 0, 0.0
    # Of m draws for either, at most `wins` for the leader are too few: `caught` is the chance of that, `edge` of exactly so many.
    for m in range(lead, draws + 1):
        total += reached * caught
        if m == draws:
            break
        reached *= (draws - m) * (both + m) / ((m + 1) * (third + draws - m - 1))
        if one_more := (m - lead) % 2 == 1:
            edge *= (m - wins) * (first + wins) / ((wins + 1) * (second + m - wins - 1))
            wins += 1
        stays = (second + m - wins) / (both + m)
        caught += edge * stays if one_more else -edge * (1 - stays)
        edge *= stays * (m + 1) / (m + 1 - wins)
    return min(max(total, 0.0), 1.0)


def _log_beta_binomial(k: int, n: int, a: float, b: float) -> float:
    """Log P(k) of the beta-binomial distribution of n draws with the parameters a and b."""
    ways = log(comb(n, k))
    return ways + lgamma(a + k) + lgamma(b + n - k) - lgamma(a + b + n) - lgamma(a) - lgamma(b) + lgamma(a + b)
