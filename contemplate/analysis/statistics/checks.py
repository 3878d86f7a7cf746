"""Checks of what the figures take: plain finite numbers, as many on one side as on the other. Anything else is one clear line."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import NormalDist

from contemplate.errors import InputError


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval, both ends included.

    Attributes:
        low: the lower end, in the unit of the figure.
        high: the upper end, in the unit of the figure.
        level: the confidence level, in (0, 1).
    """

    low: float
    high: float
    level: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def finite(values: Sequence[float], what: str, low: float | None = None, high: float | None = None) -> tuple[float, ...]:
    """`values` as floats, at least one, each finite and within [low, high]. NumPy's arrays and numbers will do.

    Raises:
        InputError: with the number of the first value that is none of this.
    """
    if len(values) == 0:  # an array has no truth value
        raise InputError(f"{what}: there are none")
    for index, value in enumerate(values):
        if not _is_finite(value):
            raise InputError(f"{what}: number {index + 1} is {value!r}, which is no finite number")
        if (low is not None and value < low) or (high is not None and value > high):
            bounds = f"at least {low:g}" if high is None else f"in [{low:g}, {high:g}]"
            raise InputError(f"{what}: number {index + 1} is {value!r}, but must be {bounds}")
    return tuple(map(float, values))


def _is_finite(value: object) -> bool:
    """Whether it is a number, and a finite one."""
    try:
        return isfinite(value)  # type: ignore[arg-type]  # what is no number raises
    except (TypeError, OverflowError):
        return False


def right_or_wrong(values: Sequence[float], what: str) -> tuple[bool, ...]:
    """`values` as booleans; each must be True, False, 1 or 0.

    Raises:
        InputError: with the number of the first value that is neither right nor wrong.
    """
    checked = finite(values, what)
    for index, value in enumerate(checked):
        if value not in {0.0, 1.0}:
            raise InputError(f"{what}: number {index + 1} is {value!r}, but must be right (1) or wrong (0)")
    return tuple(map(bool, checked))


def same_length(left: Sequence[object], right: Sequence[object], what: str) -> None:
    """Raise InputError unless both have the same length."""
    if len(left) != len(right):
        raise InputError(f"{what}: {len(left)} on one side and {len(right)} on the other; both must be of the same questions")


def share(value: float, what: str) -> float:
    """`value`, which must lie strictly between 0 and 1.

    Raises:
        InputError: if it does not.
    """
    if not 0 < value < 1:
        raise InputError(f"{what} is {value!r}, but must be above 0 and below 1")
    return value


def at_least(value: float, least: float, what: str) -> None:
    """Raise InputError unless `value` is a finite number of at least `least`."""
    if not _is_finite(value) or value < least:
        raise InputError(f"{what} is {value!r}, but must be at least {least:g}")


def two_sided(level: float) -> float:
    """The standard errors that a normal interval of this level reaches to each side: 1.96 for 0.95."""
    return NormalDist().inv_cdf((1 + share(level, "the confidence level")) / 2)


def clusters_of(n: int, groups: Sequence[Hashable] | None) -> tuple[tuple[int, ...], ...]:
    """The indices 0 .. n - 1, put together by group; without groups, each by itself.

    Raises:
        InputError: not one group for each question, or several questions that are all in one group.
    """
    if groups is None:
        return tuple((index,) for index in range(n))
    if len(groups) != n:
        raise InputError(f"groups: {len(groups)} for {n} questions; each question needs one")
    members: dict[Hashable, list[int]] = {}
    for index, group in enumerate(groups):
        members.setdefault(group, []).append(index)
    if len(members) == 1 and n > 1:
        raise InputError("groups: all questions are in one group, and nothing tells how groups differ; leave the groups out")
    return tuple(map(tuple, members.values()))
