"""The verb `rank`: what is shown to a seat that fills in a ballot, and which ballots count."""

from __future__ import annotations

from typing import Any

import pytest

from contemplate import Propose, Strategy, Vote
from contemplate.steps import Rank
from discussions import lettered, voters
from stage import Stage

PROPOSALS = {"proposer": ["ONE Answer: 1", "TWO Answer: 2", "THREE Answer: 1"]}


@pytest.mark.parametrize(("shows", "marks"), [("answer", []), ("reply", ["ONE", "TWO"])])
async def test_rank_shows_one_reply_or_the_bare_answer_for_each_distinct_answer(
    stage: Stage, shows: Any, marks: list[str]
) -> None:
    """The first reply that gave it stands for an answer."""
    strategy = Strategy(steps=[Propose(), Rank(form="ranking", shows=shows, own="include"), Vote(rule="borda")])
    show = await stage(strategy, {**PROPOSALS, "voter": ["Final ranking: A, B"]})

    assert show.roles.count("voter") == 3
    for seat in (1, 2, 3):
        turn = f"2.rank/seat-{seat}/ballot"
        assert [mark for mark in ("ONE", "TWO", "THREE") if mark in show.shown(turn)] == marks
        assert show.sources(turn) == ["1.propose/seat-1", "1.propose/seat-2"]
        assert set(show.turn(turn).found.ranking or ()) == {"1.propose/seat-1", "1.propose/seat-2"}


async def test_a_vote_counts_ballots_and_not_the_seats_own_answers(stage: Stage) -> None:
    """Two of three hold 1, and all vote for 2."""
    strategy = Strategy(steps=[Propose(), Rank(form="choice", own="include"), Vote()])
    show = await stage(strategy, {**PROPOSALS, "voter": voters(["2"], form="choice")})

    assert show.answer == "2"
    assert show.sources("3.vote/final") == [f"2.rank/seat-{n}/ballot" for n in (1, 2, 3)]


async def test_a_seat_without_an_answer_of_its_own_votes_too(stage: Stage) -> None:
    """Its ballot counts."""
    strategy = Strategy(steps=[Propose(), Rank(form="choice", own="include"), Vote()])
    show = await stage(
        strategy, {"proposer": ["Answer: 1", "Answer: 2", "hm"], "voter": voters(["1"], ["2"], ["2"], form="choice")}
    )

    assert show.answer == "2"


async def test_a_ballot_has_at_most_26_answers(stage: Stage) -> None:
    """Those held by the most seats; letters do not run out."""
    proposals = [f"Answer: {number}" for number in [*range(30), 29]]
    strategy = Strategy(steps=[Propose(seats=31), Rank(form="choice", own="include"), Vote()])
    show = await stage(strategy, {"proposer": proposals, "voter": ["Choice: Z"]})

    listed = lettered(show.request("2.rank/seat-1/ballot"))
    assert len(listed) == 26
    assert set(listed) == {*map(str, range(25)), "29"}
    assert show.answer is not None
