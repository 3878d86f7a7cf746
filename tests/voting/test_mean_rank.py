"""Mean ranks, against Borda's rule and by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import an_answer
from contemplate.types import Ballot
from contemplate.voting import decide
from contemplate.voting.mean_rank import mean_ranks

CAPITALS = [*["MNCK"] * 42, *["NCKM"] * 26, *["CKNM"] * 15, *["KCNM"] * 17]


def test_the_capital_of_tennessee() -> None:
    """Over 100 voters: 4 minus the Borda points of each city for one voter."""
    expected = {"M": 4 - 1.26, "N": 4 - 1.94, "C": 4 - 1.73, "K": 4 - 1.07}

    assert mean_ranks(CAPITALS, "MNCK") == pytest.approx(expected)


def test_those_not_named_share_the_last_places() -> None:
    """Two of four are named: the other two are at 3.5; what is no candidate, or comes twice, changes nothing."""
    assert mean_ranks(["BXBA"], "ABCD") == {"B": 1.0, "A": 2.0, "C": 3.5, "D": 3.5}


@given(
    st.lists(st.permutations("ABCD").flatmap(lambda whole: st.integers(1, 4).map(lambda n: whole[:n])), min_size=1, max_size=20)
)
def test_borda_orders_alike(rankings: list[list[str]]) -> None:
    """With m candidates and n rankings, Borda points are n times (m - mean rank), partial rankings too."""
    answers = {name: an_answer(name, "text") for name in "ABCD"}
    ballots = [
        Ballot(seat=f"seat-{n}", turn=str(n), ranking=tuple(answers[name] for name in ranking))
        for n, ranking in enumerate([list("ABCD"), *rankings])
    ]
    tally = {row.answer: row.weight for row in decide(ballots, rule="borda").tally}
    means = mean_ranks(["ABCD", *rankings], "ABCD")

    assert tally == pytest.approx({name: len(ballots) * (4 - mean) for name, mean in means.items()})
