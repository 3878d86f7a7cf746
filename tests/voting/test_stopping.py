"""Stop tests over a vote: published tables, brute force, and what must hold for every sequence of draws."""

from __future__ import annotations

import itertools
import time
from functools import cache
from math import comb, exp, lgamma

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contemplate.voting.stopping import (
    Beta,
    Dirichlet,
    Entropy,
    Full,
    MajorityShare,
    Predictive,
    Random,
    Samples,
    Settled,
    SettledTest,
    Window,
    fewest,
    posterior,
    stopping_point,
)
from contemplate.voting.stopping.rules import normalised_entropy

RULES: tuple[SettledTest, ...] = (
    Beta(),
    Beta(threshold=0.8),
    Dirichlet(threshold=0.7),
    MajorityShare(),
    Entropy(),
    Window(size=3),
    Random(),
    Full(),
    Predictive(),
    Predictive(threshold=0.8),
    Predictive(threshold=0.99, alpha=0.3),
)

READ: TypeAdapter[SettledTest] = TypeAdapter(Settled)


def votes(*counts: int, cap: int = 1000) -> Samples:
    """Draws with these counts, the leader's first."""
    return Samples(tuple(itertools.chain(*([answer] * count for answer, count in enumerate(counts)))), cap)


@pytest.mark.parametrize(
    ("threshold", "table"),
    [
        (0.90, [3, 5, 6, 8, 9, 11, 12, 13, 15, 16, 17]),
        (0.95, [4, 6, 8, 9, 11, 12, 14, 15, 17, 18, 19]),
        (0.99, [6, 9, 11, 13, 14, 16, 18, 19, 21, 23, 24]),
    ],
)
def test_beta_stops_where_the_table_says(threshold: float, table: list[int]) -> None:
    """The smallest leading count that stops, for 0 to 10 votes of the runner-up."""
    rule = Beta(threshold=threshold)

    assert table == [next(v for v in range(1, 40) if v >= w and rule.settled(votes(v, w))) for w in range(11)]


def test_beta_is_exact() -> None:
    """The reference values come out to the last bit."""
    assert [0.96875, 0.9375, 0.984375, 0.9892578125] == [posterior.beta(*pair) for pair in ((4, 0), (3, 0), (5, 0), (8, 1))]


@pytest.mark.parametrize(("counts", "expected"), [((8, 1, 1), 0.979), ((4, 4, 2), 0.444), ((4, 3, 1), 0.602), ((5, 1, 1), 0.889)])
def test_dirichlet_agrees_with_the_reference(counts: tuple[int, ...], expected: float) -> None:
    """Reference values from 200,000 random draws each, to their own accuracy."""
    assert posterior.dirichlet(counts) == pytest.approx(expected, abs=0.002)


@given(st.integers(0, 60), st.integers(0, 60))
def test_dirichlet_of_two_answers_is_beta(leader: int, other: int) -> None:
    """The integral agrees with the exact sum where both apply."""
    assert posterior.dirichlet((leader, other)) == pytest.approx(posterior.beta(leader, other), abs=2e-5)


def test_dirichlet_shares_out_the_whole() -> None:
    """One of the answers is the most frequent: the chances of all of them add up to 1, also for thousands of votes."""
    for counts in ((5, 3, 2, 1), (40, 39, 7), (3000, 2950, 2900)):
        chances = [posterior.dirichlet((count, *counts[:i], *counts[i + 1 :])) for i, count in enumerate(counts)]
        assert sum(chances) == pytest.approx(1, abs=1e-4)


def enumerated(leader: int, runner_up: int, rest: int, draws: int, alpha: float) -> float:
    """The chance of being overtaken, summed over every outcome of the Dirichlet-multinomial."""
    cells = (leader + alpha, runner_up + alpha, rest + alpha)
    whole = sum(cells)
    total = 0.0
    for first in range(draws + 1):
        for second in range(draws - first + 1):
            if leader + first > runner_up + second:
                continue
            outcome = (first, second, draws - first - second)
            ways = comb(draws, first) * comb(draws - first, second)
            logs = sum(lgamma(cell + more) - lgamma(cell) for cell, more in zip(cells, outcome, strict=True))
            total += ways * exp(logs + lgamma(whole) - lgamma(whole + draws))
    return total


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 8), st.integers(0, 25), st.sampled_from([0.3, 1.0, 2.5]))
def test_predictive_equals_the_enumeration(lead: int, runner_up: int, rest: int, draws: int, alpha: float) -> None:
    """The urn's recurrence gives what summing over all outcomes gives."""
    expected = enumerated(runner_up + lead, runner_up, rest, draws, alpha)

    assert posterior.overtaken(runner_up + lead, runner_up, rest, draws, alpha) == pytest.approx(expected, abs=1e-11)


