"""A turn to come: what a step hands on before its agent has spoken."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

import anyio
import anyio.lowlevel

from contemplate.agents.agent import Agent
from contemplate.trace.clock import Clock
from contemplate.types import EdgeKind, Message, Turn


class PendingTurn:
    """A turn that was laid out. Await it to get the `Turn`, once it is over.

    Attributes:
        outline: the turn as far as it is known before its agent speaks.
        agent: who speaks; None for a decision.
        spare: it may turn out not to be needed; until that is known it is not on record.
        scope: cancels it, and those that are asked together with it.
        together: these turns, it among them.
        dropped: it was found not to be needed.
        clock: its times, once it is over.
    """

    __slots__ = ("_over", "_scope", "_turn", "_wanted", "agent", "clock", "dropped", "id", "outline", "seat", "spare", "together")

    def __init__(self, turn: Turn, agent: Agent | None = None, *, spare: bool = False) -> None:
        """Set up a turn that is still to come; `turn` is its outline."""
        self.id = turn.id
        self.seat = turn.seat
        self.agent = agent
        self.outline = turn
        self.spare = spare
        self._scope: anyio.CancelScope | None = None
        self.together: tuple[PendingTurn, ...] = (self,)
        self.dropped = False
        self.clock: Clock | None = None
        self._wanted: anyio.Event | bool = False
        self._turn: Turn | None = None
        self._over: anyio.Event | None = None

    @property
    def scope(self) -> anyio.CancelScope:
        """The scope that cancels it, made when it is first asked for: most turns are never cancelled by themselves."""
        if self._scope is None:
            self._scope = anyio.CancelScope()
        return self._scope

    def share(self, scope: anyio.CancelScope, together: tuple[PendingTurn, ...]) -> None:
        """Be cancelled with others, all at once."""
        self._scope, self.together = scope, together

    async def until_wanted(self) -> None:
        """Wait until somebody waits for it."""
        if self._wanted is False:
            self._wanted = anyio.Event()
        if self._wanted is not True:
            await self._wanted.wait()

    @property
    def is_over(self) -> bool:
        """Whether the turn is there to be read."""
        return self._turn is not None

    @property
    def turn(self) -> Turn:
        """The turn, which is over."""
        if self._turn is None:
            msg = f"turn {self.id} is read before it is over: it is missing from what the reader sees"
            raise RuntimeError(msg)
        return self._turn

    def finish(self, turn: Turn, clock: Clock | None = None) -> None:
        """End the turn; wake whoever reads it."""
        self._turn, self.clock = turn, clock
        if self._over is not None:
            self._over.set()

    async def wait(self) -> Turn:
        """The turn, once it is over.

        A run that is cut short goes no further than to here, also where the turn is over: what it lays out then does not hang on
        which of its tasks is told first, so that a replay ends at the same place.
        """
        if self._wanted is not True:
            if self._wanted is not False:
                self._wanted.set()
            self._wanted = True
        if self._turn is None:  # an event that is set would still cost a turn of the loop
            if self._over is None:
                self._over = anyio.Event()
            await self._over.wait()
        await anyio.lowlevel.checkpoint_if_cancelled()
        return self.turn

    def __await__(self) -> Generator[object, None, Turn]:
        """The turn, once it is over."""
        return self.wait().__await__()


Sees = Sequence[tuple[PendingTurn, EdgeKind]]
"""The turns whose words a turn needs, and how it uses them."""

Prompt = Callable[[str], tuple[Message, ...] | None]
"""Lays out a turn's messages when all that it sees is there, with the sentence that says what the reply must hold; None if
there is nothing to say after all."""
