"""What a ledger teaches about its models, without any right answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from contemplate import InputError, Orchestrator, Propose, Request, ScriptedBackend, Strategy, Vote
from contemplate.analysis.model_reliability import learned_reliability
from contemplate.seeds import rng

MODELS = ("good", "fair", "poor")
RIGHT = {"good": 0.95, "fair": 0.8, "poor": 0.5}


def answers(request: Request) -> str:
    """Question n has the answer n; each model is wrong as often as `RIGHT` says, and then says something of its own."""
    number = int(request.messages[-1].content.split("Question ")[1].split("?")[0])
    place = MODELS.index(request.model)
    right = rng(number, request.model).random() < RIGHT[request.model]
    return f"Answer: {number if right else 1000 + number * 3 + place}"


async def asked(ledger: Path, questions: int, seats: int = 3) -> None:
    """Fill a ledger in which three models answered so many questions."""
    async with Orchestrator(MODELS, backend=ScriptedBackend(answers), ledger=ledger) as orchestrator:
        for number in range(questions):
            await orchestrator.solve(f"Question {number}?", "self-consistency", answer="number", parameters={"seats": seats})


async def test_models_are_ranked_by_their_answers_alone(tmp_path: Path) -> None:
    """The estimates come near the true shares, each with an interval that holds it."""
    await asked(tmp_path / "l.db", 40)
    async with Orchestrator(ledger=tmp_path / "l.db") as orchestrator:
        estimate = await learned_reliability(orchestrator.ledger)

    found = {member.member: member for member in estimate.members}
    assert found["good"].weight > found["fair"].weight > found["poor"].weight
    assert all(abs(found[model].accuracy - right) < 0.15 for model, right in RIGHT.items())
    assert all(member.low < member.accuracy < member.high for member in found.values())
    assert {member.answered for member in estimate.members} == {40}


async def test_copies_of_a_model_count_once(tmp_path: Path) -> None:
    """Three seats of one model are one witness of a question."""
    await asked(tmp_path / "l.db", 6)
    await asked(tmp_path / "l.db", 6, seats=9)
    async with Orchestrator(ledger=tmp_path / "l.db") as orchestrator:
        estimate = await learned_reliability(orchestrator.ledger)

    assert {member.answered for member in estimate.members} == {6}


async def test_a_vote_by_learned_weights_follows_the_reliable(tmp_path: Path) -> None:
    """One good model outvotes two seats of a poor one; the weights stand in the plan, so the replay needs no learning."""
    strategy = Strategy(steps=[Propose(seats=3), Vote.model_validate({"do": "vote", "rule": "weighted", "voters": "learned"})])
    await asked(tmp_path / "l.db", 40)

    def split(request: Request) -> str:
        return "Answer: 1" if request.model == "good" else "Answer: 2"

    async with Orchestrator(["poor", "good", "poor"], backend=ScriptedBackend(split), ledger=tmp_path / "l.db") as orchestrator:
        outcome = await orchestrator.solve("Another?", strategy, answer="number")
        replay = await orchestrator.replay(outcome.run)
        difference = replay.difference

    assert outcome.answer == "1"
    assert difference is None


async def test_too_little_to_learn_from_is_said(tmp_path: Path) -> None:
    """One line: what is missing, and how much it takes."""
    strategy = Strategy(steps=[Propose(seats=3), Vote.model_validate({"do": "vote", "rule": "weighted", "voters": "learned"})])
    await asked(tmp_path / "l.db", 2)
    async with Orchestrator(MODELS, backend=ScriptedBackend(answers), ledger=tmp_path / "l.db") as orchestrator:
        with pytest.raises(InputError, match="2 questions were answered by more than one model"):
            await orchestrator.solve("Question 9?", strategy, answer="number")