def test_a_decision_takes_well_under_a_millisecond() -> None:
    """A hundred decisions that were never asked before, with 200 draws to come; the median would be noise on a shared machine."""
    started = time.process_time()
    for leader in range(100, 200):
        posterior.overtaken(leader, 77, 13, 200, 1.0)

    assert time.process_time() - started < 0.1


@given(st.integers(1, 20), st.integers(0, 20), st.integers(0, 10), st.integers(0, 40))
def test_predictive_fires_when_the_runner_up_cannot_catch_up(lead: int, runner_up: int, rest: int, left: int) -> None:
    """A lead greater than what is left is certain, at any threshold."""
    counts = (runner_up + lead, runner_up, *([1] * min(rest, runner_up * 10)))
    draws = votes(*counts, cap=sum(counts) + min(left, lead - 1))

    assert Predictive(threshold=1.0).settled(draws)


@given(st.integers(1, 20), st.integers(0, 10), st.integers(1, 40), st.floats(0.501, 1), st.floats(0.1, 5))
def test_predictive_never_fires_on_a_tie(each: int, singles: int, left: int, threshold: float, alpha: float) -> None:
    """Two answers level, and draws left."""
    counts = (each, each, *[1] * singles)

    assert not Predictive(threshold=threshold, alpha=alpha).settled(votes(*counts, cap=sum(counts) + left))


@given(st.integers(0, 15), st.integers(0, 15), st.integers(0, 10), st.integers(0, 40))
def test_predictive_rises_with_the_lead(lead: int, runner_up: int, rest: int, draws: int) -> None:
    """One vote more for the leader never makes it less sure."""
    chances = [posterior.overtaken(runner_up + more, runner_up, rest, draws, 1.0) for more in (lead, lead + 1)]

    assert chances[1] <= chances[0] + 1e-12


def test_predictive_waits_for_what_can_still_be_had() -> None:
    """The same three votes settle a cap of four, and not one of forty."""
    assert Predictive().settled(Samples((0, 0, 0), 4))
    assert not Predictive().settled(Samples((0, 0, 0), 40))


def test_unreadable_replies_are_fewer_votes_to_come() -> None:
    """Four of eight were readable, eight are left: about half of these will be votes."""
    draws = Samples((0, None, 0, None, 0, None, 0, None), 16)

    assert 4 == draws.readable
    assert 5 == draws.votes_left
    assert 8 == draws.left
    assert 10 == Samples((), 10).votes_left


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_nothing_readable_never_settles(rule: SettledTest) -> None:
    """Unreadable replies agree with nothing, not even with each other; only chance itself stops on them."""
    fires = [rule.settled(Samples((None,) * made, 12)) for made in range(13)]

    assert isinstance(rule, Random) or not any(fires)


def test_majority_share_and_entropy_at_their_defaults() -> None:
    """Shares of .8 and a normalised entropy of .75 stop, and a single vote never does."""
    assert [False, True, False, True] == [MajorityShare().settled(votes(*c)) for c in ((1,), (2,), (3, 1), (4, 1))]
    assert [False, True, False, True] == [Entropy().settled(votes(*c)) for c in ((1,), (2,), (3, 1), (4, 1))]
    assert 1.0 == pytest.approx(normalised_entropy((2, 2, 2)))
    assert normalised_entropy((4, 1)) == pytest.approx(0.7219, abs=1e-4)


def test_windows_are_consecutive_blocks() -> None:
    """Five equal draws across two windows are no window; an unreadable draw spoils its own."""
    rule = Window(size=5)

    assert rule.settled(Samples((1, 0, 0, 0, 0, 2, 2, 2, 2, 2), 40))
    assert not rule.settled(Samples((1, 0, 0, 0, 0, 0), 40))
    assert not rule.settled(Samples((0, 0, 0, 0, None), 40))
    assert not rule.settled(Samples((0, 0, 0, 0, 0, 0), 40))


def test_random_stops_about_as_often_as_it_says() -> None:
    """Seeded: the same seed stops at the same draw, and a tenth of the seeds at each."""
    stops = [stopping_point(Random(), Samples((None,) * 60, 60, seed=seed)) for seed in range(2000)]

    assert stops == [stopping_point(Random(), Samples((None,) * 60, 60, seed=seed)) for seed in range(2000)]
    assert sum(stop == 1 for stop in stops) / 2000 == pytest.approx(0.1, abs=0.02)
    assert sum(stop or 60 for stop in stops) / 2000 == pytest.approx(10, abs=0.6)


