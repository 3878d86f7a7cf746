"""The rule of succession: how sure a count makes us."""

from __future__ import annotations

from fractions import Fraction


def succession(behind: Fraction | int, trials: int) -> Fraction:
    """The chance that the next trial comes out as `behind` of `trials` did: (behind + 1) / (trials + 2), in (0, 1).

    It is the mean of the posterior of that share under a uniform prior.

    Args:
        behind: how many came out so, from 0 to `trials`.
        trials: how many there were, at least 0.

    References:
        Laplace, 1774.
    """
    return (Fraction(behind) + 1) / (trials + 2)
