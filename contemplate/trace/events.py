"""Events: what happens in a run, told to whoever observes it. Each stands alone: it says of which run it is, and when it was.

An observer is a function of one event. Several may observe one run, and one may observe many runs.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Literal, Protocol, cast, runtime_checkable

import anyio

from contemplate import log
from contemplate.concurrency import owned
from contemplate.errors.boundary import boundary
from contemplate.types import Completion, Question, Request, Tokens, ToolUse, Turn, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contemplate.trace.outcome import Outcome
    from contemplate.trace.trace import Sight


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """What every event says.

    Attributes:
        run: the id of the run.
        number: of the event in its run, from 1, without gaps.
        at: when it was, in seconds since the run began.
    """

    run: str = ""
    number: int = 0
    at: float = 0.0


@dataclass(frozen=True)
class RunStarted(Stamp):
    """A run has an id, and its first turns are about to be laid out.

    Attributes:
        most_calls: how many calls it may make; None where that is not capped.
    """

    run: str = field()
    question: Question = field()
    strategy: str = field()
    models: tuple[str, ...] = field()
    most_calls: int | None = None


@dataclass(frozen=True)
class TurnStarted(Stamp):
    """A turn has all that it sees, and its agent is being asked.

    Attributes:
        id: of the turn.
        sees: the turns that it reads, and how it uses them.
    """

    id: str
    verb: str
    seat: str
    model: str
    sees: tuple[Sight, ...] = ()


@dataclass(frozen=True)
class CallStarted(Stamp):
    """An attempt at a call leaves for a provider: its worst case is reserved, and it is on record.

    Attributes:
        turn: the id of the turn that it is made for.
        model: that is asked, as the user named it.
        endpoint: where: a host and port, or a provider's name.
        attempt: from 1; more where an earlier one failed.
        samples: how many replies are asked for.
        call: the id of the attempt, as in the ledger.
        request: what is asked, whole; of several samples, the first one.
    """

    turn: str
    seat: str
    model: str
    endpoint: str
    attempt: int = 1
    samples: int = 1
    call: str = field(default="", compare=False, repr=False)
    request: Request | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class CallEnded(Stamp):
    """An attempt at a call is over.

    Attributes:
        status: "answered"; "failed"; or "cancelled", as by a deadline.
        seconds: how long it took.
        tokens: what it took; None if nothing came back.
        usd: what that costs, in US dollars; None where no price is known, or nothing came back.
        error: why it brought nothing, in one line; None if it brought a reply.
        call: the id of the attempt, as in the ledger.
        kind: that of its error, in the tree of errors; None where there is none.
        completions: what came back.
    """

    turn: str
    seat: str
    model: str
    endpoint: str
    attempt: int = 1
    samples: int = 1
    status: Literal["answered", "failed", "cancelled"] = "answered"
    seconds: float = 0.0
    tokens: Tokens | None = None
    usd: float | None = None
    error: str | None = None
    call: str = field(default="", compare=False, repr=False)
    kind: str | None = field(default=None, compare=False, repr=False)
    completions: tuple[Completion, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True)
class TurnDelta(Stamp):
    """A piece of a reply that is still being written. The whole reply comes with `TurnEnded`, and only that counts.

    Samples that share one request come whole, and so do replies of servers that do not stream.

    Attributes:
        id: of the turn.
        text: what came since the last piece.
    """

    id: str
    seat: str
    text: str


@dataclass(frozen=True)
class TurnEnded(Stamp):
    """A turn is over: it said something, failed, or was cancelled.

    Attributes:
        cached: the ledger had all that came back.
        usage: of the run so far.
        sees: the turns that it read, and how it used them.
    """

    turn: Turn
    cached: bool
    usage: Usage
    sees: tuple[Sight, ...] = ()


@dataclass(frozen=True)
class Noted(Stamp):
    """Something that an observer should know and no turn says, in one line, as a tie that goes to no judge."""

    message: str
    seat: str = ""


@dataclass(frozen=True)
class Retried(Noted):
    """A call failed, and is made once more.

    Attributes:
        model: that is asked.
        error: why the attempt before failed.
        wait: seconds until the next one.
    """

    model: str = ""
    error: str = ""
    wait: float = 0.0


@dataclass(frozen=True)
class FellBack(Noted):
    """A model failed for good, and another one is asked.

    Attributes:
        model: that failed.
        error: why.
        instead: the model that is asked now.
    """

    model: str = ""
    error: str = ""
    instead: str = ""


@dataclass(frozen=True)
class ToolUsed(Noted):
    """An agent called a tool, and what came of it is there.

    Attributes:
        turn: the id of its turn.
        use: the call.
    """

    turn: str = ""
    use: ToolUse | None = None


@dataclass(frozen=True)
class RunEnded(Stamp):
    """The run is over."""

    outcome: Outcome


@dataclass(frozen=True)
class RunInterrupted(Stamp):
    """The run ends without an outcome, by an error or since somebody has left; it can be resumed."""


Event = RunStarted | TurnStarted | CallStarted | CallEnded | TurnDelta | TurnEnded | Noted | RunEnded | RunInterrupted
"""What happens in a run."""

Observer = Callable[[Event], None]
"""Is told each event as it happens, on the event loop: it must not block."""


@runtime_checkable
class Tracer(Protocol):
    """An observer that has a trace of its own for each run, whose id is kept with it."""

    def traceparent(self, run: str, before: str | None) -> str | None:
        """The place of a run that is about to be written down, in the form of W3C's `traceparent`; None for none.

        Args:
            run: its id.
            before: the place of the run that it goes on from, or is a fork of.
        """


@dataclass(frozen=True)
class Observers:
    """Who is told the events of a run.

    Attributes:
        each: the observers, in the order in which they are told.
        deltas: they are told the pieces of replies too (`TurnDelta`), where the model's server gives these.
    """

    each: tuple[Observer, ...] = ()
    deltas: bool = False

    def after(self, observer: Observer) -> Observers:
        """These, with one more that is told first; a second one of its kind is not."""
        return self if any(type(one) is type(observer) for one in self.each) else replace(self, each=(observer, *self.each))


NOBODY = Observers()


@dataclass
class Telling:
    """Tells the events of one run to its observers, each stamped with run, number and time.

    What an observer raises costs the run nothing: it is logged, once for each observer, and the others are told all the same.

    Attributes:
        run: the id of the run.
        observers: who is told.
        began: when the run began, on the clock of `time.monotonic`.
    """

    run: str
    observers: Observers = NOBODY
    began: float = field(default_factory=time.monotonic)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _broken: set[int] = field(default_factory=set)

    @property
    def heard(self) -> bool:
        """Whether anybody is told anything."""
        return bool(self.observers.each)

    @property
    def deltas(self) -> bool:
        """Whether somebody is told the pieces of replies."""
        return self.observers.deltas and bool(self.observers.each)

    def traceparent(self, before: str | None) -> str | None:
        """The run's place in the trace of the first observer that has one; each of those is asked."""
        places: list[str | None] = []
        each: tuple[object, ...] = self.observers.each
        for observer in each:
            if isinstance(observer, Tracer):
                with boundary("tracing", passes=()) as caught:
                    places.append(observer.traceparent(self.run, before))
                if caught.error is not None:
                    log.warning("run not traced", run=self.run, why=str(caught.error))
        return next((place for place in places if place), None)

    def __call__(self, event: Event) -> None:
        """Tell an event."""
        if not self.observers.each:
            return
        stamped = replace(event, run=self.run, number=next(self._numbers), at=time.monotonic() - self.began)
        for place, observer in enumerate(self.observers.each):
            if (why := _broken_by(observer, stamped)) is not None and place not in self._broken:
                self._broken.add(place)
                log.warning("observer failed", run=self.run, observer=getattr(observer, "__qualname__", repr(observer)), why=why)


def _broken_by(observer: Observer, event: Event) -> str | None:
    """Tell one observer; why that failed, or None."""
    with boundary("observing", passes=()) as caught:
        told = cast("Callable[[Event], object]", observer)(event)
        if inspect.iscoroutine(told):
            told.close()
            return "an observer is a plain function, and this one is asynchronous"
    return None if caught.error is None else str(caught.error)


async def events_of(work: Callable[[Observer], Awaitable[object]]) -> AsyncGenerator[Event]:
    """The events of a run as a stream; leaving it early ends the run.

    Args:
        work: carries the run out, telling the observer that it is given.
    """
    sender, receiver = anyio.create_memory_object_stream[Event](float("inf"))

    async def tell_all() -> None:
        with sender:
            await work(sender.send_nowait)

    with receiver:  # open until the run has ended: it goes on telling while it is cancelled
        async with owned(tell_all):
            async for event in receiver:
                yield event
