"""`parallel-refine`: solved side by side, each solution refined by its author alone, then one answer made of all."""

from __future__ import annotations

from collections import Counter

import pytest

from contemplate import Completion
from stage import Line, Stage

FIRST = [f"FIRST-{number} Answer: {number}" for number in range(5)]
LATER = [f"LATER-{number} Answer: {number % 5}" for number in range(15)]


async def test_three_stages(stage: Stage) -> None:
    """Five solve, each refines its own twice, and one writes the answer out of what they came to."""
    show = await stage("parallel-refine", {"proposer": FIRST, "refiner": LATER, "synthesizer": ["Answer: 42"]})

    assert show.roles[-1] == "synthesizer"
    assert Counter(show.roles) == {"proposer": 5, "refiner": 10, "synthesizer": 1}
    assert sorted(show.sources("4.synthesize/synthesizer")) == [f"2.revise/2/seat-{seat}" for seat in range(1, 6)]
    assert (show.answer, show.decision.rule) == ("42", "synthesis")


@pytest.mark.parametrize("seat", range(1, 6))
async def test_each_refines_its_own_and_sees_nobody(stage: Stage, seat: int) -> None:
    """A refiner is shown the problem and its last solution, and neither the one before nor anybody else's."""
    show = await stage("parallel-refine", {"proposer": FIRST, "refiner": LATER, "synthesizer": ["Answer: 42"]})

    turn = f"2.revise/2/seat-{seat}"
    assert show.saw(turn) == [(f"2.revise/1/seat-{seat}", "revised")]
    own = show.turn(f"2.revise/1/seat-{seat}").words
    assert [said for said in (*FIRST, *LATER) if said in show.shown(turn)] == [own]
    assert [message.role for message in show.request(turn).messages] == ["user"]


@pytest.mark.parametrize(("rounds", "calls"), [(1, 6), (2, 11), (4, 21)])
async def test_rounds_count_the_independent_one(stage: Stage, rounds: int, calls: int) -> None:
    """One round is solving alone; the synthesizer comes on top."""
    lines = {"proposer": FIRST, "refiner": LATER, "synthesizer": ["Answer: 42"]}

    assert (await stage("parallel-refine", lines, set={"rounds": rounds})).calls == calls


@pytest.mark.parametrize("turn", ["1.propose/seat-1", "2.revise/1/seat-1", "2.revise/2/seat-5"])
@pytest.mark.parametrize("words", [150, 40, 0])
async def test_the_length_wanted_is_told(stage: Stage, turn: str, words: int) -> None:
    """To whoever solves or refines, right before the form of the answer; 0 tells nobody anything."""
    lines = {"proposer": FIRST, "refiner": LATER, "synthesizer": ["Answer: 42"]}

    shown = (await stage("parallel-refine", lines, set={"words": words})).shown(turn)

    assert (f"Use at most {words} words in all.\n" in shown, "words in all" in shown) == (words > 0, words > 0)


async def test_the_vote_may_decide(stage: Stage) -> None:
    """Nobody writes anything then: the refined answers are counted, and the first ones beside them."""
    said = ["Answer: 1", "Answer: 1", "Answer: 2", "Answer: 2", "Answer: 2"]

    show = await stage("parallel-refine", {"proposer": ["Answer: 1"], "refiner": said}, set={"synthesis": "never"})

    assert (show.answer, show.calls) == ("2", 15)
    assert show.outcome.first_decision is not None
    assert show.outcome.first_decision.winner == "1"


@pytest.mark.parametrize(("last", "answer", "calls"), [("Answer: 1", "1", 12), ("Answer: 2", "42", 13)])
async def test_a_synthesizer_may_be_kept_for_ties(stage: Stage, last: str, answer: str, calls: int) -> None:
    """A vote that is clear stands; a tied one is written anew."""
    lines = {"proposer": ["Answer: 7"], "refiner": ["Answer: 1", "Answer: 1", "Answer: 2", last], "synthesizer": ["Answer: 42"]}

    show = await stage("parallel-refine", lines, set={"synthesis": "tie", "seats": 4})

    assert (show.answer, show.calls) == (answer, calls)


async def test_without_a_readable_synthesis_the_vote_stands(stage: Stage) -> None:
    """The refined answers decide, and the decision says why."""
    show = await stage("parallel-refine", {"proposer": FIRST, "refiner": ["Answer: 3"], "synthesizer": ["hm"]})

    assert show.answer == "3"
    assert show.decision.reason is not None


@pytest.mark.parametrize("lost", ["hm", Completion(text="Answer: 9", finish="length")], ids=["unreadable", "cut off"])
async def test_a_refinement_that_fails_costs_no_seat_its_answer(stage: Stage, lost: Line) -> None:
    """Its earlier solution counts in the vote, and is what the synthesizer reads."""
    refined: list[Line] = ["Answer: 2", lost, "Answer: 2"]
    lines = {"proposer": ["Answer: 1"], "refiner": refined, "synthesizer": ["Answer: 42"]}

    show = await stage("parallel-refine", lines, set={"seats": 3, "rounds": 2})

    assert sorted(show.sources("4.synthesize/synthesizer")) == ["1.propose/seat-2", "2.revise/1/seat-1", "2.revise/1/seat-3"]
    assert {tally.answer: tally.votes for tally in show.decision.tally} == {"2": 2, "1": 1}
