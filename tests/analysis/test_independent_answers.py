"""All that learns from stored runs goes by the same independent answers, whichever strategy gave them."""

from __future__ import annotations

import pytest

from contemplate import Orchestrator, Request, ScriptedBackend
from contemplate.analysis.model_reliability import learned_reliability
from contemplate.analysis.redecide import stored_samples
from contemplate.ledger.base import Ledger
from contemplate.trace import Trace

MODELS = ("x", "y", "z")


def reply(request: Request) -> str:
    """Each model has an answer of its own, so that nobody agrees at once."""
    return f"Answer: {MODELS.index(request.model)}\n[[5, 5, 5]]"


async def independent(ledger: Ledger) -> list[list[tuple[str, str]]]:
    """The model and the answer of each independent answer, question by question."""
    found = []
    for run in await ledger.run_ids():
        turns = Trace.of(await ledger.turns(run)).independent_answers()
        found.append([(turn.model, turn.answer.value) for turn in turns if turn.answer is not None])
    return found


@pytest.mark.parametrize(
    ("strategy", "parameters", "each"),
    [
        ("dylan", {"seats": 3}, 3),
        ("discussion-vote", {"drafts": "all"}, 3),
        ("self-consistency", {"seats": 3}, 3),
        ("multiagent-debate", {}, 3),
    ],
)
async def test_one_definition_of_an_independent_answer(strategy: str, parameters: dict[str, object], each: int) -> None:
    """After three questions, what is decided again and what reliability is learned from are the trace's independent answers."""
    async with Orchestrator(MODELS, backend=ScriptedBackend(reply), ledger=":memory:") as orchestrator:
        for number in range(3):
            await orchestrator.solve(f"Question {number}?", strategy, answer="number", parameters=parameters)
        answers = await independent(orchestrator.ledger)
        samples = await stored_samples(orchestrator.ledger)
        learned = await learned_reliability(orchestrator.ledger)

    assert [[(model, str(place)) for place, model in enumerate(MODELS)]] * 3 == answers
    assert [each] * 3 == [len(votes.classes) for votes in samples]
    assert [MODELS] * 3 == [votes.members for votes in samples]
    assert {(model, 3) for model in MODELS} == {(member.member, member.answered) for member in learned.members}
