"""Those who become ready at one moment go on a few at a time, and the loop comes round between them."""

from __future__ import annotations

import asyncio
import gc
import weakref
from itertools import pairwise

import anyio

from contemplate import Orchestrator, Question, ScriptedBackend, Strategy
from contemplate.concurrency import rounds
from contemplate.ledger import Ledger, open_ledger
from contemplate.orchestration.options import RunOptions
from contemplate.orchestration.run_spec import RunSpec


async def test_a_few_in_each_round_in_their_order() -> None:
    """First come, first served, and never all at once."""
    went: list[int] = []
    seen: list[int] = []

    async def go(number: int) -> None:
        await rounds().turn()
        went.append(number)

    async with anyio.create_task_group() as tasks:
        for number in range(100):
            tasks.start_soon(go, number)
        while len(went) < 100:
            await asyncio.sleep(0)
            seen.append(len(went))

    assert went == list(range(100))
    assert max(after - before for before, after in pairwise([0, *seen])) <= 32  # of two rounds, at most


async def test_nobody_waits_where_there_is_no_crowd() -> None:
    """A turn costs nothing then."""
    before = asyncio.get_running_loop().time()
    for _ in range(1000):
        await rounds().turn()
        await asyncio.sleep(0)
    assert asyncio.get_running_loop().time() - before < 1


def test_loops_that_are_over_are_let_go() -> None:
    """A program may make many, one after the other."""
    loops = []

    async def work() -> None:
        await rounds().turn()
        loops.append(weakref.ref(asyncio.get_running_loop()))

    for _ in range(3):
        asyncio.run(work())
    gc.collect()
    assert [loop() for loop in loops] == [None] * 3


async def test_who_is_cancelled_gives_up_its_turn() -> None:
    """Those behind it go on."""
    went: list[int] = []

    async def go(number: int) -> None:
        await rounds().turn()
        went.append(number)

    async with anyio.create_task_group() as tasks:
        for number in range(40):
            tasks.start_soon(go, number)
        await asyncio.sleep(0)
        tasks.cancel_scope.cancel()
    assert len(went) < 40
    async with asyncio.timeout(5):
        await go(100)
    assert went[-1] == 100


async def test_who_waits_for_a_ledger_is_woken_a_few_at_a_time() -> None:
    """However many operations one transaction answers."""
    woken: list[int] = []

    async def look(ledger: Ledger, number: int) -> None:
        await ledger.completion(f"{number:064x}")
        woken.append(number)

    seen = [0]
    ledger = await open_ledger(":memory:")
    async with anyio.create_task_group() as tasks:
        for number in range(200):
            tasks.start_soon(look, ledger, number)
        while len(woken) < 200:
            await asyncio.sleep(0)
            seen.append(len(woken))
    await ledger.aclose()
    assert max(after - before for before, after in pairwise(seen)) <= 32


async def test_a_crowd_of_questions_begins_a_few_at_a_time() -> None:
    """What a question takes before its first wait is spread, too."""
    begun = [0]
    async with Orchestrator(["m"], backend=ScriptedBackend(lambda _: "Answer: 42"), ledger=":memory:") as orchestrator:
        specify = orchestrator.specify
        specified: list[str] = []

        def counted(question: Question | str, strategy: Strategy | str, options: RunOptions) -> RunSpec:
            specified.append(str(question))
            return specify(question, strategy, options)

        orchestrator.specify = counted  # type: ignore[method-assign]
        async with anyio.create_task_group() as tasks:
            for number in range(64):
                tasks.start_soon(orchestrator.solve, f"What is {number} * 7?", "self-consistency")
            while len(specified) < 64:
                await asyncio.sleep(0)
                begun.append(len(specified))
    assert max(after - before for before, after in pairwise(begun)) <= 32