def sequences(cap: int) -> list[tuple[int | None, ...]]:
    """Every sequence of fewer than `cap` draws from three answers or none, answers numbered as they appear."""
    found: list[tuple[int | None, ...]] = [()]
    for length in range(1, cap):
        for drawn in itertools.product((None, 0, 1, 2), repeat=length):
            answers = list(dict.fromkeys(answer for answer in drawn if answer is not None))
            if answers == list(range(len(answers))):
                found.append(drawn)
    return found


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_no_outcome_fires_before_the_fewest_draws(rule: SettledTest) -> None:
    """Checked on every sequence of six draws: what is sent side by side, sampling one at a time would have paid for too."""
    cap = 6
    known = set(sequences(cap + 1))

    @cache
    def soonest(drawn: tuple[int | None, ...]) -> int:
        futures = [(*drawn, answer) for answer in (None, 0, 1, 2)] if len(drawn) < cap else []
        after = [1 if rule.settled(Samples(future, cap)) else 1 + soonest(future) for future in futures if future in known]
        return min(after, default=0)

    for drawn in sequences(cap):
        sent = fewest(rule, Samples(drawn, cap))
        assert 1 <= sent <= cap - len(drawn)
        assert sent <= soonest(drawn)


@pytest.mark.parametrize("rule", RULES, ids=repr)
@given(drawn=st.lists(st.none() | st.integers(0, 5), max_size=9), more=st.integers(0, 8))
def test_the_fewest_draws_are_the_same_whichever_answers_are_tried(rule: SettledTest, drawn: list[int | None], more: int) -> None:
    """Trying every answer that was drawn, and a new one, finds nothing earlier than trying one of each number of votes."""
    draws = Samples(tuple(drawn), len(drawn) + more)
    answers = {*(one for one in drawn if one is not None), 6}
    fires = (further for further in range(1, more) if any(rule.settled(draws.and_then(one, further)) for one in answers))

    assert next(fires, max(more, 1)) == fewest(rule, draws)


def test_the_fewest_draws_are_as_many_as_agreement_needs() -> None:
    """Beta .95 needs four equal votes; three are left to the leader after one; the cap bounds all."""
    assert 4 == fewest(Beta(), Samples((), 40))
    assert 3 == fewest(Beta(), Samples((0,), 40))
    assert 5 == fewest(Beta(), Samples((0, 1), 40))
    assert 2 == fewest(Beta(), Samples((0, 1), 4))
    assert 5 == fewest(Window(), Samples((), 40))
    assert 8 == fewest(Window(), Samples((0, 1), 40))
    assert 1 == fewest(Beta(), Samples((0, 1), 2))


def test_stopping_point_is_the_first_prefix_that_fires() -> None:
    """Four equal draws settle it, whatever was drawn beyond."""
    draws = Samples((0, 0, 0, 0, 1, 1), 40)

    assert 4 == stopping_point(Beta(), draws)
    assert stopping_point(Beta(), draws, after=4) is None
    assert stopping_point(Beta(), Samples((0, 1, 0), 40)) is None


def test_draws_beyond_the_cap_are_refused() -> None:
    """More draws than allowed is a caller's mistake."""
    with pytest.raises(ValueError, match="3 draws were made, and the cap is 2"):
        Samples((0, 0, 0), 2)


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_a_recipe_writes_it_and_reads_it(rule: SettledTest) -> None:
    """To plain values and back."""
    assert rule == READ.validate_python(rule.model_dump())


def test_without_a_rule_it_is_predictive() -> None:
    """`{test: settled}` is our default; a typo lists the rules."""
    assert Predictive(threshold=0.9) == READ.validate_python({"test": "settled", "threshold": 0.9})
    with pytest.raises(ValidationError, match="'beta', 'dirichlet', 'majority-share'"):
        READ.validate_python({"test": "settled", "rule": "betta"})
    with pytest.raises(ValidationError, match="Extra inputs"):
        READ.validate_python({"rule": "beta", "treshold": 0.9})
    with pytest.raises(ValidationError, match=r"greater than 0\.5"):
        READ.validate_python({"rule": "beta", "threshold": 0.5})


@pytest.mark.parametrize(
    ("spec", "rule"),
    [("beta(0.99)", Beta(threshold=0.99)), ("window(3)", Window(size=3)), ("entropy( .5 )", Entropy(most=0.5)), ("full", Full())],
)
def test_a_rule_may_carry_its_figure(spec: str, rule: SettledTest) -> None:
    """In brackets, as a recipe writes it short."""
    assert rule == READ.validate_python({"rule": spec})
