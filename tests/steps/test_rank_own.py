"""Self-exclusion: no seat finds its own reply on its ballot unless it is to, and the counts stay right over different ballots."""

from __future__ import annotations

from typing import Any

import pytest

from contemplate import Propose, Request, Strategy, Vote
from contemplate.steps import Rank
from discussions import lettered, voters
from stage import Show, Stage

MARKS = ("ONE", "TWO", "THREE", "FOUR")
FOUR = {"proposer": [f"{mark} Answer: {number}" for number, mark in enumerate(MARKS, 1)]}


def ranked(seats: int = 4, **words: Any) -> Strategy:
    """A panel that ranks all replies and counts by Borda."""
    return Strategy(
        steps=[Propose(seats=seats), Rank.model_validate({"shows": "reply", "of": "each", **words}), Vote(rule="borda")]
    )


def tally(show: Show) -> dict[str, float]:
    """The score of each answer."""
    return {row.answer: row.weight for row in show.decision.tally}


async def test_a_seat_does_not_find_its_own_reply(stage: Stage) -> None:
    """The three others stand there, and its ballot comes from them alone."""
    show = await stage(ranked(), {**FOUR, "voter": ["Final ranking: A, B, C"]})

    for seat in range(1, 5):
        turn = f"2.rank/seat-{seat}/ballot"
        assert [mark in show.shown(turn) for mark in MARKS] == [other != seat for other in range(1, 5)]
        assert f"1.propose/seat-{seat}" not in show.sources(turn)
        assert "Reply D" not in show.shown(turn)


async def test_it_may_be_included(stage: Stage) -> None:
    """All four stand there then."""
    show = await stage(ranked(own="include"), {**FOUR, "voter": ["Final ranking: A, B, C, D"]})

    assert all(mark in show.shown("2.rank/seat-2/ballot") for mark in MARKS)


async def test_borda_over_different_ballots(stage: Stage) -> None:
    """All rank 1 > 2 > 3 > 4, each without its own: a ballot's points go from 3 to 0, and means of three are times four."""

    def voter(request: Request) -> str:
        shown = _marks(request)
        return f"Final ranking: {', '.join(shown[mark] for mark in MARKS if mark in shown)}"

    show = await stage(ranked(), {**FOUR, "voter": voter})

    # 1 is first three times; 2 is first once, and second of three twice; 3 second twice, last once; 4 last three times
    assert tally(show) == {"1": 12.0, "2": pytest.approx(8.0), "3": pytest.approx(4.0), "4": 0.0}
    assert show.answer == "1"
    assert show.decision.dissent == ()
    assert show.decision.confidence == pytest.approx(4 / 5)


def _marks(request: Request) -> dict[str, str]:
    lines = request.messages[-1].content.splitlines()
    return {lines[at + 1].split()[0]: line.split()[2] for at, line in enumerate(lines) if line.startswith("--- Reply ")}


async def test_everybody_for_itself_wins_nothing(stage: Stage) -> None:
    """Seats that would all put themselves first: with their own on the ballot all are level, without it nobody can."""
    own = {mark: request for request, mark in enumerate(MARKS)}

    def vain(request: Request) -> str:
        shown = _marks(request)
        first = sorted(shown, key=lambda mark: (own[mark] != request.draw, own[mark]))
        return f"Final ranking: {', '.join(shown[mark] for mark in first)}"

    included = await stage(ranked(own="include"), {**FOUR, "voter": vain})
    excluded = await stage(ranked(), {**FOUR, "voter": vain})

    assert included.decision.tally[0].votes == 1
    assert excluded.decision.tally[0].answer == "1"
    assert excluded.decision.tally[0].votes == 3


async def test_two_seats_have_nothing_to_rank(stage: Stage) -> None:
    """One reply is left for each: nobody is asked, and the vote counts their own answers."""
    show = await stage(ranked(2), FOUR)

    assert show.roles == ["proposer", "proposer"]
    assert tally(show) == {"1": 1.0, "2": 1.0}


async def test_an_answer_that_others_hold_too_stands_there_in_their_words(stage: Stage) -> None:
    """Seats 1 and 2 say 1, 3 says 2, 4 says 3: seat 1 sees the reply of seat 2 for its answer; seat 3 sees no 2."""
    said = ["ONE Answer: 1", "TWO Answer: 1", "THREE Answer: 2", "FOUR Answer: 3"]
    strategy = Strategy(steps=[Propose(seats=4), Rank(form="choice", shows="reply"), Vote()])
    show = await stage(strategy, {"proposer": said, "voter": ["Choice: A"]})

    shown = {seat: [mark for mark in MARKS if mark in show.shown(f"2.rank/seat-{seat}/ballot")] for seat in range(1, 5)}
    assert shown == {1: ["TWO", "THREE", "FOUR"], 2: ["ONE", "THREE", "FOUR"], 3: ["ONE", "FOUR"], 4: ["ONE", "THREE"]}


async def test_a_seat_whose_batch_is_one_fills_in_no_ballot(stage: Stage) -> None:
    """Seat 1 holds 1 alone, and 2 is the only other answer: the others choose."""
    strategy = Strategy(steps=[Propose(seats=3), Rank(form="choice"), Vote()])
    show = await stage(strategy, {"proposer": ["Answer: 1", "Answer: 2", "Answer: 2"], "voter": voters(["1"], form="choice")})

    assert show.ids("rank") == ["2.rank/seat-2/ballot", "2.rank/seat-3/ballot"]
    assert show.answer == "1"


async def test_who_could_not_vote_for_the_winner_does_not_dissent(stage: Stage) -> None:
    """Seat 1's own answer wins unanimously: its ballot lacked it, and says nothing against it."""
    strategy = Strategy(steps=[Propose(seats=4), Rank(form="choice"), Vote(rule="unanimity")])

    def voter(request: Request) -> str:
        shown = lettered(request)
        return f"Choice: {shown.get('1') or shown['2']}"

    show = await stage(strategy, {**FOUR, "voter": voter})

    assert show.answer == "1"
    assert show.decision.dissent == ()
    assert show.decision.confidence == pytest.approx(4 / 5)


async def test_letters_that_are_on_no_ballot_rank_nothing(stage: Stage) -> None:
    """Z, Q and D were never shown: what is left of each ranking counts, and nothing else."""
    show = await stage(ranked(), {**FOUR, "voter": ["Final ranking: Z, D, Q, A"]})

    assert [len(show.turn(f"2.rank/seat-{seat}/ballot").found.ranking or ()) for seat in range(1, 5)] == [1] * 4
