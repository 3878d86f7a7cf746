"""Backends: anything that turns a request into a completion."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Annotated, Protocol, runtime_checkable

from pydantic import Field

from contemplate.errors import UnsupportedError
from contemplate.models.backends.allowance import Allowance
from contemplate.models.backends.streaming import OnText
from contemplate.types import Completion, Request, Value


class Limits(Value):
    """The limits of one endpoint.

    Calls leave evenly, with a small burst: servers that hold a minute's limit to each second are many.

    Attributes:
        concurrency: the most calls in flight at once; fewer are, once the endpoint refuses some.
        requests_per_minute: the most calls that leave within any 60 seconds (within 62, as they do not all arrive as they left);
            None for no limit.
        tokens_per_minute: the most tokens that leave within any 60 seconds, counted likewise; None for no limit. A call that
            needs more than this by itself goes alone, when nothing else is in the window. A call under way counts as what
            others took of what they might have taken.
        burst: the most calls that leave at once where `requests_per_minute` is given; None for half a second's, at least one.
    """

    concurrency: Annotated[int, Field(gt=0)] = 16
    requests_per_minute: Annotated[int, Field(gt=0)] | None = None
    tokens_per_minute: Annotated[int, Field(gt=0)] | None = None
    burst: Annotated[int, Field(gt=0)] | None = None


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


class BaseBackend(ABC):
    """A backend that answers everything that may be asked of one, as most would. Derive from it, and say what yours knows better.

    Beside this, one that can draw several samples in one call has the method of a `SamplingBackend`.
    """

    @property
    @abstractmethod
    def endpoint(self) -> str:
        """The name under which limits are kept: a host and port, or a provider's name."""

    @property
    def limits(self) -> Limits | None:
        """The limits on how fast it may be called, where the user does not say; None for the usual ones."""
        return None

    @property
    def allowance(self) -> Allowance | None:
        """What its last reply said is left of its provider's limits; None where it did not say."""
        return None

    async def ready(self, model: str) -> None:  # noqa: B027 - most have nothing to see to
        """See to it that `model` can be called, before the first call: whether its server answers, say. Costs nothing.

        It is asked once for each model, and by one task at a time.

        Raises:
            InputError: it can't be called as things are.
            UnreachableError: what it needs can't be fetched or started.
        """

    def refuses(self, request: Request, samples: int = 1) -> UnsupportedError | None:  # noqa: ARG002 - most refuse nothing
        """The error for what `samples` of `request` need and its model is known to lack, or None. Neither waits nor calls."""
        return None

    @abstractmethod
    async def complete(self, request: Request) -> Completion:
        """Make one call; see `Backend`."""

    async def complete_streaming(self, request: Request, on_text: OnText) -> Completion:
        """Make one call, and tell the pieces of the reply's text as they come; the completion is what `complete` would give.

        Unless a backend says otherwise, the whole text comes in one piece at the end.
        """
        completion = await self.complete(request)
        on_text(completion.text)
        return completion

    async def aclose(self) -> None:  # noqa: B027 - many have nothing to close
        """Let go of connections and processes. Safe to call twice."""


@runtime_checkable
class ChoosyBackend(Protocol):
    """A backend that knows of requests that it can't answer as they are, before they are sent.

    Any other is given no request whose messages are made of parts (`Request.has_parts`): it may know nothing of them.
    """

    def refuses(self, request: Request, samples: int = 1) -> UnsupportedError | None:
        """The error for what `samples` of `request` need and its model is known to lack, or None. Neither waits nor calls."""
        ...


@runtime_checkable
class SamplingBackend(Protocol):
    """A backend that can draw several replies to one request."""

    async def complete_many(self, request: Request, n: int) -> list[Completion]:
        """Make one call for `n` samples.

        Returns:
            From 1 to `n` of them: an endpoint may ignore what it is asked, or give fewer. One that broke off is void, and
            stands behind those that are whole. Their tokens add up to those of the call; those of the prompt are on the first.

        Raises:
            UnsupportedError: with `what` "n": the endpoint gives one sample a request, and says so.
            CallError, InputError: as for `complete`.
        """
        ...
