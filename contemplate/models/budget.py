"""Hard caps on what a run may take, and the account that keeps them: reserved before a call, settled after it."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BeforeValidator, Field, SerializerFunctionWrapHandler, ValidationError, model_serializer

from contemplate.errors import InputError, InvalidValueError, UnknownNameError
from contemplate.models.accounts import PICO, Amount, Chain, Total, WaitingLine, lacking, picodollars
from contemplate.types import Tokens, ToolLimits, Usage, Value

_WANTED = {
    "calls": "a whole number above 0",
    "tokens": "a whole number above 0",
    "usd": "a number of US dollars above 0",
    "seconds": "a number of seconds above 0",
    "tools": "a ToolLimits, as ToolLimits(calls=20)",
}


def _seconds(value: object) -> object:
    return value.total_seconds() if isinstance(value, timedelta) else value


class Budget(Value):
    """Caps, each above 0; None means no cap.

    Attributes:
        calls: calls sent to a provider, retries included.
        tokens: prompt and completion tokens together.
        usd: US dollars.
        tools: limits on the calls of tools; None for the usual ones (`ToolLimits`). Left out of the JSON then.
        seconds: wall-clock; a `timedelta` may be given, too. Kept by the run as a deadline; an account doesn't look at it.
    """

    calls: Annotated[int, Field(gt=0, strict=True)] | None = None
    tokens: Annotated[int, Field(gt=0, strict=True)] | None = None
    usd: Annotated[float, Field(gt=0, strict=True, allow_inf_nan=False)] | None = None
    seconds: Annotated[float, BeforeValidator(_seconds), Field(gt=0, strict=True, allow_inf_nan=False)] | None = None
    tools: ToolLimits | None = None

    if TYPE_CHECKING:  # a duration may be given, and seconds are kept

        def __init__(
            self,
            *,
            calls: int | None = None,
            tokens: int | None = None,
            usd: float | None = None,
            seconds: float | timedelta | None = None,
            tools: ToolLimits | None = None,
        ) -> None: ...

    @model_serializer(mode="wrap")
    def _without_what_is_rare(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        row: dict[str, Any] = handler(self)
        return row if self.tools is not None else {name: value for name, value in row.items() if name != "tools"}

    @classmethod
    def checked(cls, **caps: object) -> Self:
        """The budget with those caps: an old name of `Budget(...)`.

        Raises:
            InputError: in one line, which cap is wrong and what it may be.
        """
        warnings.warn("Budget.checked(...) is now Budget(...), which says the same of what is wrong", DeprecationWarning, 2)
        return cls(**caps)  # type: ignore[arg-type]  # they are checked there

    @classmethod
    def _refusal(cls, error: ValidationError, given: Mapping[str, object]) -> InputError:
        for name in given:
            if name not in _WANTED:
                return UnknownNameError("budget cap", name, list(_WANTED))
        name = str(error.errors()[0]["loc"][0])
        return InvalidValueError(f"the budget's {name} is {given[name]!r}: it must be {_WANTED[name]}")


class Left(Value):
    """The amounts neither spent nor reserved, in an account and all above it; None where there is no cap."""

    calls: int | None
    tokens: int | None
    usd: float | None


class Account:
    """The running total against a budget, and against those of all the accounts above it.

    All the accounts of a tree belong to one event loop.
    """

    def __init__(self, budget: Budget, *, parent: Account | None = None, spent: Usage | None = None) -> None:
        """Open an account.

        Args:
            budget: its caps.
            parent: the account that it is a part of: what is spent here is spent there.
            spent: what was spent here before, as by the run that is resumed. It may be beyond a cap: then no call fits.

        Raises:
            InputError: there is a cap in US dollars, and what was spent before has no known price.
        """
        self.budget = budget
        limits = (budget.calls, budget.tokens, None if budget.usd is None else picodollars(budget.usd))
        calls, tokens, pico = (math.inf if limit is None else limit for limit in limits)
        self.total = Total((calls, tokens, pico))
        self.chain: Chain = (self.total, *(parent.chain if parent else ()))
        self.line: WaitingLine = parent.line if parent else WaitingLine()
        if spent is not None:
            if spent.usd is None and self._counts_usd():
                raise InputError("what was spent before has no known price, so a budget in US dollars can't be kept; cap tokens")
            before = Tokens(prompt=spent.prompt_tokens, completion=spent.completion_tokens)
            for total in self.chain:
                total.charge(spent.calls, before, picodollars(spent.usd), unpriced=spent.usd is None)

    @property
    def usage(self) -> Usage:
        """The usage that is spent; calls in flight are not in it. `usd` is None once anything of unknown price is."""
        total = self.total
        return Usage.made(
            calls=total.spent[0],
            prompt_tokens=total.prompt_tokens,
            completion_tokens=total.completion_tokens,
            usd=None if total.unpriced else total.spent[2] / PICO,
            cached_tokens=total.cached_tokens,
        )

    @property
    def left(self) -> Left:
        """The amounts that a call that leaves now may take."""
        rooms = [min(total.left(cap) for total in self.chain) for cap in range(3)]
        calls, tokens, pico = (None if math.isinf(room) else max(int(room), 0) for room in rooms)
        return Left(calls=calls, tokens=tokens, usd=None if pico is None else pico / PICO)

    async def reserve(self, tokens: Tokens, usd: float | None, *, model: str = "") -> Reservation:
        """Set aside one call with its worst case, here and in all accounts above, or in none.

        Where it would fit only if calls in flight turn out cheaper than their worst case, it waits for them, first
        come, first served.

        Args:
            tokens: the most that it can take.
            usd: the price of that in US dollars; None if it isn't known.
            model: named in errors.

        Raises:
            BudgetError: it can't fit, even if all that is in flight costs nothing.
            InputError: no price is known, and there is a cap in US dollars.
        """
        if usd is None and self._counts_usd():
            raise unpriced(model)
        need = (1, tokens.total, picodollars(usd))
        if error := lacking(self.chain, need):
            raise error
        await self.line.enter(self.chain, need)
        return Reservation(self, tokens, usd, need)

    def try_reserve(self, tokens: Tokens, usd: float | None) -> Reservation | None:
        """Set aside one call as `reserve` does, if there is room for it at once; else None."""
        need = (1, tokens.total, picodollars(usd))
        if (usd is None and self._counts_usd()) or not self.line.enter_now(self.chain, need):
            return None
        return Reservation(self, tokens, usd, need)

    @property
    def capped(self) -> bool:
        """Whether there is a cap on calls, tokens or US dollars, here or in an account above."""
        return any(math.isfinite(limit) for total in self.chain for limit in total.limits)

    def _counts_usd(self) -> bool:
        return any(math.isfinite(total.limits[2]) for total in self.chain)


def unpriced(model: str) -> InputError:
    """The error for a cap in US dollars on a model whose price nobody knows."""
    name = f"model {model!r}" if model else "this model"
    return InputError(
        f"no price is known for {name}, so a budget in US dollars can't be kept; give its price in "
        f'contemplate.toml under [prices."{model or "MODEL"}"] or use a token budget'
    )


class Reservation:
    """The amount set aside for one call. It ends exactly once: by `settle`, `forfeit` or `release`.

    As a context manager, it is forfeit if the block is left with none of them done.

    Attributes:
        tokens: the most that an attempt can take.
        usd: the price of that in US dollars; None if it isn't known.
        attempts: how many attempts have left.
    """

    def __init__(self, account: Account, tokens: Tokens, usd: float | None, need: Amount) -> None:
        """Made by `Account.reserve`, with `need` held already."""
        self._chain, self._line = account.chain, account.line
        self.tokens, self.usd, self._need = tokens, usd, need
        self.attempts = 0
        self._ended = False

    def attempt(self, *, billed_before: bool) -> None:
        """Count an attempt that leaves: the first one is what was set aside, each other one comes `again`.

        Args:
            billed_before: whether the attempt before, if there was one, may have been billed.

        Raises:
            BudgetError: there is no room for another attempt now.
        """
        if self.attempts:
            self.again(billed=billed_before)
        self.attempts += 1

    def again(self, *, billed: bool = True) -> None:
        """Turn to another attempt at the same call, which counts as one more call.

        It doesn't wait for room: who tries again may hold what others in flight need to come to their end.

        Args:
            billed: the attempt before may have been billed: its worst case is charged, and set aside once more.
                Otherwise it cost nothing but the call.

        Raises:
            BudgetError: there is no room for another attempt now. The reservation has ended, with the attempt before
                charged as said.
        """
        self._end(1, self.tokens if billed else Tokens(), self.usd if billed else 0.0)
        error = lacking(self._chain, self._need, now=True)
        if error is None:
            for total in self._chain:
                total.hold(self._need)
            self._ended = False
        self._line.move()
        if error is not None:
            raise error

    def settle(self, tokens: Tokens, usd: float | None) -> None:
        """The call is over and took this much: it is charged as it is, even above what was set aside.

        Args:
            tokens: what the provider counted.
            usd: its price in US dollars. If None, caps are charged with the worst case, and `usage.usd` is None from then on.
        """
        self._end(1, tokens, usd)
        self._line.move()

    def forfeit(self) -> None:
        """The fate of the call is unknown: its worst case stays charged."""
        self.settle(self.tokens, self.usd)

    def release(self, *, sent: bool) -> None:
        """The call cost nothing.

        Args:
            sent: it left all the same, and counts as a call.
        """
        self._end(int(sent), Tokens(), 0.0)
        self._line.move()

    def _end(self, calls: int, tokens: Tokens, usd: float | None) -> None:
        if self._ended:
            raise RuntimeError("this reservation has already been settled, forfeited or released")
        pico = self._need[2] if usd is None else picodollars(usd)
        self._ended = True
        for total in self._chain:
            total.hold(self._need, -1)
            total.charge(calls, tokens, pico, unpriced=usd is None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._ended:
            self.forfeit()
