"""Budgets and accounts: no cap is ever passed, nobody waits for ever, and sums are right to the last picodollar."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from contemplate.errors import BudgetError, InputError, UnknownNameError
from contemplate.models.budget import Account, Budget
from contemplate.types import Tokens, Usage


def tokens(total: int) -> Tokens:
    """So many tokens, two thirds of them of a prompt."""
    return Tokens(prompt=total - total // 3, completion=total // 3)


async def ticks(count: int) -> None:
    """Let other tasks run so many times."""
    for _ in range(count):
        await anyio.lowlevel.checkpoint()


class TestBudget:
    """The caps themselves."""

    @pytest.mark.parametrize("cap", ["calls", "tokens", "usd", "seconds"])
    @pytest.mark.parametrize("value", [0, -1, math.nan, math.inf, "many", True])
    def test_bad_cap(self, cap: str, value: object) -> None:
        """A cap that is no number above 0 is refused in one line that names it as it was given."""
        with pytest.raises(InputError) as caught:
            Budget(**{cap: value})
        assert f"the budget's {cap} is {value!r}: it must be" in str(caught.value)
        assert "\n" not in str(caught.value)
        with pytest.raises(ValidationError):
            Budget.model_validate({cap: value})

    def test_half_a_call(self) -> None:
        """Calls and tokens are whole."""
        with pytest.raises(InputError, match=r"the budget's calls is 2\.5: it must be a whole number above 0"):
            Budget(calls=2.5)

    def test_unknown_cap(self) -> None:
        """A cap of another name is refused with the nearest one."""
        with pytest.raises(UnknownNameError, match="did you mean 'tokens'"):
            Budget(token=3)

    def test_good_caps(self) -> None:
        """Good caps are kept, whole US dollars too, and survive JSON."""
        budget = Budget(calls=3, usd=1, seconds=0.5, tokens=None)
        assert Budget(calls=3, usd=1.0, seconds=0.5) == budget
        assert budget == Budget.model_validate_json(budget.model_dump_json())


class TestAccount:
    """One account at a time."""

    async def test_settled(self) -> None:
        """What a call took is charged, not what was set aside for it."""
        account = Account(Budget(calls=2, tokens=100, usd=1.0))
        reservation = await account.reserve(tokens(60), 0.5)
        assert Usage() == account.usage
        assert (1, 40, 0.5) == (account.left.calls, account.left.tokens, account.left.usd)
        reservation.settle(Tokens(prompt=5, completion=4), 0.1)
        assert Usage(calls=1, prompt_tokens=5, completion_tokens=4, usd=0.1) == account.usage
        assert (1, 91, 0.9) == (account.left.calls, account.left.tokens, account.left.usd)

    async def test_no_cap(self) -> None:
        """An account without caps counts and never refuses."""
        account = Account(Budget(seconds=1.0))
        (await account.reserve(tokens(10**9), None)).settle(tokens(10**9), None)
        usage = account.usage
        assert (1, 10**9, None) == (usage.calls, usage.prompt_tokens + usage.completion_tokens, usage.usd)
        assert (None, None, None) == (account.left.calls, account.left.tokens, account.left.usd)

    @pytest.mark.parametrize(
        ("budget", "line"),
        [
            (Budget(calls=1), "the budget of 1 calls has 0 left, and this call could take 1"),
            (Budget(tokens=70), "the budget of 70 tokens has 10 left, and this call could take 60"),
            (Budget(usd=0.7), "the budget of 0.7 US dollars has 0.1 left, and this call could take 0.6"),
        ],
    )
    async def test_beyond_a_cap(self, budget: Budget, line: str) -> None:
        """A call that could pass a cap is refused, and nothing of it stays."""
        account = Account(budget)
        (await account.reserve(tokens(60), 0.6)).forfeit()
        before = account.left
        with pytest.raises(BudgetError) as caught:
            await account.reserve(tokens(60), 0.6)
        assert line == str(caught.value)
        assert before == account.left

    async def test_tenths_of_a_dollar(self) -> None:
        """Three times 0.1 fits into 0.3, which it doesn't in floats."""
        account = Account(Budget(usd=0.3))
        for _ in range(3):
            (await account.reserve(tokens(1), 0.1)).settle(tokens(1), 0.1)
        assert 0.3 == account.usage.usd
        with pytest.raises(BudgetError):
            await account.reserve(tokens(1), 1e-12)

    async def test_unknown_price(self) -> None:
        """A cap in US dollars, even a parent's, can't be kept for a model without a price; the error names it."""
        account = Account(Budget(), parent=Account(Budget(usd=1.0)))
        with pytest.raises(InputError, match=r"no price is known for model 'a/b'.*\[prices\.\"a/b\"\] or use a token budget"):
            await account.reserve(tokens(1), None, model="a/b")
        assert Usage() == account.usage

    @pytest.mark.parametrize("usd", [-0.1, math.nan, math.inf])
    async def test_no_amount_of_money(self, usd: float) -> None:
        """A price that is no amount of money is refused before anything is held."""
        account = Account(Budget(calls=1))
        with pytest.raises(InputError, match="mend its model's price"):
            await account.reserve(tokens(1), usd)
        assert 1 == account.left.calls

    async def test_more_than_the_worst_case(self) -> None:
        """A provider that takes more than it should is recorded honestly, and nothing fits after it."""
        account = Account(Budget(tokens=100))
        (await account.reserve(tokens(90), 0.0)).settle(tokens(150), 0.0)
        assert 150 == account.usage.prompt_tokens + account.usage.completion_tokens
        assert 0 == account.left.tokens
        with pytest.raises(BudgetError, match="has 0 left"):
            await account.reserve(tokens(1), 0.0)

    async def test_settled_without_a_price(self) -> None:
        """If the price turns out unknown, caps are charged with the worst case, and the total is honestly unknown."""
        account = Account(Budget(usd=1.0))
        (await account.reserve(tokens(9), 0.6)).settle(tokens(3), None)
        assert (None, 0.4) == (account.usage.usd, account.left.usd)

    async def test_spent_before(self) -> None:
        """What an interrupted run has spent goes on counting, in the parent too."""
        parent = Account(Budget(calls=10))
        spent = Usage(calls=4, prompt_tokens=60, completion_tokens=20, usd=0.2)
        account = Account(Budget(tokens=100), parent=parent, spent=spent)
        assert (6, 20) == (account.left.calls, account.left.tokens)
        assert spent == account.usage
        assert spent == parent.usage
        with pytest.raises(BudgetError):
            await account.reserve(tokens(21), 0.0)

    def test_spent_before_at_an_unknown_price(self) -> None:
        """A run that went on without prices can't be resumed with a cap in US dollars."""
        with pytest.raises(InputError, match="no known price"):
            Account(Budget(usd=1.0), spent=Usage(calls=1, usd=None))


