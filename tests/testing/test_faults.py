"""When faults happen, and how long replies take: from a seed, whatever the order of arrival."""

from __future__ import annotations

import statistics
from collections import Counter

import pytest

from contemplate import InputError
from contemplate.testing import Fault, Faults, Latency

BUSY, GONE = Fault(kind="status", status=503), Fault(kind="reset-before")


def test_by_number() -> None:
    """The call of that number fails like that, and no other."""
    faults = Faults(at={1: BUSY})

    assert [None, BUSY, None] == [faults.of(number, "asked", 0) for number in range(3)]


def test_by_chance_it_is_the_same_each_time() -> None:
    """What a call gets depends on what it asks and how often that was asked; its place is of no account."""
    faults = Faults(share=0.3, mix=(BUSY, GONE), seed=7)
    drawn = [faults.of(number, str(number), 0) for number in range(2000)]
    counts = Counter(fault.name if fault else "ok" for fault in drawn)

    assert drawn == [faults.of(99, str(number), 0) for number in range(2000)]
    assert 500 < counts["503"] + counts["reset-before"] < 700
    assert 240 < counts["503"] < 360
    assert drawn != [Faults(share=0.3, mix=(BUSY, GONE), seed=8).of(0, str(number), 0) for number in range(2000)]
    assert drawn != [faults.of(0, str(number), 1) for number in range(2000)]


def test_a_share_of_nothing_is_refused() -> None:
    """Who wants faults says which."""
    with pytest.raises(InputError, match="there must be a fault in `mix`"):
        Faults(share=0.1)


@pytest.mark.parametrize("shape", ["fixed", "uniform", "exponential", "lognormal"])
def test_the_median_is_the_one_asked_for(shape: str) -> None:
    """Of every shape; and stragglers are as many as said."""
    latency = Latency.model_validate({"seconds": 2.0, "shape": shape})
    slow = Latency.model_validate({"seconds": 2.0, "shape": shape, "stragglers": 0.1, "slowdown": 1000})
    drawn = [latency.draw(1, str(number), 0) for number in range(3000)]

    assert 2.0 == pytest.approx(statistics.median(drawn), rel=0.1)
    assert 0.08 < sum(slow.draw(1, str(number), 0) > 10 * drawn[number] for number in range(3000)) / 3000 < 0.12
