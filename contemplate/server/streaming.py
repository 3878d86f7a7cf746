"""The response to a question: a stream of server-sent events, or one JSON value. A client that leaves ends its runs.

All of it happens in one task group inside of the call of the application: the runs, the watch on the client, and what is sent.
So a run can't outlive its client, and its place is free as soon as it has ended, whoever ended it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Protocol

import anyio
import anyio.lowlevel
from anyio.abc import TaskGroup
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from contemplate.concurrency import task_group
from contemplate.server.engine import Engine, Job
from contemplate.server.feed import Feed
from contemplate.server.problems import answer, no_answer
from contemplate.server.refused import RefusedError
from contemplate.trace.events import Event
from contemplate.types import Json

STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]
KEEP_ALIVE = b": still at work\n\n"
_CROWD = 8
"""Where so many streams are about to begin, no other waits for its run before its first byte: each would wait for all of them."""


class Writer(Protocol):
    """Says in the words of one protocol what comes of runs. They are numbered from 0."""

    def opening(self) -> bytes:
        """What a stream begins with."""
        ...

    def event(self, number: int, event: Event) -> bytes:
        """What is said of an event; nothing, where nothing is."""
        ...

    def closing(self, number: int, feed: Feed, problem: RefusedError | None) -> bytes:
        """The answer of a run, or why there is none."""
        ...

    def end(self, feeds: Sequence[Feed]) -> bytes:
        """What a stream ends with."""
        ...

    def whole(self, feeds: Sequence[Feed]) -> Json:
        """All of it as one value: at least one of the runs has an answer."""
        ...


async def cancel_when_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    """Cancel `scope` as soon as the client has left. The body of its request was read before."""
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


class RunResponse(Response):
    """Carries out runs for as long as the client is there, and sends what comes of them."""

    def __init__(self, engine: Engine, jobs: Sequence[Job], writer: Writer, *, stream: bool) -> None:
        """Begin nothing yet.

        Args:
            engine: carries out the runs.
            jobs: the runs.
            writer: puts them in words.
            stream: as they go, and not when all are over.
        """
        self._engine, self._jobs, self._writer, self._stream = engine, jobs, writer, stream
        self._feeds = [job.feed for job in jobs]
        self._began = time.monotonic()
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Carry the runs out."""
        try:
            with self._engine.slots.admitted(len(self._jobs)):
                async with task_group() as tasks:
                    tasks.start_soon(cancel_when_gone, receive, tasks.cancel_scope)
                    self._engine.metrics.gone += 1
                    await (self._streamed if self._stream else self._at_once)(tasks, scope, receive, send)
                    self._engine.metrics.gone -= 1
                    tasks.cancel_scope.cancel()
        except RefusedError as error:
            await answer(error)(scope, receive, send)

    def _begin(self, tasks: TaskGroup) -> None:
        """Let the runs begin."""
        for job in self._jobs:
            tasks.start_soon(self._engine.perform, job)

    async def _at_once(self, tasks: TaskGroup, scope: Scope, receive: Receive, send: Send) -> None:
        """Send one value when all runs are over."""
        self._begin(tasks)
        pulse, beats = self._feeds[0].pulse, 0
        while not all(feed.over for feed in self._feeds):
            beats = await pulse.beyond(beats)
        problems = [problem_of(feed) for feed in self._feeds]
        first = problems[0]
        if first is not None and all(problems):
            await answer(first)(scope, receive, send)
            return
        headers = {"X-Contemplate-Run": self._feeds[0].run}
        await JSONResponse(self._writer.whole(self._feeds), 200, headers)(scope, receive, send)

    async def _streamed(self, tasks: TaskGroup, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what happens as it does."""
        if not (crowded := self._engine.beginning >= _CROWD):
            self._begin(tasks)
            if (failed := await self._fails_at_once()) is not None:
                await answer(failed)(scope, receive, send)
                return
        headers = [*STREAM_HEADERS, (b"x-contemplate-run", self._feeds[0].run.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self._writer.opening(), "more_body": True})
        self._engine.metrics.first_byte(time.monotonic() - self._began)
        if crowded:
            await anyio.lowlevel.checkpoint()  # the first bytes of all, before the runs of any
            self._begin(tasks)
        pulse, seen, open_ = self._feeds[0].pulse, [0] * len(self._feeds), set(range(len(self._feeds)))
        while open_:
            beats = pulse.beats
            if chunk := b"".join(self._news(seen, open_)):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await anyio.sleep(self._engine.settings.pause if open_ else 0)
            if open_ and pulse.beats == beats and not await self._something(beats):
                await send({"type": "http.response.body", "body": KEEP_ALIVE, "more_body": True})
        await send({"type": "http.response.body", "body": self._writer.end(self._feeds), "more_body": False})

    async def _fails_at_once(self) -> RefusedError | None:
        """The problem of runs that fail before the first byte is due: it is told with a status."""
        pulse, beats = self._feeds[0].pulse, 0
        self._engine.beginning += 1
        try:
            with anyio.move_on_after(self._engine.settings.head_start):
                while not all(feed.events or feed.over for feed in self._feeds):
                    beats = await pulse.beyond(beats)
        finally:
            self._engine.beginning -= 1
        problems = [problem_of(feed) if feed.over else None for feed in self._feeds]
        return problems[0] if all(problems) else None

    def _news(self, seen: list[int], open_: set[int]) -> Iterable[bytes]:
        """What is to be said since the last time; runs that are over are `open_` no more."""
        for number in sorted(open_):
            feed = self._feeds[number]
            for event in feed.after(seen[number]):
                seen[number] = event.number
                yield self._writer.event(number, event)
            if feed.over:
                open_.discard(number)
                yield self._writer.closing(number, feed, problem_of(feed))

    async def _something(self, beats: int) -> bool:
        """Wait until something is new; False if there was nothing for too long."""
        with anyio.move_on_after(self._engine.settings.keep_alive) as waited:
            await self._feeds[0].pulse.beyond(beats)
        return not waited.cancelled_caught


def problem_of(feed: Feed) -> RefusedError | None:
    """Why a run that is over has no answer; None if it has one."""
    if feed.problem is not None:
        return feed.problem
    if feed.outcome is None:
        return RefusedError(f"run {feed.run} was stopped; what it paid for is kept", 409, code="stopped", retry=False)
    return no_answer(feed.outcome)
