"""The events of a run for whoever follows it, while it goes and for a while after."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Literal

import anyio

from contemplate.server.refused import RefusedError
from contemplate.trace.events import Event, RunEnded, TurnDelta
from contemplate.trace.outcome import Outcome

State = Literal["waiting", "running", "finished", "failed", "stopped"]
_MOST_DELTAS = 20_000
"""So many pieces of replies are kept of a run; whole replies come with the ends of turns all the same."""


class Pulse:
    """Wakes all who wait, each time that something is new. What happens between two waits is not missed."""

    def __init__(self) -> None:
        """Nothing has happened yet."""
        self.beats = 0
        self._next: anyio.Event | None = None

    def beat(self) -> None:
        """Say that something is new."""
        self.beats += 1
        if self._next is not None:
            self._next.set()
            self._next = None

    async def beyond(self, beats: int) -> int:
        """Wait until there were more than so many beats; how many there were."""
        if self.beats <= beats:
            self._next = self._next or anyio.Event()
            await self._next.wait()
        return self.beats


@dataclass(eq=False)
class Feed:
    """What happens in a run.

    Attributes:
        run: its id.
        pulse: beats when something is new here.
        events: in their order; `number` counts them from 1.
        state: "waiting" for its turn, "running", or how it ended.
        problem: why it failed, or was stopped.
        outcome: once there is one.
        scope: in which the run goes on.
    """

    run: str
    pulse: Pulse = field(default_factory=Pulse)
    events: list[Event] = field(default_factory=list)
    state: State = "waiting"
    outcome: Outcome | None = None
    problem: RefusedError | None = None
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    _deltas: int = 0

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in {"finished", "failed", "stopped"}

    def tell(self, event: Event) -> None:
        """Take an event in: it is an observer of the run."""
        if isinstance(event, TurnDelta):
            self._deltas += 1
            if self._deltas > _MOST_DELTAS:
                return
        if isinstance(event, RunEnded):
            self.outcome = event.outcome
        self.state = "running"
        self.events.append(event)
        self.pulse.beat()

    def after(self, number: int) -> list[Event]:
        """The events beyond that number."""
        return self.events[bisect_right(self.events, number, key=lambda event: event.number) :]

    def stop(self, problem: RefusedError) -> None:
        """End the run, if it goes on; what was paid for is kept in the ledger."""
        if not self.over:
            self.problem = self.problem or problem
            self.scope.cancel()

    def end(self, state: State, problem: RefusedError | None = None) -> None:
        """Say that nothing more will come."""
        self.state, self.problem = state, self.problem or problem
        self.pulse.beat()

    def shorten(self) -> None:
        """Let go of the pieces of replies: whole ones are there by now."""
        if self._deltas:
            self._deltas = 0
            self.events = [event for event in self.events if not isinstance(event, TurnDelta)]
