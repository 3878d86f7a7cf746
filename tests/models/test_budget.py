"""Budgets and accounts: what is a cap, what a reservation holds, and sums that are right to the last picodollar."""

from __future__ import annotations

import math

import pytest
from pydantic import ValidationError

from builders import tokens
from contemplate.errors import BudgetError, InputError, UnknownNameError
from contemplate.models.budget import Account, Budget
from contemplate.types import Tokens, Usage


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
