"""Win rates at equal length."""

from __future__ import annotations

from math import exp, log, tanh
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contemplate.analysis.statistics import LengthControlled, length_controlled
from contemplate.errors import InputError

PAIRS = st.lists(st.tuples(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.integers(-3000, 3000)), min_size=2, max_size=12)


def chance(odds: float) -> float:
    """The chance of log-odds."""
    return 1 / (1 + exp(-odds))


def drawn(seed: int, n: int, at_equal: float, by_length: float, longer: float) -> LengthControlled:
    """The rate of generated judgements, whose log-odds at equal length, and by length, are known.

    The first answer is longer by `longer` standard deviations on average.
    """
    source = Random(seed)
    by = [source.gauss(longer, 1) for _ in range(n)]
    preferred = [float(source.random() < chance(at_equal + by_length * tanh(one))) for one in by]
    return length_controlled(preferred, [300 * one for one in by], seed=seed, draws=1000)


def test_worked_by_hand() -> None:
    """30 answers longer by 100 of which 24 win, 30 shorter by 100 of which 12 do.

    s = 100, so that the differences are +-tanh(1). Both groups are met exactly: a + b tanh(1) = log(24 / 6) and
    a - b tanh(1) = log(12 / 18), hence a = (log 4 + log 2/3) / 2 = 0.4904 and the rate 1 / (1 + exp(-a)) = 0.6202, where the
    plain one is 36 / 60 = 0.6. The priors move it by less than 0.002.
    """
    preferred = [1.0] * 24 + [0.0] * 6 + [1.0] * 12 + [0.0] * 18
    found = length_controlled(preferred, [100] * 30 + [-100] * 30, seed=0, draws=1000)

    assert (log(4) + log(2 / 3)) / 2 == pytest.approx(0.4904, abs=1e-4)
    assert found.value == pytest.approx(0.6202, abs=0.002)
    assert found.effect * tanh(1) == pytest.approx((log(4) - log(2 / 3)) / 2, abs=0.02)
    assert (found.scale, found.longer, found.shorter, found.n, found.clusters) == (100, 30, 30, 60, 60)
    assert found.value in found.interval


def test_a_judge_that_only_likes_length() -> None:
    """Its favourite writes the longer answer nine times in ten and wins those; at equal length about half is left."""
    found = []
    for seed in range(8):
        source = Random(seed)
        by = [source.gauss(1.28, 1) for _ in range(100)]
        preferred = [float(one > 0) for one in by]
        assert 0.8 < sum(preferred) / len(by) < 0.97
        found.append(length_controlled(preferred, by, seed=seed, draws=1000))

    assert sum(one.value for one in found) / len(found) == pytest.approx(0.5, abs=0.1)
    assert all(0.5 in one.interval for one in found)
    assert all(one.effect > 3 for one in found)


def test_the_truth_is_found() -> None:
    """A judge that likes length, and the first strategy: the plain rate is too high, the controlled one is near the truth."""
    found = drawn(1, 600, at_equal=0.5, by_length=1.5, longer=0.7)

    assert found.value == pytest.approx(chance(0.5), abs=0.06)
    assert chance(0.5) in found.interval


def test_without_lengths_it_is_the_plain_rate() -> None:
    """The priors move three wins of four by less than a hundredth; what is always longer by as much tells nothing."""
    for differences in ([0.0] * 40, [250.0] * 40):
        found = length_controlled([1, 1, 1, 0] * 10, differences, seed=0, draws=1000)

        assert found.value == pytest.approx(0.75, abs=0.01)
        assert (found.scale, found.effect) == (0, 0)


def test_all_wins_are_finite() -> None:
    """Preference and strategy go together without exception, and preference and length as well."""
    for preferred in ([1.0] * 50, [1.0] * 25 + [0.0] * 25):
        found = length_controlled(preferred, [80.0 - place for place in range(50)], seed=0, draws=1000)

        assert 0 < found.interval.low <= found.value <= found.interval.high < 1


@settings(max_examples=15, deadline=None)
@given(PAIRS)
def test_exchanging_both_mirrors_it(pairs: list[tuple[float, int]]) -> None:
    """One less the value, and the interval from the other side; the order of the questions changes nothing."""
    preferred, by = [one for one, _ in pairs], [d for _, d in pairs]
    found = length_controlled(preferred, by, seed=3, draws=1000)
    other = length_controlled([1 - one for one in reversed(preferred)], [-d for d in reversed(by)], seed=3, draws=1000)

    assert 1 - found.value == pytest.approx(other.value, abs=1e-6)
    assert 1 - found.interval.low == pytest.approx(other.interval.high, abs=1e-6)
    assert 1 - found.interval.high == pytest.approx(other.interval.low, abs=1e-6)


def test_nothing_tells() -> None:
    """Where all answers of one strategy are the longer, what equal length would bring is unknown, and the interval is wide."""
    found = length_controlled([1.0] * 40, [500.0 + place for place in range(40)], seed=0, draws=1000)
    alike = length_controlled([0.5] * 40, [0.0] * 40, seed=0, draws=1000)

    assert 0.5 in found.interval
    assert 0.4 in alike.interval
    assert 0.6 in alike.interval


def test_groups_are_drawn_whole() -> None:
    """Questions of a group that are judged alike count as one: the interval is wider."""
    source = Random(2)
    preferred = [float(source.random() < 0.5) for _ in range(12)] * 6
    groups = list(range(12)) * 6
    by = [source.gauss(0, 50) for _ in preferred]
    apart = length_controlled(preferred, by, seed=0, draws=1000)
    together = length_controlled(preferred, by, seed=0, draws=1000, groups=groups)

    assert (apart.clusters, together.clusters) == (72, 12)
    assert together.value == apart.value
    assert together.interval.high - together.interval.low > 1.5 * (apart.interval.high - apart.interval.low)


@pytest.mark.parametrize(
    ("preferred", "by", "why"),
    [
        ([], [], "preferences: there are none"),
        ([2.0], [1.0], r"preferences: number 1 is 2.0, but must be in \[0, 1\]"),
        ([1.0, 0.0], [1.0], "preferences and differences of lengths: 2 on one side and 1 on the other"),
        ([1.0], [float("inf")], "differences: number 1 is inf"),
    ],
)
def test_what_can_not_be_is_refused(preferred: list[float], by: list[float], why: str) -> None:
    """In one line."""
    with pytest.raises(InputError, match=why):
        length_controlled(preferred, by, seed=0)
