"""`self-refine` (arXiv:2303.17651): draft, feedback, rewrite, until the feedback finds nothing."""

from __future__ import annotations

import pytest

from contemplate.errors import RejectedError
from stage import Stage

DRAFT = ["DRAFT-0 Answer: 0"]
REWRITES = [f"DRAFT-{number} Answer: {number}" for number in range(1, 9)]


def faults(times: int) -> list[str]:
    """Feedback that finds something so many times, then nothing."""
    return [f"FEEDBACK-{n}\nVerdict: reject" for n in range(times)] + [f"FEEDBACK-{times}\nVerdict: accept"]


async def test_feedback_that_finds_nothing_ends_it(stage: Stage) -> None:
    """Two calls: the draft, and feedback on it by the same seat."""
    show = await stage("self-refine", {"proposer": DRAFT, "feedback": faults(0)})

    assert show.roles == ["proposer", "feedback"]
    assert show.turn("2.verify/1/seat-1/of-seat-1").verdict == "sound"
    assert (show.answer, show.outcome.stopped) == ("0", "accepted")


async def test_the_rewriter_keeps_the_whole_history_and_feedback_sees_the_last_reply_only(stage: Stage) -> None:
    """Draft and feedback stay in the rewriter's conversation, in order; feedback starts afresh on what stands."""
    show = await stage("self-refine", {"proposer": DRAFT, "feedback": faults(2), "rewriter": REWRITES})

    assert show.roles == ["proposer", "feedback", "rewriter", "feedback", "rewriter", "feedback"]
    history = show.shown("3.revise/2/seat-1")
    marks = ["DRAFT-0", "FEEDBACK-0", "DRAFT-1", "FEEDBACK-1"]
    assert sorted(marks, key=history.index) == marks
    assert [message.role for message in show.request("3.revise/2/seat-1").messages] == ["user", "assistant"] * 2 + ["user"]
    second = show.shown("2.verify/2/seat-1/of-seat-1")
    assert [mark in second for mark in ("DRAFT-1", "DRAFT-0", "FEEDBACK-0")] == [True, False, False]
    assert show.saw("3.revise/2/seat-1") == [("3.revise/1/seat-1", "revised"), ("2.verify/2/seat-1/of-seat-1", "saw")]
    assert show.saw("2.verify/2/seat-1/of-seat-1") == [("3.revise/1/seat-1", "criticised")]
    assert (show.answer, show.outcome.stopped) == ("2", "accepted")


@pytest.mark.parametrize("attempts", [1, 4, 12])
async def test_the_last_rewrite_is_the_answer_when_the_attempts_are_used_up(stage: Stage, attempts: int) -> None:
    """So many rewrites at most, and no feedback on the last; a long row of faults does not end it early."""
    show = await stage(
        "self-refine",
        {"proposer": DRAFT, "feedback": ["Verdict: reject"], "rewriter": REWRITES * 2},
        set={"attempts": attempts} if attempts != 4 else None,
    )

    assert show.roles == ["proposer", *["feedback", "rewriter"] * attempts]
    assert (show.answer, show.outcome.stopped) == (str((REWRITES * 2)[attempts - 1].split()[-1]), "completed")
    assert show.outcome.first_decision is not None
    assert show.outcome.first_decision.winner == "0"


async def test_unreadable_feedback_neither_accepts_nor_rejects(stage: Stage) -> None:
    """It is asked for once more in the right form; if that fails too, the reply stands, and feedback is asked for again."""
    lines = ["hm", "hm", "FEEDBACK\nVerdict: accept"]
    replies = iter(lines)
    show = await stage("self-refine", {"proposer": DRAFT, "feedback": lambda _: next(replies)}, set={"attempts": 2})

    assert show.roles == ["proposer", "feedback", "feedback", "feedback"]
    assert show.turn("2.verify/1/seat-1/of-seat-1").status == "failed"
    assert (show.answer, show.outcome.stopped) == ("0", "accepted")


async def test_a_rewrite_that_failed_leaves_the_reply_before_it(stage: Stage) -> None:
    """The next feedback is on what was said last, and so is the decision."""
    show = await stage(
        "self-refine",
        {"proposer": DRAFT, "feedback": ["Verdict: reject"], "rewriter": lambda _: RejectedError("gone")},
        set={"attempts": 2},
    )

    assert show.answer == "0"
    assert show.saw("2.verify/2/seat-1/of-seat-1") == [("1.propose/seat-1", "criticised")]
