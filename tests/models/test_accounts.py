"""Who waits for room in a budget, in which order; and that no cap is ever passed, whatever is in flight."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import tokens
from contemplate.errors import BudgetError
from contemplate.models.budget import Account, Budget
from contemplate.types import Usage


async def ticks(count: int) -> None:
    """Let other tasks run so many times."""
    for _ in range(count):
        await anyio.lowlevel.checkpoint()


class TestWaiting:
    """What fits only if calls in flight turn out cheaper."""

    async def test_waits_until_it_fits(self) -> None:
        """A reservation waits while it may still fit, and gets its room when a call was cheap."""
        account = Account(Budget(tokens=100))
        first = await account.reserve(tokens(80), 0.0)
        async with anyio.create_task_group() as group:
            group.start_soon(account.reserve, tokens(50), 0.0)
            await ticks(5)
            assert 20 == account.left.tokens
            first.settle(tokens(10), 0.0)
        assert 40 == account.left.tokens

    async def test_waits_until_it_cannot_fit(self) -> None:
        """A reservation that waited is refused when a call was as dear as feared."""
        account = Account(Budget(tokens=100))
        first = await account.reserve(tokens(80), 0.0)
        refused = []

        async def wait() -> None:
            try:
                await account.reserve(tokens(50), 0.0)
            except BudgetError as error:
                refused.append(str(error))

        async with anyio.create_task_group() as group:
            group.start_soon(wait)
            await ticks(5)
            first.forfeit()
        assert ["the budget of 100 tokens has 20 left, and this call could take 50"] == refused

    @pytest.mark.parametrize("parent", [None, Account(Budget())])
    async def test_first_come_first_served(self, parent: Account | None) -> None:
        """A small call that would fit doesn't overtake a big one that waits, and all come in their order."""
        account = Account(Budget(tokens=100), parent=parent)
        first, second = await account.reserve(tokens(40), 0.0), await account.reserve(tokens(40), 0.0)
        order: list[int] = []

        async def wait(number: int, size: int) -> None:
            with await account.reserve(tokens(size), 0.0) as reservation:
                order.append(number)
                reservation.release(sent=False)

        async with anyio.create_task_group() as group:
            for number, size in enumerate([90, 10, 90, 5]):
                group.start_soon(wait, number, size)
            await ticks(5)
            assert [] == order
            first.release(sent=True)
            await ticks(5)
            assert [] == order
            second.release(sent=True)
        assert [0, 1, 2, 3] == order

    async def test_siblings_go_on(self) -> None:
        """Who waits at a run's own cap doesn't hold up other runs; who waits at the common cap holds up all."""
        root = Account(Budget(tokens=200))
        narrow, wide = Account(Budget(tokens=50), parent=root), Account(Budget(), parent=root)
        held = await narrow.reserve(tokens(40), 0.0)
        with anyio.move_on_after(5) as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(narrow.reserve, tokens(30), 0.0)
                await ticks(3)
                big = await wide.reserve(tokens(140), 0.0)
                held.release(sent=True)
                await ticks(3)
                assert 30 == root.left.tokens
                big.release(sent=True)
        assert not scope.cancelled_caught

    async def test_cancelled_waiter_lets_others_pass(self) -> None:
        """A waiter that is cancelled leaves the line, and those behind it move up."""
        account = Account(Budget(tokens=100))
        first = await account.reserve(tokens(60), 0.0)
        async with anyio.create_task_group() as group:
            with anyio.move_on_after(0.01):
                group.start_soon(ticks, 1)
                await account.reserve(tokens(90), 0.0)
            second = await account.reserve(tokens(40), 0.0)
            second.release(sent=False)
        first.release(sent=False)
        assert 100 == account.left.tokens

    async def test_cancelled_in_the_moment_of_room(self) -> None:
        """A waiter that is cancelled just when room is found gives it back."""
        account = Account(Budget(tokens=100))
        first = await account.reserve(tokens(60), 0.0)
        task = asyncio.create_task(account.reserve(tokens(90), 0.0))
        await ticks(3)
        first.release(sent=False)
        assert 10 == account.left.tokens
        task.cancel()  # anyio's own cancellation would spare a task that is just being woken; asyncio's doesn't
        with pytest.raises(asyncio.CancelledError):
            await task
        assert 100 == account.left.tokens


@dataclass(frozen=True)
class Call:
    """A task of the property test: it waits, reserves, works, and ends; or is cancelled somewhere."""

    account: int
    size: int
    start: int
    work: int
    end: str
    part: float
    attempts: int
    cancelled_after: int | None


CALLS = st.builds(
    Call,
    account=st.integers(0, 3),
    size=st.integers(1, 60),
    start=st.integers(0, 4),
    work=st.integers(0, 5),
    end=st.sampled_from(["settle", "forfeit", "release", "unsent", "leave"]),
    part=st.floats(0, 1),
    attempts=st.integers(1, 3),
    cancelled_after=st.none() | st.integers(0, 8),
)


