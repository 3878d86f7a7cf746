"""The stage of privacy: what a private run asks goes to no model that may not see it."""

from __future__ import annotations

from contemplate.errors import PrivacyError
from contemplate.models.backends.routing import Router
from contemplate.models.call import Answered, Asked, Handler
from contemplate.text import one_line
from contemplate.types import may_see


class Private:
    """Holds back what may not go where it is going, whoever asked for it: a step, a fallback, a shared request.

    No stage behind it changes a request or its model.
    """

    def __init__(self, router: Router) -> None:
        self._router = router

    async def __call__(self, asked: Asked, then: Handler) -> Answered:
        """Go on if the model may see what it is asked; nothing was reserved, or sent, or even connected to before.

        Raises:
            PrivacyError: it may not.
        """
        for request in asked.requests:
            words, model = asked.caller.label_of(request), request.model
            if words != "any" and not may_see(label := self._router.privacy_of(model), words):
                raise PrivacyError(f"not sent: the run is labelled {words}, and the model {one_line(model, 80)!r} {label}")
        return await then(asked)
