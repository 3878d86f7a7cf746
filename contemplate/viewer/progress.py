"""A run in a notebook while it goes: one display, drawn anew a few times a second, and nothing at all outside of a notebook."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from contemplate import log
from contemplate.answers import same
from contemplate.errors.boundary import boundary
from contemplate.text.html import Html, card, element, folded, line, table
from contemplate.text.visible import clipped
from contemplate.trace.events import CallStarted, Event, Noted, Observers, RunEnded, RunStarted, TurnEnded, TurnStarted
from contemplate.trace.words import DOING, brief, seat_count, spent
from contemplate.types import Answer, Turn, Usage, seat_number

EVERY = 0.25
"""The least time between two pictures, in seconds."""
_SEATS = 16
"""The most seats in a picture."""

Display = Callable[..., Any]
"""`IPython.display.display`."""


def notebook_display() -> Display | None:
    """What shows something in the notebook that this runs in; None outside of one. IPython is not imported by this."""
    found: Display | None = None
    with boundary("looking for a notebook", passes=()) as caught:
        shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
        if getattr(shell, "kernel", None) is not None:
            found = import_module("IPython.display").display
    if caught.error is not None:
        log.warning("progress is not shown", why=str(caught.error))
    return found


class NotebookProgress:
    """An observer that shows each run in a display of its own while it goes; outside of a notebook it does nothing.

    What goes wrong in showing is logged once, and the run goes on.

    Example:
        >>> await orchestrator.solve("What is 17 * 23?", on_event=NotebookProgress())
    """

    def __init__(self, every: float = EVERY) -> None:
        """Show runs.

        Args:
            every: the least time between two pictures of a run, in seconds, >= 0.
        """
        self._show = notebook_display()
        self._every = every
        self._runs: dict[str, _Shown] = {}

    def __call__(self, event: Event) -> None:
        """Take an event in."""
        if self._show is None:
            return
        if isinstance(event, RunStarted):
            self._runs[event.run] = _Shown(_Picture(event.strategy, event.most_calls), self._show, self._every)
        if (shown := self._runs.get(event.run)) is None:
            return
        shown.picture.take(event)
        shown.changed(over=isinstance(event, RunEnded))
        if isinstance(event, RunEnded):
            del self._runs[event.run]

    def close(self) -> None:
        """Leave a last picture of runs that have not ended, as they were broken off."""
        for shown in self._runs.values():
            shown.picture.state = "broken off"
            shown.changed(over=True)
        self._runs.clear()


@contextmanager
def watched(observers: Observers) -> Iterator[Observers]:
    """These observers, and where this runs in a notebook one that shows the run there until the block is left."""
    if notebook_display() is None:
        yield observers
        return
    progress = NotebookProgress()
    try:
        yield replace(observers, each=(*observers.each, progress))
    finally:
        progress.close()


class _Shown:
    """A picture and its display."""

    def __init__(self, picture: _Picture, show: Display, every: float) -> None:
        self.picture = picture
        self._show: Display | None = show
        self._every = every
        self._handle: Any = None
        self._drawn = float("-inf")
        self._timer: asyncio.TimerHandle | None = None

    def changed(self, *, over: bool) -> None:
        """Draw now if the run is over or the last picture is old enough, else as soon as it is."""
        wait = 0.0 if over else self._drawn + self._every - time.monotonic()
        if wait <= 0:
            self._draw()
        elif self._timer is None:
            self._timer = _after(wait, self._draw)

    def _draw(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._show is None:
            return
        with boundary("showing progress", passes=()) as caught:
            bundle = {"text/html": self.picture.html(), "text/plain": self.picture.line()}
            if self._handle is None:
                self._handle = self._show(bundle, raw=True, display_id=True)
            else:
                self._handle.update(bundle, raw=True)
        self._drawn = time.monotonic()
        if caught.error is not None:
            self._show = None
            log.warning("progress is not shown any more", why=str(caught.error))


def _after(seconds: float, draw: Callable[[], None]) -> asyncio.TimerHandle | None:
    """Draw in so many seconds; None where no event loop of asyncio runs, and the next event draws."""
    try:
        return asyncio.get_running_loop().call_later(seconds, draw)
    except RuntimeError:
        return None


@dataclass
class _Seat:
    """The row of a seat."""

    model: str = ""
    asked: int = 0
    words: str = ""
    first: Answer | None = None
    failed: bool = False

    def ends(self, turn: Turn) -> None:
        """Take in what a turn came to."""
        self.asked = max(self.asked - 1, 0)
        if turn.status == "cancelled":
            self.words = self.words or "stopped"
            return
        self.failed = turn.status == "failed"
        self.words = brief(turn, 100)
        if turn.answer is not None and turn.answer.kind != "open":
            self.first = self.first or turn.answer
            if same(self.first, turn.answer) is None:
                self.words += f" (was {clipped(self.first.text, 40)} at first)"


class _Picture:
    """What is known of a run that goes on."""

    def __init__(self, strategy: str, most_calls: int | None) -> None:
        self.strategy, self.most_calls = clipped(strategy, 80), most_calls
        self.state = "under way"
        self.seats: dict[str, _Seat] = {}
        self.usage = Usage()
        self.note = self.decision = self.run = ""

    def take(self, event: Event) -> None:
        """Take an event in."""
        self.run = event.run
        match event:
            case TurnStarted() if event.seat:
                seat = self.seats.setdefault(event.seat, _Seat())
                seat.asked += 1
                seat.model, seat.words = event.model, DOING.get(event.verb, event.verb)
            case CallStarted() if event.seat in self.seats and event.attempt > 1:
                self.seats[event.seat].words = f"asking {clipped(event.model, 60)} again, attempt {event.attempt}"
            case TurnEnded():
                self._ends(event)
            case Noted():
                self.note = clipped(event.message, 200)
            case RunEnded():
                self.state, self.usage = event.outcome.stopped, event.outcome.usage
            case _:
                pass

    def _ends(self, event: TurnEnded) -> None:
        self.usage = event.usage.model_copy(update={"seconds": event.at})
        if event.turn.decision is not None:
            self.decision = f"{event.turn.decision.rule}: {brief(event.turn, 100)}"
        elif event.turn.seat in self.seats:
            self.seats[event.turn.seat].ends(event.turn)

    def line(self) -> str:
        """All of it on one line."""
        most = f" (at most {self.most_calls:,} calls)" if self.most_calls is not None and self.state == "under way" else ""
        panel = sum(seat_number(name) > 0 for name in self.seats)
        who = seat_count(panel) + (f" and {len(self.seats) - panel} more" if len(self.seats) > panel else "")
        return f"{self.strategy}, {self.state}{most}: {who}; {spent(self.usage)} Run {clipped(self.run, 80)}"

    def html(self) -> str:
        """The picture: a row for each seat; once the run is over, folded."""
        below = (line(self.decision), line(self.note, dim=True))
        if self.state != "under way":
            return card(folded(self.line(), self._table(), *below))
        return card(line(self.line()), self._table(), *below)

    def _table(self) -> Html:
        names = sorted(self.seats, key=lambda name: (seat_number(name) == 0, seat_number(name)))
        rows = [self._row(name, self.seats[name]) for name in names[:_SEATS]]
        rest = Counter("at work" if self.seats[name].asked else "done" for name in names[_SEATS:])
        whole = table(("", "seat", "model", ""), rows) if rows else Html()
        more = ", ".join(f"{count} {state}" for state, count in sorted(rest.items()))
        return Html(whole + line(f"and {len(names) - _SEATS} more: {more}" if more else "", dim=True))

    def _row(self, name: str, seat: _Seat) -> tuple[str, ...]:
        going = self.state == "under way" and seat.asked
        mark = "…" if going else "✗" if seat.failed else "✓" if not seat.asked else "-"
        return (mark, element("b", clipped(name, 40)), clipped(seat.model, 60), seat.words)
