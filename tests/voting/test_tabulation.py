"""Tabulation: what each ballot is counted for, who stands behind a class, and who behind others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import an_answer, approvals, ballots, points, rankings
from contemplate.errors import InputError
from contemplate.types import Ballot, Merge
from contemplate.voting.tabulation import tabulate

ONE, TWO, THREE, FOUR = (f"seat-{number}" for number in range(1, 5))


def test_choices_are_sorted_into_classes_in_the_order_of_their_first_naming() -> None:
    """Classes are numbered as they come; a ballot without an answer has no vote."""
    table = tabulate(ballots("BAB-"), "choice")

    assert [option.value for option in table.options] == ["B", "A"]
    assert [vote and vote.named for vote in table.votes] == [(0,), (1,), (0,), None]
    assert (table.backers(0), table.dissenters(0), table.silent) == ((ONE, THREE), (TWO,), (FOUR,))
    assert table.size(0) == 2


def test_equal_answers_are_one_class_and_the_merge_is_on_record() -> None:
    """The first wording stands for the class, and both values are in it."""
    first, second = an_answer("1/2", "number"), an_answer("0.5", "number")
    same = second.model_copy(update={"value": first.value})
    table = tabulate([Ballot(seat=ONE, turn="", answer=first), Ballot(seat=TWO, turn="", answer=same)], "choice")

    assert table.backers(0) == (ONE, TWO)
    assert table.merges == (Merge(answer="0.5", into="1/2", reason="equal number"),)


def test_judged_pairs_are_one_class() -> None:
    """What a model found to say the same is counted together, and both values belong to the class."""
    cast = ballots(["six", "half a dozen"], kind="text")

    assert len(tabulate(cast, "choice").options) == 2
    assert tabulate(cast, "choice", [frozenset({"six", "half a dozen"})]).answers == (frozenset({"six", "half a dozen"}),)


def test_who_approves_of_several_stands_behind_each() -> None:
    """An approval is behind all that it names, and dissents from the rest."""
    table = tabulate(approvals("AB", "B", "C"), "approval")

    assert (table.backers(0), table.backers(1)) == ((ONE,), (ONE, TWO))
    assert table.dissenters(1) == (THREE,)


def test_most_points_are_what_a_seat_stands_behind() -> None:
    """Level points are behind both; fewer points are behind neither."""
    table = tabulate(points({"A": 6, "B": 4}, {"A": 5, "B": 5}), "points")

    assert (table.backers(0), table.backers(1)) == ((ONE, TWO), (TWO,))


def test_a_comparison_of_two_others_is_no_dissent() -> None:
    """Only who preferred another answer to this one dissents from it."""
    table = tabulate(rankings("1 A>B, 1 B>C, 1 C>A"), "comparison")

    assert table.backers(0) == (ONE,)
    assert table.dissenters(0) == (THREE,)


def test_a_comparison_of_equals_abstains() -> None:
    """Both sides of the pair mean the same, so that nothing was compared."""
    same = Ballot(seat=ONE, turn="", ranking=(an_answer("A"), an_answer("A")))

    assert tabulate([same, *ballots("B")], "comparison").votes[0] is None


@pytest.mark.parametrize("weight", [float("inf"), float("nan")])
def test_weights_that_are_no_number_are_refused(weight: float) -> None:
    """The seat is named."""
    ballot = ballots("A")[0].model_copy(update={"weight": weight})

    with pytest.raises(InputError, match="the ballot of seat 'seat-1' has the weight"):
        tabulate([ballot], "choice")


@given(st.lists(st.sampled_from([*"ABCD", None]), max_size=12))
def test_each_seat_is_behind_one_class_or_silent(votes: list[str | None]) -> None:
    """Backers of all classes, and the silent, are all seats, once each; backers and dissenters are those who chose."""
    table = tabulate(ballots(votes), "choice")
    backers = [table.backers(option) for option in range(len(table.options))]
    chose = {seat for seats in backers for seat in seats}

    assert sorted([*(seat for seats in backers for seat in seats), *table.silent]) == sorted(b.seat for b in ballots(votes))
    assert all({*seats, *table.dissenters(option)} == chose for option, seats in enumerate(backers))
