"""`calibration`: critics and verifiers are tried on answers of which it is known whether they are right."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from contemplate import Question, Request
from contemplate.answers import is_right
from stage import Stage

SUM = Question(text="What is 17 * 23?", kind="number", gold="391")
LINES = {"critic": ["Summary: s\nVerdict: sound"], "verifier": ["Verdict: accept"]}


def said(*answers: str) -> dict[str, Any]:
    """A panel with these answers, in the order of its seats."""
    return {"proposer": [f"Answer: {answer}" for answer in answers], **LINES}


async def test_each_distinct_answer_is_audited_and_verified(stage: Stage) -> None:
    """Twice each; nothing is put beside them, since one is wrong already."""
    show = await stage("calibration", said("391", "391", "381"), question=SUM)

    assert Counter(show.roles) == {"proposer": 3, "critic": 4, "verifier": 4}
    assert show.answer == "391"


async def test_where_all_are_right_a_wrong_answer_is_verified_too(stage: Stage) -> None:
    """It differs in one digit, and only verifiers are shown it, who see bare answers."""
    show = await stage("calibration", said("391"), question=SUM)

    planted = show.turn("3.calibrate/wrong")
    assert planted.answer is not None
    assert len(planted.answer.value) == 3
    assert sum(a != b for a, b in zip(planted.answer.value, "391", strict=True)) == 1
    assert Counter(show.sources(turn)[0] for turn in show.ids("calibrate") if turn != planted.id) == {
        "1.propose/seat-1": 2,
        planted.id: 2,
    }
    assert Counter(show.roles) == {"proposer": 3, "critic": 2, "verifier": 4}


async def test_what_was_put_forward_is_no_vote(stage: Stage) -> None:
    """The decision and its tally are the seats'."""
    show = await stage("calibration", said("391"), question=SUM)

    assert [(one.answer, one.votes) for one in show.decision.tally] == [("391", 3)]


@pytest.mark.parametrize(
    ("question", "right"),
    [
        (Question(text="Which?", kind="choice", choices=("a", "b", "c"), gold="B"), "B"),
        (Question(text="Is it?", kind="boolean", gold="yes"), "yes"),
        (Question(text="When?", kind="date", gold="2026-03-09"), "2026-03-09"),
        (Question(text="Which value?", kind="math", gold="\\frac{3}{4}"), "\\frac{3}{4}"),
        (Question(text="How many?", kind="number", gold="7"), "7"),
        (Question(text="How many?", kind="number", gold="-0.5"), "-0.5"),
    ],
    ids=lambda value: value.kind if isinstance(value, Question) else value,
)
async def test_a_wrong_answer_of_each_kind(stage: Stage, question: Question, right: str) -> None:
    """It is readable, and wrong."""
    show = await stage("calibration", said(right), question=question)

    assert show.turn("3.calibrate/wrong").answer is not None
    assert not is_right(show.turn("3.calibrate/wrong").answer, question)


@pytest.mark.parametrize(
    "question", [Question(text="What is it?", kind="text", gold="a cat"), Question(text="What is 17 * 23?", kind="number")]
)
async def test_no_wrong_answer_where_none_can_be_made(stage: Stage, question: Question) -> None:
    """Free texts have no slips, and of a question without a gold answer nobody knows what is wrong."""
    show = await stage("calibration", said("a cat" if question.kind == "text" else "391"), question=question)

    assert "3.calibrate/wrong" not in show.ids("calibrate")


async def test_nobody_is_shown_the_right_answer(stage: Stage) -> None:
    """All are wrong, and the gold answer stands in no prompt."""
    show = await stage("calibration", said("400", "401", "402"), question=SUM)

    assert not [request for request in show.requests if "391" in shown(request)]


def shown(request: Request) -> str:
    """All that a request says."""
    return "\n".join(message.content for message in request.messages)


async def test_cards_and_numbers_are_parameters(stage: Stage) -> None:
    """Other cards can be tried, and parts left out."""
    settings = {"seats": 2, "verifier": "grader", "verifications": 1, "audits": 0}

    show = await stage("calibration", {**said("391"), "grader": ["Verdict: reject"]}, question=SUM, set=settings)

    assert Counter(show.roles) == {"proposer": 2, "grader": 2}
