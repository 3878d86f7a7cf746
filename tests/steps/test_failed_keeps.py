"""A seat whose call failed, or whose reply was cut off, keeps its last answer; one whose reply can't be read abstains."""

from __future__ import annotations

import pytest

from contemplate import Completion, Propose, Revise, Strategy, Vote
from contemplate.errors import RejectedError
from stage import Line, Lines, Stage

LOST: list[Line] = [
    RejectedError("the prompt is too long"),
    Completion(text="I think that", finish="length"),
    Completion(text="", finish="refusal"),
    Completion(text="Answer: 3", finish="filter"),
    "",
    "x" * 600_000 + "\nAnswer: 3",
]
DEBATES = ["multiagent-debate", "exchange-of-thought", "recursive-aggregation", "reconcile"]
FIRST = ["Confidence: 90 %\nAnswer: 1", "Confidence: 90 %\nAnswer: 1", "Confidence: 90 %\nAnswer: 2"]
SET: dict[str, dict[str, object]] = {
    "recursive-aggregation": {"seats": 3, "sample": 2, "rounds": 2},
    "reconcile": {"rounds": 1},
    "exchange-of-thought": {"rounds": 1},
}


def roles(first: Lines, then: Lines) -> dict[str, Lines]:
    """The lines of each card that proposes or revises in these recipes."""
    openers = ("proposer", "exchange-attentive", "exchange-rigorous", "exchange-inventive")
    each = [[line] for line in first] if isinstance(first, list) else []
    lines: dict[str, Lines] = {"proposer": first}
    lines |= dict(zip(openers[1:], each, strict=False))
    return lines | dict.fromkeys(("reviser", "exchanger", "confident-reviser", "recombiner", "aggregator"), then)


@pytest.mark.parametrize("lost", LOST, ids=["refused", "cut-off", "refusal", "filter", "empty", "endless"])
async def test_two_lost_revisions_leave_a_unanimous_first_vote(stage: Stage, lost: Line) -> None:
    """The one seat that could revise is outvoted by what the others said before."""
    show = await stage("multiagent-debate", {"proposer": ["Answer: 1"], "reviser": [lost, lost, "Answer: 2"]})

    assert show.answer == "1"
    assert show.decision.abstentions == ()
    assert [row.votes for row in show.decision.tally] == [2, 1]


@pytest.mark.parametrize("strategy", DEBATES)
async def test_the_debates_keep_what_was_said_before_a_lost_call(stage: Stage, strategy: str) -> None:
    """Where every revision fails, the first answers are counted."""
    show = await stage(strategy, roles(FIRST, [RejectedError("too long")]), set=SET.get(strategy))

    assert show.answer == "1"
    assert show.decision.abstentions == ()


@pytest.mark.parametrize("strategy", DEBATES)
async def test_the_debates_count_no_reply_that_cannot_be_read(stage: Stage, strategy: str) -> None:
    """It abstains, as published: an answer that its author has given up is no vote."""
    show = await stage(strategy, roles(FIRST, ["hm"]), set=SET.get(strategy))

    assert show.answer is None
    assert len(show.decision.abstentions) == 3


@pytest.mark.parametrize(("failed", "expected"), [("abstains", "2"), ("keeps", "1"), ("keeps-unless-unread", "1")])
async def test_what_a_recipe_says_of_lost_turns(stage: Stage, failed: str, expected: str) -> None:
    """Two of three revisions are lost."""
    strategy = Strategy(steps=[Propose(seats=3), Revise(), Vote.model_validate({"failed": failed})])
    show = await stage(strategy, {"proposer": ["Answer: 1"], "reviser": [LOST[0], LOST[1], "Answer: 2"]})

    assert show.answer == expected


@pytest.mark.parametrize(("failed", "expected"), [("abstains", "2"), ("keeps", "1"), ("keeps-unless-unread", "2")])
async def test_what_a_recipe_says_of_unread_turns(stage: Stage, failed: str, expected: str) -> None:
    """Two of three revisions can't be read."""
    strategy = Strategy(steps=[Propose(seats=3), Revise(), Vote.model_validate({"failed": failed})])
    show = await stage(strategy, {"proposer": ["Answer: 1"], "reviser": ["hm", "well", "Answer: 2"]})

    assert show.answer == expected


async def test_layers_show_what_a_seat_wrote_before_its_call_failed(stage: Stage) -> None:
    """The last aggregator reads the replies of the layer before, those of lost seats."""
    last = {"n": 0}

    def aggregate(_: object) -> Line:
        last["n"] += 1
        return RejectedError("too long") if last["n"] <= 3 else "Answer: 1"

    show = await stage("mixture-of-agents", {"proposer": ["Answer: 1"], "aggregator": aggregate}, set={"seats": 3})

    assert show.answer == "1"
    assert {source.split("/")[0] for source in show.sources("3.synthesize/aggregator")} == {"1.propose"}


async def test_a_team_keeps_the_answers_of_the_round_before(stage: Stage) -> None:
    """All that were left in the last round are lost."""
    lines: dict[str, Lines] = {"team-solver": ["Answer: 1", "Answer: 1", "Answer: 2", "Answer: 3"]}
    show = await stage("dylan", {**lines, "team-grader": [RejectedError("too long")]}, set={"rounds": 2})

    assert show.answer == "1"


@pytest.mark.parametrize(("restated", "expected"), [(RejectedError("too long"), "1"), ("hm", "2")])
async def test_a_discussion_counts_the_last_statement_of_who_cannot_restate_it(
    stage: Stage, restated: Line, expected: str
) -> None:
    """Two of three fail to say their final answer."""
    lines: dict[str, Lines] = {
        "proposer": ["Answer: 1"],
        "discusser": ["Stance: agree\nAnswer: 1", "Stance: disagree\nAnswer: 2"],
        "restater": [restated, restated, "Answer: 2"],
        "voter": ["Choice: A"],
    }
    show = await stage("discussion-vote", lines, set={"turns": 1, "vote_from": 1})
    voted_on = {turn.split("/")[0] for voter in show.ids("rank") for turn in show.sources(voter)}

    assert show.answer == expected
    assert voted_on <= {"1.discussion-vote"}
