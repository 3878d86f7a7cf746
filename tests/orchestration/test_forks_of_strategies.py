"""Whatever the strategy: what a fork does not change comes from the ledger, and every fork replays exactly."""

from __future__ import annotations

import random

import pytest

from contemplate import Orchestrator, Question, Request, ScriptedBackend, Settings
from contemplate.errors import RejectedError
from contemplate.models.retry import Retry
from contemplate.types import seat_number

STRATEGIES = (
    *("adaptive-consistency", "chain-of-verification", "chateval", "contemplating-2026-11", "council", "discussion-vote"),
    *(
        "divergent-debate",
        "dylan",
        "exchange-of-thought",
        "knockout",
        "mixture-of-agents",
        "multiagent-debate",
        "parallel-refine",
    ),
    *("reconcile", "tree-of-thoughts", "verify-refine"),
)
QUESTION = Question(text="Which?", kind="choice", choices=("x", "y"), gold="A")


def reply(request: Request) -> str:
    """Something that can be read by most, and another thing for each request; some calls fail."""
    draw = random.Random(request.key)
    if draw.random() < 0.05:
        raise RejectedError("no")
    lines = ["Verdict: flawed", "Stance: disagree", "Score: 3", "1. a step", "[[5, 3]]", "Choice: B", f"word {draw.random()}"]
    return "\n".join([line for line in lines if draw.random() < 0.7] + [f"Answer: {draw.choice('AB')}"])


@pytest.mark.parametrize("strategy", STRATEGIES)
async def test_forks(strategy: str) -> None:
    """An edit that says the same calls nobody; a seat that is left out, and an edit that says something else, replay."""
    asked: list[Request] = []

    def counted(request: Request) -> str:
        asked.append(request)
        return reply(request)

    once = Settings(retry=Retry(attempts=1))
    async with Orchestrator(["m", "n"], backend=ScriptedBackend(counted), ledger=":memory:", settings=once) as orchestrator:
        whole = await orchestrator.solve(QUESTION, strategy)
        made, rows = len(asked), whole.trace.canonical()
        spoke = [turn for turn in whole.trace.turns if turn.card and turn.text and len(turn.calls) == 1]
        for turn in (spoke[0], spoke[len(spoke) // 2], spoke[-1]):
            same = await orchestrator.fork(whole.run, edits={turn.id: turn.text or ""})
            assert made == len(asked), turn.id
            assert [row for row in rows if row["id"] != turn.id] == [
                row for row in same.trace.canonical() if row["id"] != turn.id
            ]
        seat = max(seat_number(turn.seat) for turn in spoke)
        forks = [await orchestrator.fork(whole.run, edits={spoke[0].id: "Answer: B"})]
        forks += [await orchestrator.fork(whole.run, without_turns=[spoke[-1].id])]
        forks += [await orchestrator.fork(whole.run, without_seats=[seat])] if seat > 1 else []
        for fork in forks:
            replay = await orchestrator.replay(fork.run)
            assert replay.difference is None
