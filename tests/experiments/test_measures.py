"""What is measured of each run: the four that a strategy has fields for, and any other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contemplate.analysis.statistics import amounts
from contemplate.experiments import Comparison
from contemplate.experiments.rows import MEASURES


@pytest.mark.parametrize("name", MEASURES)
def test_each_measure_is_one_of_the_rows(comparison: Comparison, name: str) -> None:
    """A strategy took by a measure what its runs took, as far as they say it."""
    for one in comparison.standings:
        mine = [MEASURES[name].of(row) for row in comparison.rows if (row.strategy, row.panel) == (one.strategy, one.panel)]
        known = [amount for amount in mine if amount is not None]
        lacks = len(known) < len(mine) if MEASURES[name].complete else not known

        assert one.taken(name) == (None if lacks else amounts(known))


def test_a_measure_without_a_field_of_its_own(comparison: Comparison) -> None:
    """It is asked for like the others, and stands beside them in the JSON."""
    first, *others = comparison.standings
    found = replace(comparison, standings=(replace(first, others={"failed_turns": first.calls}), *others))

    assert found.standings[0].taken("failed_turns") == first.calls
    assert found.to_dict()["standings"][0]["failed_turns"] == found.to_dict()["standings"][0]["calls"]
    assert "others" not in found.to_dict()["standings"][0]
