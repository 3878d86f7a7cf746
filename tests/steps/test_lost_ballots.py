"""A seat whose ballot is lost: it abstains, or where the rule takes a choice it keeps its own answer."""

from __future__ import annotations

import pytest

from contemplate import Propose, Strategy, Vote
from contemplate.errors import RejectedError
from contemplate.steps import Rank
from discussions import voters
from stage import Line, Stage

PROPOSALS = {"proposer": ["Answer: 1", "Answer: 1", "Answer: 2"]}
LOST = RejectedError("the prompt is too long")


@pytest.mark.parametrize(
    ("failed", "lost", "votes"),
    [
        ("abstains", LOST, {"2": 1}),
        ("keeps", LOST, {"1": 2, "2": 1}),
        ("keeps", "hm", {"1": 2, "2": 1}),
        ("keeps-unless-unread", LOST, {"1": 2, "2": 1}),
        ("keeps-unless-unread", "hm", {"2": 1}),
    ],
)
async def test_a_lost_choice(stage: Stage, failed: str, lost: Line, votes: dict[str, int]) -> None:
    """Two of three ballots are lost, of seats that hold 1."""
    strategy = Strategy(steps=[Propose(), Rank(form="choice", own="include"), Vote.model_validate({"failed": failed})])
    choose = voters(["2"], form="choice")
    show = await stage(strategy, {**PROPOSALS, "voter": lambda request: choose(request) if request.draw == 2 else lost})

    assert votes == {row.answer: row.votes for row in show.decision.tally}


async def test_a_lost_ranking_is_no_ranking(stage: Stage) -> None:
    """One answer ranks nothing, so the seat abstains."""
    strategy = Strategy(steps=[Propose(), Rank(form="ranking", own="include"), Vote(rule="borda", failed="keeps")])
    show = await stage(strategy, {**PROPOSALS, "voter": [LOST, LOST, "Final ranking: A, B"]})

    assert 2 == len(show.decision.abstentions)
