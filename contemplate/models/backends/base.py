"""What a backend is: anything that turns a request into a completion."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from contemplate.errors import UnsupportedError
from contemplate.types import Completion, Request


@runtime_checkable
class Backend(Protocol):
    """One way to reach models.

    A backend makes exactly one attempt per `complete`: retries, limits, budgets and the ledger are
    the caller's. It may be called from many tasks at once.
    """

    @property
    def endpoint(self) -> str:
        """The name under which limits are kept: a host and port, or a provider's name."""
        ...

    async def complete(self, request: Request) -> Completion:
        """Make one call.

        Raises:
            CallError: the call failed; the subclass says how, and whether it is worth another try.
            InputError: the request can never work as configured (a missing key, an address that does not answer).
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections and processes. Safe to call twice."""
        ...


@runtime_checkable
class ChoosyBackend(Protocol):
    """A backend that knows of requests that it can't answer as they are, before they are sent.

    Any other is given no request whose messages are made of parts (`Request.has_parts`): it may know nothing of them.
    """

    def refuses(self, request: Request, samples: int = 1) -> UnsupportedError | None:
        """What so many `samples` of `request` need and its model is known to lack, or None. Neither waits nor calls."""
        ...


@runtime_checkable
class SamplingBackend(Protocol):
    """A backend that can draw several replies to one request."""

    async def complete_many(self, request: Request, n: int) -> list[Completion]:
        """Make one call for `n` samples.

        Returns:
            From 1 to `n` of them: an endpoint may ignore what it is asked, or give fewer. Their tokens add up to those
            of the call; those of the prompt are on the first.

        Raises:
            UnsupportedError: with `what` "n": the endpoint gives one sample a request, and says so.
            CallError, InputError: as for `complete`.
        """
        ...
