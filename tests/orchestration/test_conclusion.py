"""What a run comes to, however it ended: which decision stands, and the reason why it stopped."""

from __future__ import annotations

import pytest

from contemplate import Budget, Completion, Propose, Repeat, Revise, Strategy, Vote
from contemplate.errors import OverloadedError, UnreachableError
from stage import Stage

VOTE = Strategy(steps=[Propose(seats=3), Vote()], quorum=2)
TALK = Strategy(steps=[Propose(seats=3), Vote(), Repeat(times=1, steps=[Revise()]), Vote()])


async def test_a_run_that_was_done_is_completed(stage: Stage) -> None:
    """The last vote stands, and the answer is its winner."""
    show = await stage(VOTE, {"proposer": ["Answer: 1", "Answer: 1", "Answer: 2"]})

    assert (show.answer, show.outcome.stopped, show.outcome.detail) == ("1", "completed", None)
    assert show.outcome.confidence == show.decision.confidence > 0


class GoneError(UnreachableError):
    """A server that nobody tries again."""

    retryable = False


class BusyError(OverloadedError):
    """The same."""

    retryable = False


@pytest.mark.parametrize(("error", "stopped"), [(GoneError("nobody there"), "unreachable"), (BusyError("busy"), "quorum")])
async def test_a_server_that_is_gone_is_told_from_one_that_fails(stage: Stage, error: Exception, stopped: str) -> None:
    """Where every failure was that nobody answers, the run says so; else too few seats were left."""
    show = await stage(VOTE, {"proposer": [error]})

    assert (show.answer, show.outcome.confidence, show.outcome.stopped) == (None, 0, stopped)


async def test_too_few_answers_end_it_for_want_of_a_quorum(stage: Stage) -> None:
    """Two of three say nothing that can be read: no answer, and the reason."""
    show = await stage(VOTE, {"proposer": ["Answer: 1", "well", "hm"]})

    assert (show.answer, show.outcome.stopped) == (None, "quorum")
    assert show.outcome.detail


async def test_a_tie_that_nobody_breaks_is_no_failure(stage: Stage) -> None:
    """The run is completed, without an answer, and the tie is told."""
    strategy = Strategy(steps=[Propose(seats=2), Vote(ties="none")])
    show = await stage(strategy, {"proposer": ["Answer: 1", "Answer: 2"]})

    assert (show.answer, show.outcome.stopped, show.decision.ties) == (None, "completed", ("1", "2"))
    assert show.outcome.detail == show.decision.reason


async def test_a_budget_that_ends_before_anything_new_was_said_leaves_the_vote(stage: Stage) -> None:
    """What stood when the money ran out counted all there was."""
    show = await stage(TALK, {"proposer": ["Answer: 1"], "reviser": ["Answer: 2"]}, budget=Budget(calls=3))

    assert (show.answer, show.outcome.stopped, show.decision.rule) == ("1", "budget", "plurality")
    assert show.decision.winner == "1"


async def test_a_budget_that_ends_in_the_middle_of_a_round_counts_the_last_words(stage: Stage) -> None:
    """Two of three had revised: the last words of all decide, and not the vote before."""
    show = await stage(TALK, {"proposer": ["Answer: 1"], "reviser": ["Answer: 2"]}, budget=Budget(calls=5))

    assert (show.answer, show.outcome.stopped) == ("2", "budget")
    assert [(row.answer, row.votes) for row in show.decision.tally] == [("2", 2), ("1", 1)]


async def test_a_reply_without_text_is_no_answer(stage: Stage) -> None:
    """An empty completion is a failed turn and no vote."""
    show = await stage(VOTE, {"proposer": [Completion(text=""), "Answer: 7", "Answer: 7"]})

    assert show.answer == "7"
    assert show.decision.abstentions == ("seat-1",)
