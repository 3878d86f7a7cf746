"""Tools and the ledger: what is kept, resumed, forked, and not called twice."""

from __future__ import annotations

import anyio
import pytest

from contemplate import InputError, Orchestrator, Tool
from contemplate.ledger import open_ledger
from tool_users import QUESTION, call, calling, replayed, uses


async def test_pure_results_are_shared_by_runs_and_others_are_not() -> None:
    """A tool that is not pure is called once in each run."""
    counted: list[str] = []

    def look_up(word: str) -> str:
        """Look a word up."""
        counted.append(word)
        return f"{word} no. {len(counted)}"

    ask = call("look_up", '{"word": "a"}')
    for pure, calls in ((True, 1), (False, 2)):
        counted.clear()
        async with Orchestrator(["m"], backend=calling(ask), ledger=":memory:") as orchestrator:
            for seed in (1, 2):
                tool = Tool.from_function(look_up, name="look_up", pure=pure)
                orchestrator.tools.made.clear()
                outcome = await orchestrator.solve(QUESTION, "single", tools=[tool], seed=seed)
                await replayed(orchestrator, outcome)
                assert pure == uses(outcome)[0].pure
        assert calls == len(counted)


async def test_a_run_that_was_cut_short_calls_no_tool_twice() -> None:
    """What came is kept; what was at work is not called again unless that is wished."""
    done: list[str] = []
    stuck = anyio.Event()

    async def order(item: str) -> str:
        """Order an item."""
        done.append(item)
        if item == "slow" and done.count("slow") == 1:
            stuck.set()
            await anyio.sleep_forever()
        return f"{item} ordered"

    backend = calling(call("order", '{"item": "quick"}'), call("order", '{"item": "slow"}'))
    for again, came in ((False, "interrupted"), (True, None)):
        done.clear()
        stuck = anyio.Event()
        async with Orchestrator(["m"], backend=backend, ledger=":memory:", tools=[order]) as orchestrator:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(orchestrator.solve, QUESTION, "single")
                await stuck.wait()
                tasks.cancel_scope.cancel()
            outcome = await orchestrator.resume("last", tools_again=again)
            await replayed(orchestrator, outcome)
        assert [None, came] == [use.failed for use in uses(outcome)]
        assert ["quick", "slow", *(["slow"] if again else [])] == done


async def test_a_fork_has_the_results_of_its_origin() -> None:
    """A tool that is not pure is not called again for it."""
    done: list[str] = []

    def order(item: str) -> str:
        """Order an item."""
        done.append(item)
        return f"{item} ordered"

    backend = calling(call("order", '{"item": "one"}'))
    async with Orchestrator(["m"], backend=backend, ledger=":memory:", tools=[order]) as orchestrator:
        first = await orchestrator.solve(QUESTION, "self-consistency", parameters={"seats": 3})
        before = len(done)
        fork = await orchestrator.fork(first.run, without_seats=[3])
        await replayed(orchestrator, fork)
    assert before == len(done) == 3
    assert uses(first) == uses(fork)


async def test_a_run_that_is_resumed_needs_its_tools() -> None:
    """A function is not in the ledger."""
    started = anyio.Event()

    async def wait() -> str:
        """Wait."""
        started.set()
        await anyio.sleep_forever()
        return ""

    ledger = await open_ledger(":memory:")
    backend = calling(call("wait"))
    async with (
        Orchestrator(["m"], backend=backend, ledger=ledger, tools=[wait]) as orchestrator,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(orchestrator.solve, QUESTION, "single")
        await started.wait()
        tasks.cancel_scope.cancel()
    async with Orchestrator(["m"], backend=backend, ledger=ledger) as orchestrator:
        with pytest.raises(InputError, match="wait"):
            await orchestrator.resume("last")
    await ledger.aclose()
