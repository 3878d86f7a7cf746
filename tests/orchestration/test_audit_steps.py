"""Audits of stored runs: the first wrong step of each reply, by critics and by programs, told apart."""

from __future__ import annotations

import pytest

from contemplate import Budget, InputError, Orchestrator, Question, Request, ScriptedBackend
from contemplate.orchestration.step_audit import AuditedSteps, StepMark
from contemplate.types import StepCheck

SUM = Question(text="What is 6 * 7?", kind="number")
REPLIES = (
    "1. 6 * 7 = 42.\n2. Done.\nAnswer: 42",
    "1. 6 * 7 = 44.\n2. Done.\nAnswer: 44",
    "1. Six sevens.\n2. Forty.\nAnswer: 40",
)


def say(request: Request) -> str:
    """Seats by the number of their draw; critics find fault with whoever says forty."""
    said = request.messages[-1].text
    if "Go through the steps" not in said:
        return REPLIES[(2 * request.draw + (request.model == "n")) % 3]
    assert "Step 2: " in said
    return "First wrong step: 2" if "Forty" in said else "It holds.\nFirst wrong step: none"


def scripted() -> Orchestrator:
    """Two models, of which one backend speaks."""
    return Orchestrator(["m", "n"], backend=ScriptedBackend(say), ledger=":memory:")


async def test_the_first_wrong_step_and_who_found_it() -> None:
    """Arithmetic finds what the critics overlook, and they what no program can."""
    async with scripted() as orchestrator:
        run = (await orchestrator.solve(SUM, "self-consistency", parameters={"seats": 3})).run
        found = await orchestrator.audit_steps(run, critics=2)
        assert [(row.first, row.by) for row in found.rows] == [(None, ()), (1, ("arithmetic",)), (2, ("critics",))]
        assert [row.turn for row in found.rows] == [f"1.propose/seat-{seat}" for seat in (1, 2, 3)]
        assert [[mark.step for mark in row.marks] for row in found.rows] == [[0, 0], [0, 0], [2, 2]]
        assert [row.marks[0].model for row in found.rows] == ["n", "m", "n"]
        assert found.rows[1].why == "6 * 7 is 42, not 44"
        assert found.usage.calls == 6
        audit = await orchestrator.run(str(found.run))
        assert (audit.outcome or {})["answer"] == ((await orchestrator.run(run)).outcome or {})["answer"]
        assert (await orchestrator.replay(audit.run)).difference is None


@pytest.mark.parametrize(
    ("computed", "marked", "first", "by"),
    [
        (3, (1, 1), 3, ("arithmetic",)),  # whoever computes is not overruled by an opinion
        (3, (5, 5), 3, ("arithmetic",)),
        (3, (3, 3), 3, ("arithmetic", "critics")),
        (None, (2, 2), 2, ("critics",)),
        (None, (2, 1), None, ()),
        (3, (0, None), 3, ("arithmetic",)),
        (None, (0, 0), None, ()),
    ],
)
def test_what_is_computed_wrong_comes_before_what_critics_say(
    computed: int | None, marked: tuple[int | None, ...], first: int | None, by: tuple[str, ...]
) -> None:
    """It is wrong for certain; a critic's earlier step stands beside it."""
    checks = (StepCheck(step=1, holds=True, reason=""), *([StepCheck(step=computed, holds=False, reason="")] if computed else []))
    marks = tuple(StepMark("turn", "m", step) for step in marked)
    row = AuditedSteps("turn", "seat-1", "m", ("a",) * 5, checks, marks)
    assert (row.first, row.by) == (first, by)


async def test_programs_alone_call_nobody() -> None:
    """And leave no run behind; without them the critics stand alone."""
    async with scripted() as orchestrator:
        run = (await orchestrator.solve(SUM, "self-consistency", parameters={"seats": 3})).run
        found = await orchestrator.audit_steps(run, critics=0)
        assert (found.run, found.usage.calls, [row.first for row in found.rows]) == (None, 0, [None, 1, None])
        assert len(await orchestrator.runs()) == 1
        alone = await orchestrator.audit_steps(run, check=False, models="k")
        assert [(row.first, row.by) for row in alone.rows] == [(None, ()), (None, ()), (2, ("critics",))]
        assert {mark.model for row in alone.rows for mark in row.marks} == {"k"}


async def test_the_budget_holds() -> None:
    """What was not looked at has no mark, and says so by that."""
    async with scripted() as orchestrator:
        run = (await orchestrator.solve(SUM, "self-consistency", parameters={"seats": 3})).run
        found = await orchestrator.audit_steps(run, budget=Budget(calls=1))
        assert found.usage.calls == 1
        assert sum(mark.step is not None for row in found.rows for mark in row.marks) == 1


async def test_what_can_not_be_audited() -> None:
    """One line each."""
    async with scripted() as orchestrator:
        run = (await orchestrator.solve(SUM, "self-consistency")).run
        with pytest.raises(InputError, match="critics: from 0 to 100, and not -1"):
            await orchestrator.audit_steps(run, critics=-1)
        with pytest.raises(InputError, match="no run called"):
            await orchestrator.audit_steps("nothing")