class TestReservation:
    """Each reservation ends exactly once."""

    async def test_left_open(self) -> None:
        """A block that is left without a word, or by an error, forfeits the worst case."""
        account = Account(Budget())
        with await account.reserve(tokens(60), 0.5):
            pass
        reservation = await account.reserve(tokens(60), 0.5)
        with pytest.raises(ZeroDivisionError), reservation:
            raise ZeroDivisionError
        assert Usage(calls=2, prompt_tokens=80, completion_tokens=40, usd=1.0) == account.usage

    @pytest.mark.parametrize("sent", [True, False])
    async def test_released(self, sent: bool) -> None:
        """A call that cost nothing counts only if it left; the block adds nothing to that."""
        account = Account(Budget(calls=1, tokens=60, usd=0.5))
        with await account.reserve(tokens(60), 0.5) as reservation:
            reservation.release(sent=sent)
        assert Usage(calls=int(sent)) == account.usage
        assert (1 - sent, 60, 0.5) == (account.left.calls, account.left.tokens, account.left.usd)

    async def test_ended_twice(self) -> None:
        """Ending a reservation a second time is an error, and charges nothing."""
        account = Account(Budget())
        reservation = await account.reserve(tokens(6), 0.5)
        reservation.settle(tokens(3), 0.1)
        ends = (
            lambda: reservation.settle(tokens(3), 0.1),
            lambda: reservation.release(sent=True),
            reservation.forfeit,
            reservation.again,
        )
        for end in ends:
            with pytest.raises(RuntimeError, match="already"):
                end()
        assert 1 == account.usage.calls

    async def test_again_after_an_unknown_fate(self) -> None:
        """An attempt that may have been billed keeps its worst case charged, and the next one sets aside its own."""
        account = Account(Budget(tokens=150))
        with await account.reserve(tokens(60), 0.5) as reservation:
            reservation.again()
            assert 30 == account.left.tokens
            reservation.settle(tokens(30), 0.2)
        assert Usage(calls=2, prompt_tokens=60, completion_tokens=30, usd=0.7) == account.usage

    async def test_again_after_a_free_failure(self) -> None:
        """An attempt that cost nothing leaves its reserve to the next, and counts as a call."""
        account = Account(Budget(tokens=60, calls=2))
        with await account.reserve(tokens(60), 0.5) as reservation:
            reservation.again(billed=False)
            reservation.settle(tokens(30), 0.2)
        assert Usage(calls=2, prompt_tokens=20, completion_tokens=10, usd=0.2) == account.usage

    @pytest.mark.parametrize(("billed", "charged"), [(True, 60), (False, 0)])
    async def test_no_room_for_another_attempt(self, billed: bool, charged: int) -> None:
        """An attempt for which there is no room is refused; what was spent stays, nothing is held."""
        account = Account(Budget(calls=1))
        reservation = await account.reserve(tokens(60), 0.5)
        with pytest.raises(BudgetError), reservation:
            reservation.again(billed=billed)
        assert (1, charged) == (account.usage.calls, account.usage.prompt_tokens + account.usage.completion_tokens)
        assert 0 == account.left.calls


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
