"""Agents of `viewed` that speak word by word, and can be held: for what follows a run while it goes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

import anyio

from contemplate import Completion, Request, ScriptedBackend
from contemplate.models.backends.scripted import estimated_tokens
from stage import Lines


class Speaking(ScriptedBackend):
    """Says what a cast says, a word at a time.

    Attributes:
        pace: seconds for each word.
        held: as long as it is set, nobody says more than half of his words,
        free: but for replies in these roles, by the number of their draw.
        cancelled: how many replies were broken off.
    """

    def __init__(self, lines: Mapping[str, Lines], roles: Callable[[Request], str], pace: float = 0.001) -> None:
        """Speak these lines."""
        super().__init__(self._line)
        self._lines, self._roles, self.pace = lines, roles, pace
        self.held = threading.Event()
        self.free: dict[str, set[int]] = {}
        self.cancelled = 0

    def _line(self, request: Request) -> str | Completion | Exception:
        said = self._lines[self._roles(request)]
        return said(request) if callable(said) else said[request.draw % len(said)]

    async def complete(self, request: Request) -> Completion:
        """A whole reply."""
        return await self.complete_streaming(request, lambda _: None)

    async def complete_streaming(self, request: Request, on_text: Callable[[str], None]) -> Completion:
        """A reply, told word by word."""
        self.requests.append(request)
        free = request.draw in self.free.get(self._roles(request), ())
        said = self._line(request)
        if isinstance(said, Exception):
            raise said
        if isinstance(said, Completion):
            return said
        words = said.split(" ")
        try:
            for number, word in enumerate(words):
                while self.held.is_set() and not free and number >= len(words) / 2:  # noqa: ASYNC110 - another thread lets go
                    await anyio.sleep(0.01)
                await anyio.sleep(self.pace * (1 + request.draw % 3))
                on_text(word if number == 0 else f" {word}")
        except anyio.get_cancelled_exc_class():
            self.cancelled += 1
            raise
        return Completion(text=said, tokens=estimated_tokens(request, said), model=request.model)
