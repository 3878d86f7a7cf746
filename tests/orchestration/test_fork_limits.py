"""What a fork takes over besides replies, what it teaches, and what is wrong with one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from contemplate import (
    InputError,
    Orchestrator,
    Outcome,
    Request,
    ScriptedBackend,
    Strategy,
    stored_samples,
)
from contemplate.analysis.witness_knowledge import lessons
from contemplate.errors import RejectedError, UnknownNameError
from contemplate.models.retry import Retry
from contemplate.orchestration.options import RunOptions
from contemplate.orchestration.settings import Settings
from forking import FIRST, LAST, SUM, turn_of
from loopback import Loopback

# --- what failed, and what was spared -----------------------------------------------------------------


def counting(reply: Callable[[Request], str]) -> tuple[ScriptedBackend, list[Request]]:
    """A backend, and what is asked of it."""
    asked: list[Request] = []

    def say(request: Request) -> str:
        asked.append(request)
        return reply(request)

    return ScriptedBackend(say), asked


async def test_a_call_that_failed_is_not_made_again() -> None:
    """Unless what it read is another thing now."""

    def reply(request: Request) -> str:
        if request.draw == 1:
            raise RejectedError("no")
        return f"Answer: {request.draw}"

    backend, asked = counting(reply)
    once = Settings(retry=Retry(attempts=1))
    async with Orchestrator(["m"], backend=backend, ledger=":memory:", settings=once) as orchestrator:
        whole = await orchestrator.solve(SUM, "multiagent-debate")
        made = len(asked)
        fork = await orchestrator.fork(whole.run, edits={"2.revise/1/seat-1": "Answer: 5"})
        assert made == len(asked)
        assert turn_of(whole, FIRST[1]) == turn_of(fork, FIRST[1])
        again = await orchestrator.fork(whole.run, edits={FIRST[0]: "Answer: 5"})
        assert 3 == len(asked) - made
        for run in (fork.run, again.run):
            assert (await orchestrator.replay(run)).identical


@pytest.mark.parametrize(("edit", "calls"), [("Answer: 7", 0), ("Answer: 1", 3)])
async def test_samples_that_were_not_needed_are_drawn_when_they_are(edit: str, calls: int) -> None:
    """Five leave at once, and the first two agree; with one that says something else the others are asked, and not before."""
    slow, asked = True, list[int]()

    async def reply(request: Request) -> str:
        asked.append(request.draw)
        await anyio.sleep(60 if slow and request.draw > 1 else 0)
        return "Answer: 7"

    until = {"test": "settled", "rule": "majority-share"}
    strategy = Strategy.model_validate({"steps": [{"do": "propose", "seats": 5, "until": until, "at_once": 5}, {"do": "vote"}]})
    async with Orchestrator(["m"], backend=ScriptedBackend(reply), ledger=":memory:") as orchestrator:
        whole = await orchestrator.carry_out(SUM, strategy, RunOptions())
        assert ["said"] * 2 + ["cancelled"] * 3 == [turn.status for turn in whole.trace.turns if turn.seat]
        asked.clear()
        slow = False
        fork = await orchestrator.fork(whole.run, edits={FIRST[0]: edit})

        assert list(range(2, 2 + calls)) == asked
        assert 2 + calls == len([turn for turn in fork.trace.turns if turn.seat and turn.status == "said"])
        assert (await orchestrator.replay(fork.run)).identical


# --- what is wrong ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "needs a change"),
        ({"without_seats": [4]}, "there is no seat 4: the panel has the seats 1 to 3"),
        ({"without_seats": [1, 2, 3]}, "all seats would be left out"),
        ({"edits": {"2.revise/2/seat-4": "x"}}, "no turn called '2.revise/2/seat-4'; did you mean '2.revise/2/seat-"),
        ({"edits": {"3.vote/final": "x"}}, "is no agent's, but worked out from others"),
        ({"edits": {LAST[0]: " \n"}}, "is empty"),
        ({"without_turns": ["nobody"]}, "no turn called 'nobody'"),
        ({"models": {2: "m"}}, "seat 2 has the model m already"),
        ({"models": {9: "n"}}, "there is no seat 9"),
        ({"rule": "pluralty"}, "did you mean 'plurality'"),
        ({"rule": "weighted", "models": {2: ""}}, "model"),
        ({"parameters": {"round": 2}}, "did you mean 'rounds'"),
        ({"parameters": {"rounds": 0}}, "rounds"),
        ({"edit": {}}, "unknown word 'edit'; did you mean 'edits'?"),
        ({"without_seats": [0]}, "without_seats"),
    ],
)
async def test_what_is_wrong_is_said(
    served: Orchestrator, debate: Outcome[Any], loopback: Loopback, changes: dict[str, Any], told: str
) -> None:
    """In one line, before anything is called."""
    made = len(loopback.seen)
    with pytest.raises(InputError, match=re.escape(told)) as error:
        await served.fork(debate.run, **changes)

    assert "\n" not in str(error.value)
    assert made == len(loopback.seen)


async def test_the_nearest_run_is_named(served: Orchestrator, debate: Outcome[Any]) -> None:
    """A digit is wrong."""
    with pytest.raises(UnknownNameError, match=f"did you mean '{debate.run}'"):
        await served.fork(debate.run[:-1] + "x", rule="unanimity")


async def test_parameters_of_another_recipe_can_not_be_told(served: Orchestrator, debate: Outcome[Any]) -> None:
    """A fork by another rule is not what the recipe gives."""
    fork = await served.fork(debate.run, rule="unanimity")

    with pytest.raises(InputError, match="can't be told"):
        await served.fork(fork.run, parameters={"rounds": 2})


async def test_forks_teach_nothing(served: Orchestrator, debate: Outcome[Any]) -> None:
    """What an edit says is nobody's answer."""
    before = await lessons(served.ledger)
    await served.fork(debate.run, edits={FIRST[0]: "Answer: 5"})

    assert before == await lessons(served.ledger)
    assert [3] == [len(votes.classes) for votes in await stored_samples(served.ledger)]
