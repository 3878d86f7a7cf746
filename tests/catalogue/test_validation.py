"""Validation of a strategy before it runs: the place in the recipe, and what would work there."""

from __future__ import annotations

import pytest

from contemplate.catalogue.validation import flat, problems
from contemplate.steps import (
    Accepted,
    Challenge,
    Claims,
    Critique,
    Judge,
    Propose,
    Repeat,
    Revise,
    Score,
    Select,
    Stable,
    Step,
    Verify,
    Vote,
    Weigh,
)
from contemplate.voting.stopping import Beta, Window
from contemplate.yaml_file import KeyPath

PROPOSE = Propose(seats=3)


def test_a_debate_is_sound() -> None:
    """Nothing is found in a strategy that can work."""
    steps = [PROPOSE, Repeat(times=2, steps=[Revise()]), Vote()]

    assert list(problems(steps, quorum=3)) == []


@pytest.mark.parametrize(
    ("steps", "path", "says"),
    [
        ([Vote()], ("steps", 0, "do"), "'vote' needs answers, and no 'propose' comes before it"),
        ([PROPOSE, Select(by="score")], ("steps", 1, "by"), "needs scores, and no step before it gives any"),
        ([PROPOSE, Weigh(), Vote()], ("steps", 1, "do"), "needs claims, and no step before it gives any: the step 'claims'"),
        ([PROPOSE, Claims(), Revise(), Challenge()], ("steps", 3, "do"), "needs claims, and no step before it gives any"),
        ([PROPOSE, Revise(sees=("critiques",)), Vote()], ("steps", 1, "sees"), "needs critiques, and no step before it"),
        ([PROPOSE, Vote(ties="judge")], ("steps", 1, "ties"), "leaves ties to a step 'judge', and none comes after it"),
        (
            [Propose(seats=2, until=Beta(threshold=0.999)), Vote()],
            ("steps", 0, "until"),
            "can never fire: 2 seats that all agree",
        ),
        (
            [PROPOSE, Repeat(times=3, until=Accepted(), steps=[Revise()]), Vote()],
            ("steps", 1, "until"),
            "needs a 'verify' with 'shows: reply' inside the 'repeat'",
        ),
        (
            [PROPOSE, Repeat(times=3, until=Stable(), steps=[Critique()]), Vote()],
            ("steps", 1, "until"),
            "needs a step inside the 'repeat' that changes answers",
        ),
    ],
)
def test_what_cannot_work_is_named_with_its_place(steps: list[Step], path: KeyPath, says: str) -> None:
    """The first problem is at the word that goes wrong, and says what is missing there."""
    found = next(problems(steps, quorum=1))

    assert found.path == path
    assert says in found.problem


@pytest.mark.parametrize(("seats", "fires"), [(4, False), (5, True), (16, True)])
def test_a_window_need_not_end_with_the_last_seat(seats: int, fires: bool) -> None:
    """Sixteen seats hold three whole windows of five; four hold none."""
    steps = [Propose(seats=seats, until=Window(size=5)), Vote()]

    assert fires == (next(problems(steps, quorum=1), None) is None)


def test_a_quorum_is_no_larger_than_the_smallest_panel() -> None:
    """More seats than there are can't be asked for."""
    (found,) = problems([PROPOSE, Vote()], quorum=4)

    assert found.path == ("quorum",)
    assert found.problem == "a quorum of 4 can't be reached by 3 seats (allowed: 1 to 3)"


def test_a_revision_takes_what_hung_on_the_answers_before() -> None:
    """Scores of answers that were changed since are no scores any more; a decision stays one."""
    scored = [PROPOSE, Score(), Revise(), Select(by="score")]
    voted = [PROPOSE, Vote(), Judge()]

    assert [found.path for found in problems(scored, quorum=1)] == [("steps", 3, "by")]
    assert list(problems(voted, quorum=1)) == []


def test_a_problem_inside_a_repeat_has_its_whole_path() -> None:
    """The place leads through the steps of the `repeat`."""
    steps = [PROPOSE, Repeat(times=2, steps=[Critique(), Select(by="score")])]

    assert [found.path for found in problems(steps, quorum=1)] == [("steps", 1, "steps", 1, "by")]


def test_steps_are_laid_flat() -> None:
    """What is inside a `repeat`, and a `repeat` in it, stands in its place."""
    steps = [PROPOSE, Repeat(times=2, steps=[Repeat(times=2, steps=[Verify()]), Revise()]), Vote()]

    assert [step.do for step in flat(steps)] == ["propose", "verify", "revise", "vote"]
