"""Judges measured against themselves: the weight of one that is asked in both orders."""

from __future__ import annotations

import random
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.voting.reliability import BothOrders, Consistency, consistency, consistency_weight

CHOICES = st.sampled_from(["a", "b", None])
PAIRS = st.lists(st.tuples(CHOICES, CHOICES), max_size=60)


def judged(how: Literal["steady", "guesses", "first"], pairs: int = 2000) -> Consistency:
    """What is found of a judge of that kind; the pair is shown as 1 2, then as 2 1."""
    draw = random.Random(3)
    said: dict[str, list[BothOrders]] = {
        "steady": [(choice := draw.choice((1, 2)), choice) for _ in range(pairs)],
        "guesses": [(draw.choice((1, 2)), draw.choice((1, 2))) for _ in range(pairs)],
        "first": [(1, 2)] * pairs,
    }
    return consistency({how: said[how]})[0]


def test_by_hand() -> None:
    """Three of four: c = 4/6, so (2c - 1) / (1 - c) is 1."""
    found = consistency({"j": [("a", "a"), ("b", "b"), ("a", "b"), ("a", "a")]})

    assert (Consistency(judge="j", pairs=4, consistent=3, weight=1.0),) == found


def test_a_judge_that_goes_by_place_weighs_nothing() -> None:
    """It never says the same twice."""
    assert (0, 0.0) == (judged("first").consistent, judged("first").weight)


def test_a_judge_that_guesses_weighs_next_to_nothing() -> None:
    """It repeats itself in half of the pairs."""
    assert pytest.approx(0, abs=0.1) == judged("guesses").weight


def test_a_steady_judge_outweighs_many_that_waver() -> None:
    """Who never changes its mind weighs more than eleven who do so one time in four together."""
    assert judged("steady", 100).weight > 11 * consistency_weight(75, 100)


def test_nobody_weighs_anything_before_it_has_judged() -> None:
    """Worth nothing until shown otherwise; and a pair of which nothing was read shows nothing."""
    assert [0.0, 0.0] == [one.weight for one in consistency({"new": [], "silent": [(None, None)] * 9})]
    assert [0, 0] == [one.pairs for one in consistency({"new": [], "silent": [(None, None)] * 9})]


def test_a_choice_that_could_not_be_read_was_not_repeated() -> None:
    """In one of the two orders."""
    assert (2, 1) == ((one := consistency({"j": [("a", None), ("a", "a")]})[0]).pairs, one.consistent)


@given(PAIRS)
def test_one_more_repeated_choice_never_lowers_the_weight(pairs: list[BothOrders]) -> None:
    """And one that is not repeated never raises it."""
    before, kept, changed = (consistency({"j": said})[0].weight for said in (pairs, [*pairs, ("a", "a")], [*pairs, ("a", "b")]))

    assert changed <= before <= kept


@given(PAIRS)
def test_which_order_came_first_changes_nothing(pairs: list[BothOrders]) -> None:
    """The two orders are equals."""
    assert consistency({"j": pairs}) == consistency({"j": [(other, one) for one, other in pairs]})
