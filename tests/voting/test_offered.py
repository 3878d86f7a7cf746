"""Ballots that lack some answers: they say nothing of these, under any rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import an_answer
from contemplate.types import Ballot, Decision
from contemplate.voting import decide
from contemplate.voting.mean_rank import mean_ranks

NAMES = "ABCD"
ANSWERS = {name: an_answer(name, "text") for name in NAMES}
RANKED = ["borda", "copeland", "ranked-pairs", "instant-runoff"]


def ranking(seat: int, best_first: str, of: str = "") -> Ballot:
    """A seat's ranking, of the answers `of`; empty: of all."""
    return Ballot(
        seat=f"seat-{seat}",
        turn=str(seat),
        ranking=tuple(ANSWERS[name] for name in best_first),
        offered=tuple(ANSWERS[name] for name in of),
    )


def without_own(order: str, rule: str) -> Decision:
    """Each of four ranks the others alike."""
    ballots = [ranking(seat, order.replace(own, ""), NAMES.replace(own, "")) for seat, own in enumerate(NAMES, 1)]
    return decide(ballots, rule=rule)


@pytest.mark.parametrize("rule", RANKED)
@given(order=st.permutations(NAMES).map("".join))
def test_what_all_others_put_first_wins(rule: str, order: str) -> None:
    """Though its author can't; who could not name it does not dissent."""
    decision = without_own(order, rule)

    assert decision.winner == order[0]
    assert f"seat-{NAMES.index(order[0]) + 1}" not in decision.dissent
    assert decision.dissent == ()


@pytest.mark.parametrize("rule", RANKED)
@given(
    st.lists(
        st.permutations(NAMES).flatmap(lambda whole: st.integers(1, 4).map(lambda n: "".join(whole[:n]))), min_size=1, max_size=9
    )
)
def test_a_ballot_of_all_is_a_ballot(rule: str, rankings: list[str]) -> None:
    """That all stood on it changes nothing."""
    plain = decide([ranking(seat, said) for seat, said in enumerate(rankings, 1)], rule=rule)
    offered = decide([ranking(seat, said, NAMES) for seat, said in enumerate(rankings, 1)], rule=rule)

    assert plain == offered


def test_borda_is_a_mean_over_the_ballots_that_had_it() -> None:
    """A is first on the only ballot that has it, B on one of three: A is at 3 of 3 points, and B below."""
    ballots = [ranking(1, "AB", "AB"), ranking(2, "BCD", "BCD"), ranking(3, "CBD", "BCD")]
    tally = {row.answer: row.weight for row in decide(ballots, rule="borda").tally}

    assert tally == {"A": 9.0, "B": pytest.approx(0 + 3 + 1.5), "C": pytest.approx((1.5 + 3) * 3 / 2), "D": 0.0}


def test_the_mean_rank_is_stretched_over_the_batch() -> None:
    """Last of two is as bad as last of four."""
    ranks = mean_ranks(["AB", "BCD", "CBD"], NAMES, ["AB", "BCD", "BCD"])

    assert ranks == {"A": 1.0, "B": pytest.approx((4 + 1 + 2.5) / 3), "C": pytest.approx(1.75), "D": 4.0}


def test_a_batch_of_one_ranks_nothing() -> None:
    """And who stands in no other has no rank."""
    assert mean_ranks(["A", "BC"], "ABC", ["A", "BC"]) == {"B": 1.0, "C": 3.0}


@pytest.mark.parametrize(("rule", "answer"), [("majority", "A"), ("supermajority", "A"), ("unanimity", "A"), ("hybrid", "A")])
def test_a_share_is_of_those_that_could(rule: str, answer: str) -> None:
    """Two of the two votes that could be for A are, and the third could not."""
    offered = {1: "BC", 2: "AC", 3: "AB"}
    ballots = [
        Ballot(seat=f"seat-{n}", turn=str(n), answer=ANSWERS[said], offered=tuple(ANSWERS[name] for name in offered[n]))
        for n, said in ((1, "B"), (2, "A"), (3, "A"))
    ]
    decision = decide(ballots, rule=rule)

    assert decision.winner == answer
    assert decision.dissent == ()
    assert decision.confidence == pytest.approx(3 / 4)


def test_approvals_and_points_are_evened_out() -> None:
    """One approval of one is as much as two of two."""
    ballots = [
        Ballot(seat="seat-1", turn="1", approved=(ANSWERS["A"], ANSWERS["B"]), offered=(ANSWERS["A"], ANSWERS["B"])),
        Ballot(seat="seat-2", turn="2", approved=(ANSWERS["B"],), offered=(ANSWERS["B"], ANSWERS["C"])),
    ]
    tally = {row.answer: row.weight for row in decide(ballots, rule="approval", ties="first-seen").tally}

    assert tally == {"A": 2.0, "B": 2.0}
