"""Student's t distribution: what a mean of few questions, or of few groups of them, is held against."""

from __future__ import annotations

from functools import lru_cache
from math import exp, inf, isclose, lgamma, log, log1p

from contemplate.analysis.statistics.checks import share


def student_p(t: float, degrees: float) -> float:
    """The chance that Student's t lies as far from 0 as `t`, on either side: the two-sided p-value, in [0, 1].

    Args:
        t: an estimate divided by its standard error.
        degrees: of freedom, above 0; need not be whole.
    """
    whole = degrees + t * t
    return _beta_share(degrees / whole, t * t / whole, degrees / 2, 0.5)


@lru_cache(maxsize=1024)
def student_reach(level: float, degrees: float) -> float:
    """The standard errors that an interval of this level reaches to each side: 2.26 for 0.95 and 9 degrees of freedom.

    Raises:
        InputError: a level that is not in (0, 1).
    """
    outside = 1 - share(level, "the confidence level")
    low, high = 0.0, 1.0
    while student_p(high, degrees) > outside:
        low, high = high, 2 * high
    while not isclose(low, high, rel_tol=1e-14, abs_tol=1e-14):
        middle = (low + high) / 2
        low, high = (middle, high) if student_p(middle, degrees) > outside else (low, middle)
    return high


def _beta_share(x: float, rest: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b), by its continued fraction (NIST Handbook 8.17.22); `rest` is 1 - x."""
    if x <= 0 or rest <= 0:
        return float(rest <= 0)
    if x > (a + 1) / (a + b + 2):  # there the other tail's fraction converges faster
        return 1 - _beta_share(rest, x, b, a)
    log_x, log_rest = (log(x), log1p(-x)) if x < rest else (log1p(-rest), log(rest))
    return exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log_x + b * log_rest) / (a * _fraction(x, a, b))


def _fraction(x: float, a: float, b: float) -> float:
    """1 + d1 / (1 + d2 / (1 + ...)), worked out forwards: the ratio of two recurrences, scaled so that neither overflows."""
    above, above_before, below, below_before = 1.0, 1.0, 1.0, 0.0
    value, before, index = 1.0, inf, 0
    while abs(value - before) > 1e-15 * abs(value):
        index += 1
        m = index // 2
        if index % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        above, above_before = above + term * above_before, above
        below, below_before = below + term * below_before, below
        above, above_before, below, below_before = above / below, above_before / below, 1.0, below_before / below
        value, before = above, value
    return value
