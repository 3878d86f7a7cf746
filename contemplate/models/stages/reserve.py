"""The stage of the budget: the worst case is set aside before a call, and settled after it."""

from __future__ import annotations

from contemplate.errors import CallError
from contemplate.models.backends.reply import worst_case
from contemplate.models.backends.routing import Router
from contemplate.models.call import Answered, Asked, Handler


class Reserve:
    """Reserves a call on the caller's account, several samples as one call."""

    def __init__(self, router: Router) -> None:
        self._router = router

    async def __call__(self, asked: Asked, then: Handler) -> Answered:
        """Reserve, go on, and settle; what surely was not billed goes back to the budget.

        Raises:
            BudgetError: the call would pass a cap.
            InputError: there is a cap in US dollars, and no price is known.
        """
        model, account = asked.request.model, asked.caller.account
        price = await self._router.price(model)
        worst = worst_case(asked.request, len(asked.requests))
        with await account.reserve(worst, None if price is None else price.usd(worst), model=model) as reservation:
            try:
                answered = await then(asked.with_reservation(reservation, price))
            except CallError as error:
                if reservation.attempts and not error.may_be_billed:
                    reservation.release(sent=True)
                raise
            finally:
                if not reservation.attempts:  # cancelled while it stood in line, or not asked at all: nothing has left
                    reservation.release(sent=False)
            reservation.settle(answered.tokens, answered.usd)
        return answered
