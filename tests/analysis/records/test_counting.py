"""A vote over classes is the vote that ballots would give, by every rule."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import ballots
from contemplate.analysis.records.counting import leading
from contemplate.voting import RULES, decide

CAST = st.lists(st.tuples(st.none() | st.integers(0, 4), st.sampled_from([0.0, 0.25, 1.0, 2.0])), min_size=1, max_size=9)


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=40, deadline=None)
@given(cast=CAST)
def test_every_rule_counts_as_over_ballots(rule: str, cast: list[tuple[int | None, float]]) -> None:
    """Unweighted, and by weight where the rule goes by it: the same winner, the same tie, the same refusal."""
    classes = tuple(place for place, _ in cast)
    votes = [None if place is None else str(place) for place in classes]
    for weighted in {False, RULES[rule].weighted}:
        weights = tuple(weight for _, weight in cast) if weighted else None
        decision = decide(ballots(votes, weights or (), "text"), rule=rule, ties="first-seen")
        expected = set(decision.ties) or {decision.winner} if decision.winner is not None else set()

        assert expected == {str(place) for place in leading(classes, weights, rule)}


def test_a_threshold_is_passed_on() -> None:
    """Three of four are enough for two thirds, and too few for four fifths."""
    assert (2,) == leading((2, 2, 1, 2), rule="supermajority")
    assert () == leading((2, 2, 1, 2), rule="supermajority", threshold=0.8)
