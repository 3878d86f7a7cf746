"""`chain-of-verification` (arXiv:2309.11495): who answers the questions never sees the draft."""

from __future__ import annotations

import pytest

from contemplate import Propose, Strategy, Vote
from contemplate.errors import RejectedError
from contemplate.steps.protocols.chain_of_verification import ChainOfVerification
from stage import Stage

CAST = {
    "proposer": ["DRAFT Answer: 1"],
    "fact-planner": ["1. WHO-FIRST?\n2. WHO-SECOND?\n3. WHO-THIRD?"],
    "fact-questioner": ["ASKED-AND-ANSWERED"],
    "fact-answerer": lambda request: " ".join(
        f"FOUND-{name}" for name in ("FIRST", "SECOND", "THIRD") if f"WHO-{name}" in request.messages[-1].content
    ),
    "fact-checker": ["CHECK-0\nVerdict: consistent", "CHECK-1\nVerdict: inconsistent", "CHECK-2\nVerdict: consistent"],
    "fact-reviser": ["FINAL Answer: 2"],
}
STEP = "2.chain-of-verification/seat-1"
PROBLEM = "What is 6 * 7?"


def has(text: str, *marks: str) -> list[bool]:
    """Which of the marks are in a text."""
    return [mark in text for mark in marks]


@pytest.mark.parametrize(
    ("variant", "roles"),
    [
        ("joint", ["fact-questioner"]),
        ("two-step", ["fact-planner", "fact-answerer"]),
        ("factored", ["fact-planner", *["fact-answerer"] * 3]),
        ("factor-revise", ["fact-planner", *["fact-answerer"] * 3, *["fact-checker"] * 3]),
    ],
)
async def test_the_calls_of_each_variant(stage: Stage, variant: str, roles: list[str]) -> None:
    """Draft first, final answer last, and between them what the variant says."""
    show = await stage("chain-of-verification", CAST, set={"variant": variant})

    assert show.roles[0] == "proposer"
    assert sorted(show.roles[1:-1]) == sorted(roles)
    assert show.roles[-1] == "fact-reviser"
    assert show.answer == "2"
    assert show.outcome.first_decision is not None
    assert show.outcome.first_decision.winner == "1"


async def test_each_question_is_answered_alone(stage: Stage) -> None:
    """Factored, the default: an answerer sees one question, not the draft, the problem, another question or answer."""
    show = await stage("chain-of-verification", CAST)

    assert has(show.shown(f"{STEP}/plan"), "DRAFT", PROBLEM) == [True, True]
    for number, name in enumerate(("FIRST", "SECOND", "THIRD"), 1):
        told = show.shown(f"{STEP}/answer-{number}")
        others = [other for other in ("FIRST", "SECOND", "THIRD") if other != name]
        assert has(told, f"WHO-{name}", "DRAFT", PROBLEM, *(f"WHO-{o}" for o in others), "FOUND") == [True] + [False] * 5
        assert show.saw(f"{STEP}/answer-{number}") == [(f"{STEP}/plan", "saw")]


async def test_one_call_answers_all_in_two_steps(stage: Stage) -> None:
    """All questions at once, still without draft and problem."""
    show = await stage("chain-of-verification", CAST, set={"variant": "two-step"})

    told = show.shown(f"{STEP}/answer-1")
    assert has(told, "WHO-FIRST", "WHO-SECOND", "WHO-THIRD", "DRAFT", PROBLEM) == [True] * 3 + [False] * 2
    assert has(show.shown(f"{STEP}/final"), "FOUND-FIRST FOUND-SECOND FOUND-THIRD") == [True]


async def test_jointly_the_draft_is_in_sight(stage: Stage) -> None:
    """One reply asks and answers; the final answer is written from it."""
    show = await stage("chain-of-verification", CAST, set={"variant": "joint"})

    assert has(show.shown(f"{STEP}/plan"), "DRAFT", PROBLEM) == [True, True]
    assert has(show.shown(f"{STEP}/final"), "DRAFT", "ASKED-AND-ANSWERED") == [True, True]


