"""Whole-number accounts behind `contemplate.models.budget`: what is spent, what is held for calls in flight, which calls wait.

Money is counted in whole picodollars (1e-12 US dollars): a sum of floats drifts, and a cap must hold to the last call.
Nothing here needs a lock: a tree of accounts belongs to one event loop, and no method awaits between two changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import anyio

from contemplate.errors import BudgetError, InputError
from contemplate.types import Tokens

PICO = 10**12
"""Picodollars in a US dollar."""

Amount = tuple[int, int, int]
"""Calls, tokens, picodollars."""

_CAPS = (("calls", 1), ("tokens", 1), ("US dollars", PICO))
"""What the parts of an amount are, and how many of its units the user's unit has."""


def picodollars(usd: float | None) -> int:
    """`usd` in picodollars; 0 for a price that isn't known.

    Raises:
        InputError: it is no amount of money.
    """
    if usd is None:
        return 0
    if not 0 <= usd < math.inf:
        raise InputError(f"a call can't cost {usd} US dollars; mend its model's price in contemplate.toml")
    return round(usd * PICO)


@dataclass(eq=False, slots=True)
class Total:
    """The amounts that one account has spent and holds, against its caps.

    Attributes:
        limits: the caps in the units of an `Amount`; infinite where there is none.
        unpriced: something of unknown price was charged.
    """

    limits: tuple[float, float, float]
    spent: Amount = (0, 0, 0)
    held: Amount = (0, 0, 0)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    unpriced: bool = False

    def has_room(self, need: Amount) -> bool:
        """Whether `need` fits now."""
        spent, held, limits = self.spent, self.held, self.limits
        return (
            spent[0] + held[0] + need[0] <= limits[0]
            and spent[1] + held[1] + need[1] <= limits[1]
            and spent[2] + held[2] + need[2] <= limits[2]
        )

    def left(self, cap: int) -> float:
        """The amount that is neither spent nor held; below 0 where a provider took more than the worst case."""
        return self.limits[cap] - self.spent[cap] - self.held[cap]

    def lacks(self, need: Amount, *, now: bool = False) -> BudgetError | None:
        """The reason why `need` can't ever fit, even if all that is in flight costs nothing; or why it doesn't fit now."""
        for cap, (name, unit) in enumerate(_CAPS):
            left = self.left(cap) if now else self.limits[cap] - self.spent[cap]
            if need[cap] > left:
                return BudgetError(name, self.limits[cap] / unit, need[cap] / unit, left / unit)
        return None

    def hold(self, need: Amount, sign: int = 1) -> None:
        """Set `need` aside; with `sign` -1, give it back."""
        held = self.held
        self.held = (held[0] + sign * need[0], held[1] + sign * need[1], held[2] + sign * need[2])

    def charge(self, calls: int, tokens: Tokens, pico: int, *, unpriced: bool) -> None:
        """Book what calls took."""
        spent = self.spent
        self.spent = (spent[0] + calls, spent[1] + tokens.total, spent[2] + pico)
        self.prompt_tokens += tokens.prompt
        self.completion_tokens += tokens.completion
        self.cached_tokens += tokens.cached
        self.unpriced = self.unpriced or unpriced


Chain = tuple[Total, ...]
"""An account's total and those of all above it, its own first, the root's last."""


def lacking(chain: Chain, need: Amount, *, now: bool = False) -> BudgetError | None:
    """The first reason in a chain why `need` can't ever fit (or doesn't fit `now`)."""
    for total in chain:
        if error := total.lacks(need, now=now):
            return error
    return None


@dataclass(eq=False, slots=True)
class _Waiter:
    chain: Chain
    need: Amount
    ready: anyio.Event = field(default_factory=anyio.Event)
    error: BudgetError | None = None


class WaitingLine:
    """The calls that wait for room in a tree of accounts, first come, first served."""

    def __init__(self) -> None:
        """Nobody waits yet."""
        self._waiters: list[_Waiter] = []

    async def enter(self, chain: Chain, need: Amount) -> None:
        """Hold `need` in all of `chain`, as soon as it fits.

        Raises:
            BudgetError: it can't fit any more.
        """
        if self.enter_now(chain, need):
            return
        waiter = _Waiter(chain, need)
        self._waiters.append(waiter)
        self.move()
        woken = waiter.ready.is_set()
        try:
            if not woken:
                await waiter.ready.wait()
                woken = True
        finally:
            if not woken:  # cancelled, perhaps in the very moment in which room was found
                self._withdraw(waiter)
        if waiter.error is not None:
            raise waiter.error

    def enter_now(self, chain: Chain, need: Amount) -> bool:
        """Hold `need` in all of `chain` if it fits and nobody waits; whether it is held."""
        if self._waiters or not all(total.has_room(need) for total in chain):
            return False
        _hold(chain, need)
        return True

    def move(self) -> None:
        """Let in, in their order, those who fit now, and turn away those who never will.

        Who waits holds up later ones in the accounts that have no room for it, and only there: a run at its
        own cap does not stop its siblings.
        """
        if not self._waiters:
            return
        full: set[Total] = set()
        staying: list[_Waiter] = []
        for index, waiter in enumerate(self._waiters):
            root = waiter.chain[-1]
            if root in full:  # it is in every chain: no other call can be admitted
                staying += self._waiters[index:]
                break
            waiter.error = lacking(waiter.chain, waiter.need)
            if waiter.error is None:
                narrow = [total for total in waiter.chain if not total.has_room(waiter.need)]
                if narrow or not full.isdisjoint(waiter.chain):
                    full.update(narrow)
                    staying.append(waiter)
                    continue
                _hold(waiter.chain, waiter.need)
            waiter.ready.set()
        self._waiters = staying

    def _withdraw(self, waiter: _Waiter) -> None:
        if waiter in self._waiters:
            self._waiters.remove(waiter)
        elif waiter.error is None:
            _hold(waiter.chain, waiter.need, -1)
        self.move()


def _hold(chain: Chain, need: Amount, sign: int = 1) -> None:
    for total in chain:
        total.hold(need, sign)
