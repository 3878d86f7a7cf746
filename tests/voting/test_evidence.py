"""First votes, final votes and verification, weighed."""

from __future__ import annotations

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import an_answer, ballots
from contemplate.errors import InputError
from contemplate.types import Ballot
from contemplate.voting import weigh

WEIGHTS = {"first": 1, "final": 1, "verification": 2}


def test_a_minority_that_alone_survives_verification_wins() -> None:
    """One seat of three holds, from first to last, the only answer that passes its checks."""
    decision = weigh(ballots("AAB"), ballots("AAB"), {"A": 0, "B": 1}, weights=WEIGHTS)

    assert (decision.rule, decision.winner, decision.value) == ("evidence", "B", "B")
    assert [(row.answer, row.votes, row.seats) for row in decision.tally] == [
        ("B", 1, ("seat-3",)),
        ("A", 2, ("seat-1", "seat-2")),
    ]
    assert [row.weight for row in decision.tally] == pytest.approx([2 / 3, 1 / 3])
    assert decision.tally[0].shares == pytest.approx({"first": 1 / 3, "final": 1 / 3, "verification": 1})
    assert decision.margin == pytest.approx(1 / 3)
    assert decision.dissent == ("seat-1", "seat-2")
    assert decision.confidence == pytest.approx((2 / 5 + 2 / 3) / 2)


def test_verification_that_says_nothing_drops_out() -> None:
    """Where nothing was checked, or nothing passed, the votes decide."""
    decisions = [
        weigh(ballots("AAB"), ballots("ABB"), passed, weights={"first": 2, "final": 1, "verification": 9})
        for passed in ({}, {"A": 0.0, "B": 0.0}, {"Z": 1.0})
    ]

    assert decisions[0] == decisions[1] == decisions[2]
    assert decisions[0].winner == "A"
    assert {row.answer: row.weight for row in decisions[0].tally} == pytest.approx({"A": 5 / 9, "B": 4 / 9})
    assert set(decisions[0].tally[0].shares) == {"first", "final"}


@pytest.mark.parametrize(
    ("weights", "winner"),
    [({"first": 1}, "A"), ({"final": 1}, "B"), ({"verification": 1}, "C"), ({"first": 1, "final": 0, "verification": 0}, "A")],
)
def test_each_can_be_switched_off(weights: dict[str, float], winner: str) -> None:
    """A weight of 0, or none, leaves it out; an answer of first votes alone can win, though nobody holds it any more."""
    decision = weigh(ballots("AAC"), ballots("BBC"), {"C": 0.5}, weights=weights)

    assert decision.winner == winner
    assert [set(row.shares) for row in decision.tally] == [{name for name, weight in weights.items() if weight}] * 3


def test_quorum_and_abstentions_are_those_of_the_end() -> None:
    """Who fell silent abstains, whatever it said at first."""
    decision = weigh(ballots("AAAA"), ballots("A--B"), {}, weights=WEIGHTS, quorum=3)

    assert (decision.winner, decision.abstentions) == (None, ("seat-2", "seat-3"))
    assert decision.reason == "2 of 4 seats gave an answer, the quorum is 3"


def test_thirds_make_a_tie() -> None:
    """Shares given as floats are the fractions that they stand for, so that level evidence is a tie."""
    cast, passed = ballots("AAABBBBBB"), {"A": 2 / 3, "B": 1 / 3}
    weights = {"first": 0.1, "final": 0.2, "verification": 0.3}
    decision = weigh(cast, cast, passed, weights=weights, ties="judge")

    assert (decision.winner, decision.ties, decision.tie_break) == (None, ("A", "B"), "none")
    assert weigh(cast, cast, passed, weights=weights, ties="first-seen").winner == "A"


def test_several_wordings_of_an_answer() -> None:
    """Wordings judged the same are one answer; its checks are the mean over those that were checked."""
    x, y, z = (an_answer(text, "text") for text in ("six", "half a dozen", "ten"))
    cast = [Ballot(seat=str(place), turn="", answer=answer) for place, answer in enumerate([x, y, z])]
    decision = weigh(
        cast, cast, {"six": 1, "half a dozen": 0.5, "ten": 0.25}, weights=WEIGHTS, judged=[frozenset({"six", "half a dozen"})]
    )

    assert [(row.answer, row.votes, row.shares["verification"]) for row in decision.tally] == [("six", 2, 0.75), ("ten", 1, 0.25)]


def test_nothing_to_weigh() -> None:
    """Without a vote, or with verification alone and none passed, there is no winner."""
    assert weigh([], [], {}, weights=WEIGHTS).winner is None
    assert weigh(ballots("--"), ballots("--"), {"A": 1}, weights=WEIGHTS).tally == ()
    assert weigh(ballots("A"), ballots("A"), {}, weights={"verification": 1}).reason == "there is nothing to be weighed"


@pytest.mark.parametrize("weights", [{}, {"first": 0}, {"first": -1}, {"first": nan}, {"final": inf}, {"talk": 1}])
def test_weights_that_make_no_sense(weights: dict[str, float]) -> None:
    """None, negative, endless or unknown ones are refused."""
    with pytest.raises(InputError, match="weigh"):
        weigh([], [], {}, weights=weights)


@pytest.mark.parametrize("share", [-0.1, 1.1, nan, inf])
def test_shares_out_of_range(share: float) -> None:
    """What passed is a share of the checks."""
    with pytest.raises(InputError, match="must be a share"):
        weigh([], [], {"A": share}, weights=WEIGHTS)


SEATS = st.lists(st.tuples(st.sampled_from("ABC-"), st.sampled_from("ABC-")), max_size=6)
PASSED = st.dictionaries(st.sampled_from("ABCZ"), st.sampled_from([0, 1 / 3, 0.5, 1]))
SOME = st.fixed_dictionaries({name: st.sampled_from([0, 0.5, 1, 2]) for name in WEIGHTS}).filter(lambda some: any(some.values()))


@given(seats=SEATS, passed=PASSED, weights=SOME, data=st.data())
def test_the_books_balance(
    seats: list[tuple[str, str]], passed: dict[str, float], weights: dict[str, float], data: st.DataObject
) -> None:
    """Shares and scores sum to 1, figures are in range, and the order of the seats changes nothing."""
    first, final = (ballots("".join(said)) for said in (zip(*seats, strict=True) if seats else ("", "")))
    decision = weigh(first, final, passed, weights=weights, seed=5)
    order = data.draw(st.permutations(range(len(seats))))
    other = weigh([first[place] for place in order], [final[place] for place in order], passed, weights=weights, seed=5)

    assert (decision.winner, decision.margin, decision.confidence) == (other.winner, other.margin, other.confidence)
    assert 0 <= decision.margin <= 1
    assert 0 <= decision.confidence < 1
    assert (decision.winner is None) == (decision.reason is not None)
    assert sum(tally.votes for tally in decision.tally) + len(decision.abstentions) == len(seats)
    if decision.winner is not None:
        assert sum(tally.weight for tally in decision.tally) == pytest.approx(1)
        for name in decision.tally[0].shares:
            assert sum(tally.shares[name] for tally in decision.tally) == pytest.approx(1)