async def test_the_final_answer_sees_draft_questions_and_answers(stage: Stage) -> None:
    """In the order asked; and it starts afresh, with the problem first."""
    show = await stage("chain-of-verification", CAST)

    told = show.shown(f"{STEP}/final")
    marks = [PROBLEM, "DRAFT", "WHO-FIRST", "FOUND-FIRST", "WHO-SECOND", "FOUND-SECOND", "WHO-THIRD", "FOUND-THIRD"]
    assert sorted(marks, key=told.index) == marks
    assert show.saw(f"{STEP}/final") == [("1.propose/seat-1", "revised"), *((f"{STEP}/answer-{n}", "saw") for n in (1, 2, 3))]


async def test_factor_revise_holds_the_draft_against_each_answer(stage: Stage) -> None:
    """A check sees draft, one question and its answer; the final answer sees the checks too."""
    show = await stage("chain-of-verification", CAST, set={"variant": "factor-revise"})

    told = show.shown(f"{STEP}/check-2")
    assert has(told, "DRAFT", "WHO-SECOND", "FOUND-SECOND", "WHO-FIRST", "FOUND-FIRST") == [True] * 3 + [False] * 2
    assert show.saw(f"{STEP}/check-2") == [("1.propose/seat-1", "criticised"), (f"{STEP}/answer-2", "saw")]
    assert [show.turn(f"{STEP}/check-{n}").verdict for n in (1, 2, 3)] == ["sound", "flawed", "sound"]
    assert has(show.shown(f"{STEP}/final"), "CHECK-0", "CHECK-1", "CHECK-2") == [True] * 3


async def test_so_many_questions_at_most(stage: Stage) -> None:
    """What was planned beyond that is not asked, nor shown."""
    show = await stage("chain-of-verification", CAST, set={"questions": 2})

    assert show.roles.count("fact-answerer") == 2
    assert "WHO-THIRD" not in show.shown(f"{STEP}/final")


async def test_a_question_that_nobody_answered_is_left_out(stage: Stage) -> None:
    """A failed answer is no answer; the others are shown."""
    answerers = iter([RejectedError("no"), "FOUND-SECOND", "FOUND-THIRD"])
    show = await stage("chain-of-verification", {**CAST, "fact-answerer": lambda _: next(answerers)})

    assert has(show.shown(f"{STEP}/final"), "WHO-FIRST", "WHO-SECOND", "FOUND-SECOND") == [False, True, True]
    assert show.answer == "2"


@pytest.mark.parametrize("broken", ["fact-planner", "fact-answerer", "fact-reviser"])
async def test_the_draft_stands_where_the_check_fails(stage: Stage, broken: str) -> None:
    """No questions, no answers, or no final answer: what was said first is what counts."""
    show = await stage("chain-of-verification", {**CAST, broken: lambda _: RejectedError("no")})

    assert show.answer == "1"
    if broken != "fact-reviser":
        assert "fact-reviser" not in show.roles


async def test_a_draft_that_can_not_be_read_is_not_checked(stage: Stage) -> None:
    """There is nothing to plan for, and no answer."""
    show = await stage("chain-of-verification", {**CAST, "proposer": ["hm"]})

    assert show.roles == ["proposer"]
    assert (show.answer, show.outcome.stopped) == (None, "quorum")


async def test_several_seats_check_themselves_and_nobody_else(stage: Stage) -> None:
    """The step works on a whole panel: each seat's questions come from its own draft."""
    drafts = ["DRAFT-A Answer: 1", "DRAFT-B Answer: 3"]
    strategy = Strategy(steps=[Propose(seats=2), ChainOfVerification(), Vote(failed="keeps", ties="first-seen")])
    show = await stage(strategy, {**CAST, "proposer": drafts, "fact-reviser": ["Answer: 5", "Answer: 6"]})

    for seat, own, other in (("seat-1", "DRAFT-A", "DRAFT-B"), ("seat-2", "DRAFT-B", "DRAFT-A")):
        for turn in ("plan", "final"):
            assert has(show.shown(f"2.chain-of-verification/{seat}/{turn}"), own, other) == [True, False]
    assert {row.answer for row in show.decision.tally} == {"5", "6"}
