"""Properties that voting rules must have, whatever the ballots are."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import ballots
from contemplate.types import Ballot
from contemplate.voting import RULES, TieRule, decide

Votes = list[tuple[str | None, int]]

VOTES: st.SearchStrategy[Votes] = st.lists(st.tuples(st.sampled_from(["A", "B", "C", "D", None]), st.integers(0, 8)), max_size=12)
RULE = st.sampled_from(sorted(RULES))


def panel(votes: Sequence[tuple[str | None, int]]) -> list[Ballot]:
    """One ballot for each (answer, weight)."""
    return ballots([vote for vote, _ in votes], [weight for _, weight in votes])


@given(votes=VOTES, rule=RULE, ties=st.sampled_from(["random", "none"]), seed=st.integers(0, 9), data=st.data())
def test_anonymity(votes: Votes, rule: str, ties: TieRule, seed: int, data: st.DataObject) -> None:
    """Who cast a ballot, and where it stands, changes nothing."""
    shuffled = data.draw(st.permutations(votes))
    one, other = (decide(panel(cast), rule=rule, ties=ties, seed=seed) for cast in (votes, shuffled))

    assert (one.winner, one.margin, one.confidence) == (other.winner, other.margin, other.confidence)
    assert {(tally.answer, tally.votes, tally.weight) for tally in one.tally} == {
        (tally.answer, tally.votes, tally.weight) for tally in other.tally
    }


@given(votes=VOTES, rule=RULE, names=st.permutations(["A", "B", "C", "D"]))
def test_neutrality(votes: Votes, rule: str, names: list[str]) -> None:
    """Renaming the answers renames the winner, where no draw decides."""
    renaming = dict(zip("ABCD", names, strict=True))
    renamed = [(vote and renaming[vote], weight) for vote, weight in votes]

    one, other = (decide(panel(cast), rule=rule, ties="first-seen") for cast in (votes, renamed))

    assert other.winner == (one.winner and renaming[one.winner])


@given(rule=RULE, count=st.integers(1, 9), absent=st.integers(0, 9), weight=st.integers(1, 9))
def test_unanimity(rule: str, count: int, absent: int, weight: int) -> None:
    """What all who vote want wins, by every rule."""
    decision = decide(panel([("A", weight)] * count + [(None, weight)] * absent), rule=rule)

    assert (decision.winner, decision.margin, decision.ties, decision.dissent) == ("A", 1, (), ())


@pytest.mark.parametrize("rule", ["plurality", "majority", "supermajority", "weighted"])
@given(votes=VOTES, extra=st.integers(0, 11), seed=st.integers(0, 9))
def test_monotonicity(rule: str, votes: Votes, extra: int, seed: int) -> None:
    """A ballot that changes to the winner never costs it the win."""
    before = decide(panel(votes), rule=rule, seed=seed)
    if before.winner is not None:
        place = extra % len(votes)
        changed = [*votes[:place], (before.winner, votes[place][1]), *votes[place + 1 :]]

        assert decide(panel(changed), rule=rule, seed=seed).winner == before.winner


@given(votes=VOTES, power=st.sampled_from([-90, -3, -1, 2, 90]), seed=st.integers(0, 9))
def test_scaling_weights(votes: Votes, power: int, seed: int) -> None:
    """Only the proportions of weights matter, as they are written."""
    scaled = [ballot.model_copy(update={"weight": float(f"{ballot.weight}e{power}")}) for ballot in panel(votes)]

    one, other = (decide(cast, rule="weighted", seed=seed) for cast in (panel(votes), scaled))

    assert (one.winner, one.margin, one.confidence, one.ties) == (other.winner, other.margin, other.confidence, other.ties)


@given(votes=VOTES, rule=RULE, ties=st.sampled_from(["random", "none", "first-seen"]), quorum=st.integers(1, 6))
def test_the_books_balance(votes: Votes, rule: str, ties: TieRule, quorum: int) -> None:
    """Every ballot is in the tally or an abstention, figures are in range, and a winner is one of the answers."""
    decision = decide(panel(votes), rule=rule, ties=ties, quorum=quorum)
    seats = [seat for tally in decision.tally for seat in tally.seats]

    assert sorted([*seats, *decision.abstentions]) == sorted(ballot.seat for ballot in panel(votes))
    assert sum(tally.votes for tally in decision.tally) == sum(vote is not None for vote, _ in votes)
    assert [tally.weight for tally in decision.tally] == sorted((tally.weight for tally in decision.tally), reverse=True)
    assert 0 <= decision.margin <= 1
    assert 0 <= decision.confidence < 1
    assert decision.winner in {None, *(vote for vote, _ in votes if vote)}
    assert (decision.winner is None) == (decision.reason is not None)
    if decision.winner is not None:
        winners = next(tally.seats for tally in decision.tally if tally.answer == decision.winner)
        assert {*winners, *decision.dissent} == set(seats)
        assert len(seats) >= quorum


@given(votes=VOTES, rule=RULE, seed=st.integers(0, 9))
def test_abstentions_change_no_winner(votes: Votes, rule: str, seed: int) -> None:
    """More seats without an answer leave the winner and the margin, and lower the confidence."""
    one, other = (decide(panel(cast), rule=rule, seed=seed) for cast in (votes, [*votes, (None, 1)]))

    assert (one.winner, one.margin, one.ties) == (other.winner, other.margin, other.ties)


def test_a_draw_is_fair() -> None:
    """Over many seeds each of three tied answers wins about a third of the draws."""
    winners = [decide(panel([("A", 1), ("B", 1), ("C", 1)]), seed=seed).winner for seed in range(600)]

    assert all(150 < winners.count(answer) < 250 for answer in "ABC")
