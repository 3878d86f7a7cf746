"""`critique` with numbered steps: what a critic is shown, what is kept, and what programs add to it."""

from __future__ import annotations

import pytest

from contemplate import Strategy
from contemplate.catalogue.recipe import load
from contemplate.errors import RecipeError
from contemplate.steps import Critique, Propose, Revise, Vote
from stage import Stage

RIGHT = "1. 6 is 2 * 3 = 6.\n2. 7 * 6 = 42.\nAnswer: 42"
WRONG = "1. 6 is 2 * 3 = 6.\n2. 7 * 6 = 44.\n3. That is all.\nAnswer: 44"


def checking(**words: object) -> Strategy:
    """Two seats, each criticised once."""
    critique = Critique(agent="step-critic", marks="number", **words)  # type: ignore[arg-type]
    return Strategy(steps=[Propose(seats=2), critique, Revise(sees=("critiques",)), Vote()])


def cast(*critics: str) -> dict[str, list[str]]:
    """Who says what."""
    return {"proposer": [RIGHT, WRONG], "step-critic": [*critics], "reviser": ["Answer: 42"]}


async def test_the_first_wrong_step_is_a_number(stage: Stage) -> None:
    """Kept in what was found, 0 for none; the verdict follows from it."""
    show = await stage(checking(), cast("All holds.\nFirst wrong step: none", "It is 42.\nFirst wrong step: 2"))
    turns = [show.turn(turn_id) for turn_id in show.ids("critique")]
    assert [(turn.verdict, turn.found.wrong_step) for turn in turns] == [("sound", 0), ("flawed", 2)]
    assert all(turn.found.step_checks is None for turn in turns)
    assert "Step 1: 6 is 2 * 3 = 6.\nStep 2: 7 * 6 = 44.\nStep 3: That is all." in show.shown(turns[1].id)


async def test_what_is_no_step_is_asked_for_again(stage: Stage) -> None:
    """Then the turn fails: no number is guessed."""
    show = await stage(checking(), cast("First wrong step: 9"))
    turns = [show.turn(turn_id) for turn_id in show.ids("critique")]
    assert [turn.failure and turn.failure.kind for turn in turns] == ["no-answer", "no-answer"]
    assert [len(turn.calls) for turn in turns] == [2, 2]


async def test_programs_check_too(stage: Stage) -> None:
    """Where the critic sees nothing: the author reads what was computed, and the two stay apart."""
    show = await stage(checking(check="steps"), cast("All holds.\nFirst wrong step: none"))
    turns = [show.turn(turn_id) for turn_id in show.ids("critique")]
    assert [(turn.verdict, turn.found.wrong_step) for turn in turns] == [("sound", 0), ("flawed", 0)]
    found = [[(check.step, check.holds) for check in turn.found.step_checks or ()] for turn in turns]
    assert found == [[(1, True), (2, True)], [(1, True), (2, False)]]
    assert "step 2 is wrong: 7 * 6 is 42, not 44" in show.shown(show.ids("revise")[1])


@pytest.mark.parametrize(
    ("words", "problem"),
    [("check: steps", "'check: steps' looks at numbered steps"), ("marks: number, digest: true", "no digest")],
)
def test_what_does_not_go_together(words: str, problem: str) -> None:
    """A recipe says so at once."""
    with pytest.raises(RecipeError, match=problem):
        load(f"summary: s\nsteps:\n- {{do: propose}}\n- {{do: critique, {words}}}\n- {{do: vote}}\n")