CAPS = st.builds(
    Budget,
    calls=st.none() | st.integers(1, 12),
    tokens=st.none() | st.integers(20, 200),
    usd=st.none() | st.sampled_from([0.1, 0.3, 0.7]),
)


class Tree:
    """A root, two accounts in it, and one in the first of those; with all the invariants."""

    def __init__(self, budgets: list[Budget]) -> None:
        """One budget for each of the four accounts."""
        self.root = Account(budgets[0])
        self.left, self.right = Account(budgets[1], parent=self.root), Account(budgets[2], parent=self.root)
        self.leaf = Account(budgets[3], parent=self.left)
        self.accounts = [self.root, self.left, self.right, self.leaf]
        self.own = [Usage() for _ in self.accounts]

    def check(self) -> None:
        """What was spent and is held stays under every cap."""
        for account in self.accounts:
            total = account.total
            for spent, held, limit in zip(total.spent, total.held, total.limits, strict=True):
                assert spent >= 0
                assert held >= 0
                assert spent + held <= limit

    def check_sums(self) -> None:
        """At the end nothing is held, nobody waits, and each account is the sum of its own calls and its children's."""
        for cap in range(3):
            left, right, leaf = (self.accounts[number].total.spent[cap] for number in (1, 2, 3))
            assert 0 == sum(account.total.held[cap] for account in self.accounts)
            assert left >= leaf
            assert self.root.total.spent[cap] >= left + right
        assert [] == self.root.line._waiters

    async def make(self, call: Call) -> None:
        """One task, whole."""
        await ticks(call.start)
        account = self.accounts[call.account]
        try:
            with await account.reserve(tokens(call.size), call.size / 100) as reservation:
                for attempt in range(call.attempts):
                    if attempt:
                        reservation.again(billed=attempt % 2 == 0)
                    self.check()
                    await ticks(call.work)
                if call.end == "settle":
                    reservation.settle(tokens(int(call.size * call.part)), call.size * call.part / 100)
                elif call.end == "forfeit":
                    reservation.forfeit()
                elif call.end != "leave":
                    reservation.release(sent=call.end == "release")
        except BudgetError:
            pass
        self.check()

    async def cancellable(self, call: Call) -> None:
        """One task, cancelled after a while if it says so."""
        async with anyio.create_task_group() as group:
            group.start_soon(self.make, call)
            if call.cancelled_after is not None:
                await ticks(call.cancelled_after)
                group.cancel_scope.cancel()


@given(budgets=st.lists(CAPS, min_size=4, max_size=4), calls=st.lists(CALLS, min_size=1, max_size=25))
@settings(max_examples=150, deadline=None)
def test_no_cap_is_ever_passed(budgets: list[Budget], calls: list[Call]) -> None:
    """Whatever tasks reserve, end, try again and are cancelled in whatever order: no cap passed, no deadlock, sums right."""

    async def main() -> None:
        tree = Tree(budgets)
        with anyio.fail_after(10):
            async with anyio.create_task_group() as group:
                for call in calls:
                    group.start_soon(tree.cancellable, call)
        tree.check_sums()

    anyio.run(main)


@given(sizes=st.lists(st.integers(1, 50), min_size=1, max_size=30), works=st.lists(st.integers(0, 4), min_size=30, max_size=30))
@settings(max_examples=60, deadline=None)
def test_one_account_serves_in_order(sizes: list[int], works: list[int]) -> None:
    """In one account, calls get their room in the order in which they asked for it, whatever their size."""
    order: list[int] = []

    async def main() -> None:
        account = Account(Budget(tokens=50))

        async def call(number: int) -> None:
            with await account.reserve(tokens(sizes[number]), 0.0) as reservation:
                order.append(number)
                await ticks(works[number])
                reservation.release(sent=True)

        with anyio.fail_after(10):
            async with anyio.create_task_group() as group:
                for number in range(len(sizes)):
                    group.start_soon(call, number)

    anyio.run(main)
    assert sorted(order) == order
    assert len(sizes) == len(order)


@given(amounts=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 10**6), st.floats(0, 10)), max_size=40))
@settings(max_examples=60, deadline=None)
def test_parents_are_the_sum_of_their_children(amounts: list[tuple[int, int, float]]) -> None:
    """What three children spent is what their parent spent, to the last picodollar."""

    async def main() -> tuple[Account, list[Account]]:
        parent = Account(Budget())
        children = [Account(Budget(), parent=parent) for _ in range(3)]
        for child, size, usd in amounts:
            (await children[child].reserve(tokens(size), usd)).settle(tokens(size), usd)
        return parent, children

    parent, children = anyio.run(main)
    for cap in range(3):
        assert sum(child.total.spent[cap] for child in children) == parent.total.spent[cap]
    assert sum(child.usage.prompt_tokens for child in children) == parent.usage.prompt_tokens
