"""Stages of the user's own: before money is spent, and after a reply is stored."""

from __future__ import annotations

from collections.abc import Sequence

from contemplate.errors import InputError
from contemplate.models.call import Answered, Asked, Caller, Handler, Reply
from contemplate.text import one_line
from contemplate.types import Request


class Stage:
    """A stage of your own in the path of every call, for `Orchestrator(stages=[...])`. Override one method, or both.

    A stage lets a call go on, or refuses it by raising an error; it can't change what is sent. With a `PolicyError` the turn
    fails, and the run goes on. With a `RejectedError` in `before`, the next model of the run's fallbacks is asked, if there is
    one. An `InputError` ends the run.

    Example:
        >>> class NoNames(Stage):
        ...     async def before(self, request, caller):
        ...         if any("Alice" in message.text for message in request.messages):
        ...             raise PolicyError("the request holds a name")
    """

    async def before(self, request: Request, caller: Caller) -> None:
        """See a request that the ledger does not answer, before anything is reserved or sent.

        Args:
            request: what is about to be sent: the one that was asked for first, then each one that is tried instead. Samples
                come one by one, also where they share a request afterwards.
            caller: who asks: `caller.run`, `caller.turn`.

        Raises:
            ContemplateError: it must not be sent.
        """

    async def after(self, reply: Reply, caller: Caller) -> None:
        """See a reply that is stored: just now or long ago (`reply.cached`). A replay shows none: its verdicts are on record.

        Args:
            reply: the request that was answered, and the completion.
            caller: who asks.

        Raises:
            ContemplateError: it must not be used, though it was paid for and stays in the ledger.
        """


def own_stages(stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """The stages that a user gave.

    Raises:
        InputError: one is none.
    """
    for stage in stages:
        if not isinstance(stage, Stage):
            raise InputError(f"{one_line(repr(stage))} is no stage: give objects of a class that extends contemplate.Stage")
    return tuple(stages)


class Before:
    """Shows each request that is about to be sent to stages of the user's own, in their order."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self._stages = stages

    async def __call__(self, asked: Asked, then: Handler) -> Answered:
        """Go on if no stage refuses."""
        for stage in self._stages:
            await stage.before(asked.request, asked.caller)
        return await then(asked)


class After:
    """Shows each stored reply to stages of the user's own, in their order."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self._stages = stages

    async def __call__(self, asked: Asked, then: Handler) -> Answered:
        """Hand back what came, if no stage refuses it."""
        answered = await then(asked)
        if not asked.caller.offline:
            for stage in self._stages:
                await stage.after(answered.replies[0], asked.caller)
        return answered
