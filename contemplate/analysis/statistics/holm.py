"""Several tests at once: Holm's step-down adjustment."""

from __future__ import annotations

from collections.abc import Sequence

from contemplate.analysis.statistics.checks import finite


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm's adjusted p-values, in the order given.

    The k-th smallest of m is multiplied by m - k + 1, and none is less than the one before it. Whoever rejects what is at most
    0.05 rejects something true with a chance of at most 0.05 over all the tests, however they depend on each other.

    Args:
        p_values: one for each test, in [0, 1].

    Raises:
        InputError: none, or one outside of its range.

    References:
        S. Holm: A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979).
    """
    checked = finite(p_values, "p-values", 0, 1)
    adjusted = [0.0] * len(checked)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(checked)), key=checked.__getitem__)):
        largest = max(largest, min(1.0, checked[index] * (len(checked) - rank)))
        adjusted[index] = largest
    return tuple(adjusted)
