"""One endpoint writes without end, and the others refuse prompts that are too long for them: its author does not decide alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from contemplate import Orchestrator, Outcome, Question
from contemplate.agents.prompts import LONGEST_QUOTE
from loopback import Loopback, Reply, Script, Seen

MODELS = ["honest-1", "endless", "honest-2"]
QUESTION = Question(text="What is 6 * 7?", kind="number")
HONEST = "Verdict: sound\nConfidence: 90 %\nStance: agree\n{}Score: 7\nAnswer: 42"
LETTERED = re.compile(r"^--- \w+ (\w+) [^\n]*---\n(.*?)\n--- end", re.DOTALL | re.MULTILINE)
SMALL: dict[str, dict[str, object]] = {"recursive-aggregation": {"seats": 3, "sample": 2, "rounds": 2}}
STRATEGIES = [
    "contemplating",
    "multiagent-debate",
    "sparse-debate",
    "reconcile",
    "exchange-of-thought",
    "recursive-aggregation",
    "mixture-of-agents",
    "dylan",
    "discussion-vote",
    "council",
    "universal-self-consistency",
    "knockout",
]
KEEPING = [
    "multiagent-debate",
    "sparse-debate",
    "reconcile",
    "exchange-of-thought",
    "recursive-aggregation",
    "mixture-of-agents",
    "council",
]


def reads_at_most(characters: int, endless: int) -> Callable[[Seen], Reply | str]:
    """A server whose models read so many characters, one of which writes so many."""

    def answer(seen: Seen) -> Reply | str:
        if seen.body["model"] == "endless":
            return f"{'so on ' * (endless // 6)}\nConfidence: 100 %\nAnswer: 13"
        if sum(len(message["content"]) for message in seen.body["messages"]) > characters:
            error = {"message": "the prompt is too long for the context", "type": "invalid_request_error", "param": None}
            return Reply(status=400, body=json.dumps({"error": error}).encode())
        own = [letter for letter, text in LETTERED.findall(seen.body["messages"][-1]["content"]) if "42" in text]
        return HONEST.format(f"Choice: {own[0]}\nFinal ranking: {own[0]}\n" if own else "")

    return answer


async def solved(loopback: Loopback, strategy: str, script: Script) -> Outcome:
    """A run of the two honest models and the endless one."""
    loopback.script = script
    async with Orchestrator(MODELS, base_url=loopback.url, ledger=":memory:") as orchestrator:
        return await orchestrator.solve(QUESTION, strategy, parameters=SMALL.get(strategy))


@pytest.mark.parametrize("strategy", STRATEGIES)
async def test_an_endless_reply_decides_nothing(loopback: Loopback, strategy: str) -> None:
    """It is a failed turn that says so, and nobody's prompt holds it."""
    outcome = await solved(loopback, strategy, reads_at_most(30_000, 600_000))

    assert outcome.answer == "42"
    why = [turn.failure.message for turn in outcome.trace.turns if turn.failure and turn.model == "endless"]
    assert all("far more than max_tokens=2048 allows" in message for message in why)
    assert not any("too long" in turn.failure.message for turn in outcome.trace.turns if turn.failure)


@pytest.mark.parametrize("strategy", STRATEGIES)
async def test_a_long_reply_is_quoted_in_part(loopback: Loopback, strategy: str) -> None:
    """It is within what its author may write, and the others can still read their prompts."""
    outcome = await solved(loopback, strategy, reads_at_most(6 * LONGEST_QUOTE, 60_000))

    assert outcome.answer == "42"
    assert not any("too long" in turn.failure.message for turn in outcome.trace.turns if turn.failure)


@pytest.mark.parametrize("strategy", KEEPING)
async def test_seats_that_cannot_read_on_keep_their_answers(loopback: Loopback, strategy: str) -> None:
    """Even what is quoted in part is too long for them: their calls fail, and their last answers stand."""
    outcome = await solved(loopback, strategy, reads_at_most(LONGEST_QUOTE // 2, 60_000))

    assert any("too long" in turn.failure.message for turn in outcome.trace.turns if turn.failure)
    assert outcome.answer == "42"
