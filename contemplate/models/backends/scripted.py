"""A backend that says what it was told to: for tests, examples and dry runs. No network, no model."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence

import anyio

from contemplate.errors import ProgramError, UnsupportedError
from contemplate.models.backends.base import BaseBackend
from contemplate.models.backends.reply import estimated_tokens
from contemplate.types import Completion, Request

Said = str | Completion | Exception
Script = Sequence[Said] | Callable[[Request], Said | Awaitable[Said]]


class ScriptedBackend(BaseBackend):
    """Answers from a script.

    Attributes:
        requests: every request so far, in the order of the calls.

    Example:
        >>> backend = ScriptedBackend(lambda request: f"you said {request.messages[-1].text!r}")
    """

    def __init__(self, script: Script, *, delay: float = 0.0, structured: bool = False, tools: bool = False) -> None:
        """Take the script.

        Args:
            script: what to answer: a list, used up in the order of the calls, or a function of the request, which may be
                asynchronous. An exception in the list, or returned by the function, is raised.
            delay: seconds that each call takes.
            structured: it answers requests with a schema for the reply as well; what it says is not held to it.
            tools: it answers requests that offer tools in the protocol's own form; else they are offered in the prompt.
        """
        self.requests: list[Request] = []
        self._script = script
        self._delay = delay
        self._structured = structured
        self._tools = tools

    @property
    def endpoint(self) -> str:
        """Always "scripted"."""
        return "scripted"

    def refuses(self, request: Request, samples: int = 1) -> UnsupportedError | None:  # noqa: ARG002 - it draws one at a time
        """The error for a request with a schema for the reply, unless it is `structured`; or one with tools."""
        if request.tools and not self._tools:
            return UnsupportedError(f"{request.model} is scripted without tools", what="tools")
        if request.reply_schema is None or self._structured:
            return None
        return UnsupportedError(f"{request.model} is scripted without structured replies", what="reply_schema")

    async def complete(self, request: Request) -> Completion:
        """Say the next thing.

        Raises:
            UnsupportedError: see `refuses`; the request is not among `requests`.
            ProgramError: the list has run dry.
        """
        if (missing := self.refuses(request)) is not None:
            raise missing
        index = len(self.requests)
        self.requests.append(request)
        await anyio.sleep(self._delay)
        said = await self._say(request, index)
        if isinstance(said, Exception):
            raise said
        if isinstance(said, Completion):
            return said
        return Completion(text=said, tokens=estimated_tokens(request, said), model=request.model)

    async def _say(self, request: Request, index: int) -> Said:
        if callable(self._script):
            said = self._script(request)
            return await said if inspect.isawaitable(said) else said
        if index >= len(self._script):
            msg = f"the script ran dry after {len(self._script)} replies; the call was for {request.model}"
            raise ProgramError(msg)
        return self._script[index]
