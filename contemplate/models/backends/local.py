"""Embedded models: small open models that run on this machine with nothing to set up, under names that begin with `local/`."""

from __future__ import annotations

from statistics import median
from time import monotonic

import anyio
import anyio.to_thread

from contemplate.errors import RejectedError, UnsupportedError
from contemplate.models.backends.abilities import Ability
from contemplate.models.backends.base import BaseBackend, Limits
from contemplate.models.backends.embedded import EmbeddedServer, check_installed, serve
from contemplate.models.backends.local_models import local_model
from contemplate.models.backends.openai import OpenAIBackend
from contemplate.models.backends.parts import SPOKEN, unsendable
from contemplate.models.backends.speed import note_speed
from contemplate.models.backends.streaming import OnText
from contemplate.models.names import EMBEDDED, LOCAL, LOCAL_SLOTS
from contemplate.types import Completion, Request

_LACKS: tuple[Ability, ...] = ("tools",)
"""Where a model's template knows of no tools, its server drops them without a word."""
_CALL_SECONDS = 600.0
_TOO_LONG = "exceeds the available context size"


class LocalBackend(BaseBackend):
    """One embedded model, fetched and started on the first call, and shared by the whole process from then on."""

    def __init__(self, model: str = EMBEDDED, *, timeout: float | None = None) -> None:
        """Remember the model; nothing is fetched or started yet.

        Args:
            model: its name.
            timeout: seconds for one attempt; None: long enough for a slow machine.

        Raises:
            UnknownNameError: there is no such embedded model.
        """
        self._model = local_model(model)
        self._name = model
        self._timeout = timeout or _CALL_SECONDS
        self._server: EmbeddedServer | None = None
        self._client: OpenAIBackend | None = None
        self._speeds: list[float] = []
        self._starting = anyio.Lock()
        # More than this would only wait inside the server, on the time of the call.
        self._slots = anyio.CapacityLimiter(LOCAL_SLOTS)

    @property
    def endpoint(self) -> str:
        """Always "local"."""
        return LOCAL

    @property
    def limits(self) -> Limits:
        """As many calls at once as the server has slots."""
        return Limits(concurrency=LOCAL_SLOTS)

    async def ready(self, model: str = "") -> None:  # noqa: ARG002 - there is one
        """Fetch the weights if they are not there, and start the server if it does not run.

        Raises:
            InputError: the extra `local` is not installed, the cache folder can't be written, or the file can't be loaded.
            UnreachableError: the weights can't be fetched, or the server does not start.
        """
        await self._running()

    def refuses(self, request: Request, samples: int = 1) -> UnsupportedError | None:
        """The error for what so many `samples` of `request` need and the model is known to lack, or None."""
        if (parts := unsendable(request, self._name, SPOKEN)) is not None:
            return parts
        return None if self._client is None else self._client.refuses(request, samples)

    async def complete(self, request: Request) -> Completion:
        """Make one call.

        Raises:
            UnsupportedError: a message holds more than text.
            RejectedError: the prompt is longer than the model can read.
            CallError: see `contemplate.models.backends.base.Backend`.
        """
        return await self._complete(request, None)

    async def complete_streaming(self, request: Request, on_text: OnText) -> Completion:
        """Make one call, as `complete` does, and tell the pieces of the reply as it is written."""
        return await self._complete(request, on_text)

    async def _complete(self, request: Request, on_text: OnText | None) -> Completion:
        if (missing := self.refuses(request)) is not None:
            raise missing
        client = await self._running()
        async with self._slots:
            began = monotonic()
            try:
                called = client.complete(request) if on_text is None else client.complete_streaming(request, on_text)
                completion = await called
            except RejectedError as error:
                if _TOO_LONG not in str(error):
                    raise
                msg = f"the prompt is longer than the {self._model.context} tokens that {self._name} reads; name a larger model"
                raise RejectedError(msg) from None
            self._speeds.append(completion.tokens.completion / (monotonic() - began))
        # The server names the file that it serves, by its path on this machine.
        return completion.model_copy(update={"model": self._name})

    async def aclose(self) -> None:
        """Close the connections, and note how fast it was. The server stays, for the next run, until the process ends."""
        if self._speeds and self._model.path is None and (path := self._model.there()) is not None:
            note_speed(path, median(self._speeds))  # nothing is put beside a file of the user's own
            self._speeds.clear()
        if self._client is not None:
            await self._client.aclose()

    async def _running(self) -> OpenAIBackend:
        if self._client is not None and self._server is not None and self._server.alive:
            return self._client
        async with self._starting:
            if self._client is None or self._server is None or not self._server.alive:
                await self.aclose()
                check_installed()
                path = await self._model.file()
                # Left to itself when we are cancelled: the next run finds the server started.
                self._server = await anyio.to_thread.run_sync(
                    lambda: serve(path, slots=LOCAL_SLOTS, context=self._model.context), abandon_on_cancel=True
                )
                self._client = OpenAIBackend(
                    self._server.url,
                    api_key=self._server.key,
                    name=LOCAL,
                    timeout=self._timeout,
                    lacks=_LACKS,
                )
            return self._client
