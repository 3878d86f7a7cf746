"""Credit: each seat, or turn, is left out in turn, and what that takes is what was estimated."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from contemplate import Budget, InputError, Orchestrator, Question, Request, ScriptedBackend
from contemplate.orchestration.credit import CREDIT, CreditRow
from contemplate.orchestration.options import RunOptions
from contemplate.orchestration.rehearsal import Estimate
from loopback import Loopback, Seen

SUM = Question(text="What is 6 * 7?", kind="number")
FIVE = RunOptions(parameters={"seats": 5})


@pytest.fixture
async def served(loopback: Loopback) -> AsyncIterator[Orchestrator]:
    """An orchestrator on a server at which seats say one of two numbers, each in words of its own, by the seed of the draw."""

    def script(seen: Seen) -> str:
        return f"I say so, {seen.body['seed']} times.\nAnswer: {seen.body['seed'] % 2 + 41}"

    loopback.script = script
    async with Orchestrator(["m"], base_url=loopback.url, ledger=":memory:") as orchestrator:
        yield orchestrator


async def test_credit_costs_what_was_estimated(served: Orchestrator, loopback: Loopback) -> None:
    """Of a debate of five seats: four answer again in each of five forks."""
    whole = await served.carry_out(SUM, "multiagent-debate", FIVE)
    made, told, rows = len(loopback.seen), list[Estimate](), list[CreditRow]()
    expected = await served.estimate_credit(whole.run)
    assert made == len(loopback.seen)
    found = await served.credit(whole.run, on_estimate=told.append, on_row=rows.append)

    assert 10 == made
    assert (20, 20) == expected.calls
    assert 20 == len(loopback.seen) - made == found.usage.calls == sum(row.calls for row in found.rows)
    assert [expected] == told
    assert [f"seat-{seat}" for seat in range(1, 6)] == [row.left_out for row in found.rows]
    assert list(found.rows) == rows
    assert whole.answer == found.answer


async def test_it_is_found_out_once(served: Orchestrator, loopback: Loopback) -> None:
    """The second time nothing is called, and the table is the same."""
    whole = await served.carry_out(SUM, "multiagent-debate", RunOptions())
    first = await served.credit(whole.run)
    made = len(loopback.seen)
    second = await served.credit(whole.run)

    assert made == len(loopback.seen)
    assert (0, 0) == second.estimate.calls
    assert first.rows == second.rows


async def test_who_is_decisive() -> None:
    """Of 1, 2, 2 each who said 2 is: without him there is a tie, and the first answer wins it."""

    def say(request: Request) -> str:
        return f"Answer: {(1, 2, 2)[request.draw]}"

    async with Orchestrator(["m"], backend=ScriptedBackend(say), ledger=":memory:") as orchestrator:
        parameters = {"seats": 3, "ties": "first-seen"}
        whole = await orchestrator.carry_out(SUM, "self-consistency", RunOptions(parameters=parameters))
        found = await orchestrator.credit(whole.run)

    assert (found.answer, found.decisive) == ("2", ("seat-2", "seat-3"))
    assert [(row.answer, row.changes_answer) for row in found.rows] == [("2", False), ("1", True), ("1", True)]
    assert pytest.approx([1, 0, 0]) == [row.margin for row in found.rows]
    assert pytest.approx([2 / 3, -1 / 3, -1 / 3]) == [row.margin_change for row in found.rows]
    assert pytest.approx([3 / 4 - 3 / 5, 1 / 2 - 3 / 5, 1 / 2 - 3 / 5], abs=1e-5) == [row.confidence_change for row in found.rows]
    assert 0 == found.usage.calls


async def test_forks_that_ask_alike_ask_once(served: Orchestrator, loopback: Loopback) -> None:
    """Two seats said the same to the letter: it does not matter which of them is left out, and the estimate knows."""
    loopback.script = "Answer: 41"
    whole = await served.carry_out(SUM, "multiagent-debate", RunOptions())
    made = len(loopback.seen)
    expected = await served.estimate_credit(whole.run)
    found = await served.credit(whole.run)

    assert found.usage.calls == len(loopback.seen) - made == expected.calls[0]
    assert found.usage.calls < 6


async def test_turns_are_left_out_on_demand(served: Orchestrator, loopback: Loopback) -> None:
    """Those of the last round take no call."""
    whole = await served.carry_out(SUM, "multiagent-debate", RunOptions())
    made = len(loopback.seen)
    expected = await served.estimate_credit(whole.run, turns=True)
    found = await served.credit(whole.run, turns=True)

    assert [turn.id for turn in whole.trace.turns if turn.seat] == [row.left_out for row in found.rows]
    assert [3, 3, 3, 0, 0, 0] == [row.calls for row in found.rows]
    assert expected.calls == (9, 9)
    assert 9 == len(loopback.seen) - made


async def test_a_budget_that_is_too_small_is_refused(served: Orchestrator, loopback: Loopback) -> None:
    """Before anything is called."""
    whole = await served.carry_out(SUM, "multiagent-debate", FIVE)
    made = len(loopback.seen)

    with pytest.raises(InputError, match="budget: calls: it takes 20 calls"):
        await served.credit(whole.run, budget=Budget(calls=19))
    assert made == len(loopback.seen)


async def test_a_budget_that_runs_out_leaves_the_rest(served: Orchestrator, loopback: Loopback) -> None:
    """A call fails and is made again, so that more is used than was expected; the same command goes on later."""
    whole = await served.carry_out(SUM, "multiagent-debate", FIVE)
    made, told = len(loopback.seen), loopback.script
    assert callable(told)
    failed = [True] * 2

    def script(seen: Seen) -> Loopback.reply | str:  # type: ignore[valid-type]
        return Loopback.reply(status=503, headers={"Retry-After": "0"}) if failed and failed.pop() else told(seen)

    loopback.script = script
    found = await served.credit(whole.run, budget=Budget(calls=20))

    assert 20 == len(loopback.seen) - made
    assert [None] == [row.changes_answer for row in found.rows if row.changes_answer is None]
    assert "budget" == found.rows[-1].stopped
    assert 5 == len(found.rows) + len(found.skipped)
    again = await served.credit(whole.run)
    assert 5 == len(again.rows)
    assert None not in [row.changes_answer for row in again.rows]
    assert 22 == len(loopback.seen) - made


async def test_one_seat_can_not_be_left_out(served: Orchestrator) -> None:
    """Nobody would be there."""
    whole = await served.carry_out(SUM, "single", RunOptions())

    with pytest.raises(InputError, match="has one seat that spoke"):
        await served.credit(whole.run)


async def test_forks_for_credit_are_runs(served: Orchestrator) -> None:
    """They can be shown, compared and replayed."""
    whole = await served.carry_out(SUM, "multiagent-debate", RunOptions())
    found = await served.credit(whole.run)

    assert [f"{CREDIT}seat-{seat}-of-{whole.run}" for seat in (1, 2, 3)] == [row.run for row in found.rows]
    assert (await served.replay(found.rows[0].run)).identical
    assert [whole.run] == [record.run for record in await served.runs() if not record.forked]
    assert {"rows", "decisive", "skipped", "usage", "estimate", "answer", "run", "margin", "confidence"} == set(found.to_dict())
