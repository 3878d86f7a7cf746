"""What a backend is: anything that turns a request into a completion."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

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
