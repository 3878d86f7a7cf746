"""The stage of fallbacks: after one request failed for good, the next one is tried."""

from __future__ import annotations

from dataclasses import replace

from contemplate.errors import (
    CallError,
    OverloadedError,
    RejectedError,
    TimedOutError,
    UnreachableError,
    UnsupportedError,
)
from contemplate.models.call import Answered, Asked, Handler
from contemplate.models.notices import FellBack
from contemplate.models.remedies import tell_remedy

_WORTH_A_FALLBACK = (UnreachableError, OverloadedError, TimedOutError, RejectedError)


async def fallback(asked: Asked, then: Handler) -> Answered:
    """Ask for the request, and after an error that is worth it for what may be asked for instead.

    Raises:
        CallError: nothing more may be asked for; the last one's error.
    """
    while True:
        try:
            return await then(asked)
        except _WORTH_A_FALLBACK as error:
            following = _following(asked, error)
            if following is None:
                tell_remedy(error)
                raise
            if (model := following.request.model) != asked.request.model:
                asked.caller.told(FellBack(asked.request.model, error, model))
            asked = following


def _following(asked: Asked, error: CallError) -> Asked | None:
    """The ask that is worth trying after `error`, or None.

    A model that lacks something may do in another form. One that failed otherwise would fail in each.
    """
    lacks = isinstance(error, UnsupportedError)
    for index, request in enumerate(asked.instead):
        if lacks or request.model != asked.request.model:
            return replace(asked, requests=(request,), instead=asked.instead[index + 1 :], late=True)
    return None
