"""What a ledger teaches stands in the plan of a run that wants to know, once for a process."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from contemplate import Orchestrator, Propose, Question, Request, ScriptedBackend, Step, Strategy, Vote
from contemplate.orchestration.run_spec import RunSpec
from contemplate.run import Run
from contemplate.steps import PROTOCOLS
from contemplate.steps.base import Panel, Teaching
from contemplate.voting.witnesses import NOTHING, Knowledge

SEEN: list[Knowledge] = []


class Listening(Step):
    """A step that goes by what is known of witnesses."""

    do: Literal["listening"] = "listening"

    @property
    def taught(self) -> frozenset[Teaching]:
        """Of witnesses."""
        return frozenset({"witnesses"})

    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Note what is known."""
        SEEN.append(run.knowledge)
        return panel


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The step can be found by its name, as one that a package brings."""
    monkeypatch.setitem(PROTOCOLS, "listening", Listening)
    SEEN.clear()


LISTENING = Strategy(steps=[Propose(), Listening(), Vote()])
PLAIN = Strategy(steps=[Propose(), Vote()])


def agents(request: Request) -> str:
    """Everybody is right, and every verdict is sound."""
    return "Answer: 4" if "Verdict:" not in request.messages[-1].content else "Verdict: sound\nVerdict: accept"


def orchestrator(ledger: Path) -> Orchestrator:
    """One whose agents are scripted."""
    return Orchestrator("m", backend=ScriptedBackend(agents), ledger=ledger)


async def calibrated(one: Orchestrator, numbers: range) -> None:
    """Questions with known answers, in the ledger."""
    for number in numbers:
        await one.solve(Question(text=f"What is {number} * 0 + 4?", kind="number", gold="4"), "calibration")


async def test_a_run_is_given_what_was_learned_and_keeps_it(tmp_path: Path) -> None:
    """It stands in the stored plan, and a replay goes by that even when more was learned since."""
    async with orchestrator(tmp_path / "l.db") as one:
        await calibrated(one, range(3))
        outcome = await one.solve("2 + 2?", LISTENING, answer="number")
    async with orchestrator(tmp_path / "l.db") as one:
        await calibrated(one, range(3, 6))
        record = await one.ledger.run(outcome.run)
        replay = await one.replay(outcome.run)

    assert record is not None
    assert ["critic:m", "verifier:m"] == sorted(SEEN[0].critics)
    assert SEEN[0] == RunSpec.stored(record.run, record.spec).knowledge
    assert replay.identical
    assert SEEN[0] == SEEN[1]


async def test_it_is_learned_once_for_a_process(tmp_path: Path) -> None:
    """Runs that fill the ledger do not change what the next ones go by; who opens it later learns from them."""
    async with orchestrator(tmp_path / "l.db") as one:
        await calibrated(one, range(3))
        await one.solve("2 + 2?", LISTENING, answer="number")
        await calibrated(one, range(3, 6))
        await one.solve("3 + 1?", LISTENING, answer="number")
    async with orchestrator(tmp_path / "l.db") as one:
        await one.solve("1 + 3?", LISTENING, answer="number")

    assert SEEN[0] == SEEN[1]
    assert SEEN[2].critics["verifier:m"].verdicts > SEEN[1].critics["verifier:m"].verdicts


async def test_a_question_does_not_vouch_for_itself(tmp_path: Path) -> None:
    """Asked again, with replies that are on record, it is as sure as before; another question learns from it."""
    confidences = []
    for _ in range(3):
        async with orchestrator(tmp_path / "l.db") as one:
            outcome = await one.solve("2 + 2?", "contemplating", answer="number", parameters={"seats": 3})
            confidences.append(outcome.confidence)
            await one.solve("2 + 2?", LISTENING, answer="number")
    async with orchestrator(tmp_path / "l.db") as one:
        await one.solve("3 + 1?", LISTENING, answer="number")

    assert confidences[0] == confidences[1] == confidences[2]
    assert [NOTHING] * 3 == SEEN[:3]
    assert {"m"} <= SEEN[3].members.keys()


async def test_a_question_says_nothing_of_how_reliable_those_are_who_answer_it_again(tmp_path: Path) -> None:
    """The weights of learned voters are the same each time that it is asked, and of another question they are not."""

    def said(request: Request) -> str:
        right = request.model == "m" or "2 + 2?" not in request.messages[-1].content
        return "Answer: 4" if right else "Answer: 5"

    learned = Strategy(steps=[Propose(seats=3), Vote(rule="weighted", voters="learned")])
    async with Orchestrator(["m", "n", "o"], backend=ScriptedBackend(said), ledger=tmp_path / "l.db") as one:
        for question in ("1 + 3?", "3 + 1?", "0 + 4?"):
            await one.solve(question, PLAIN, answer="number")
        runs = [(await one.solve("2 + 2?", learned, answer="number")).run for _ in range(3)]
        runs.append((await one.solve("4 + 0?", learned, answer="number")).run)
        specs = [RunSpec.stored(run, (await one.run(run)).spec) for run in runs]

    first, second, third, other = (spec.reliability for spec in specs)
    assert first == second == third
    assert len(set(first.values())) == 1
    assert other["m"] < other["n"]


async def test_a_run_is_taught_of_its_own_models_only(tmp_path: Path) -> None:
    """What else the ledger knows is none of its business, and does not stand in its plan."""
    async with orchestrator(tmp_path / "l.db") as one:
        await calibrated(one, range(3))
    async with Orchestrator("other", backend=ScriptedBackend(agents), ledger=tmp_path / "l.db") as one:
        await one.solve("2 + 2?", LISTENING, answer="number")

    assert ({}, {}) == (SEEN[0].members, SEEN[0].critics)


async def test_an_empty_ledger_teaches_nothing(tmp_path: Path) -> None:
    """And a question of another kind than was asked about learns nothing of its critics."""
    async with orchestrator(tmp_path / "l.db") as one:
        await one.solve("2 + 2?", LISTENING, answer="number")
        await calibrated(one, range(3))
        await one.solve("Four?", LISTENING, answer="text")

    assert NOTHING == SEEN[0]
    assert {} == SEEN[1].critics


async def test_the_plan_of_other_strategies_says_nothing_of_it(tmp_path: Path) -> None:
    """So that it is stored as it always was."""
    async with orchestrator(tmp_path / "l.db") as one:
        await calibrated(one, range(3))
        outcome = await one.solve("2 + 2?", PLAIN, answer="number")
        record = await one.ledger.run(outcome.run)

    assert record is not None
    assert not {"knowledge", "consistency"} & record.spec.keys()
