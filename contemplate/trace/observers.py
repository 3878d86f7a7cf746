"""Who is told of a run's events as they happen."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from contemplate import log
from contemplate.errors import boundary
from contemplate.trace.outcome import Event

Listener = Callable[[Event], None]
"""Is told each event as it happens. It is a plain function: nothing waits for it."""


class Observers:
    """The listeners of one run. What a listener raises is logged the first time, and the run goes on: it is paid for."""

    def __init__(self, *listeners: Listener) -> None:
        """Tell each of `listeners`, in their order."""
        self._listeners = listeners
        self._failed: set[int] = set()

    def __call__(self, event: Event) -> None:
        """Tell them all of an event."""
        for place, listener in enumerate(self._listeners):
            with boundary("telling a listener", passes=()) as caught:
                came: object = listener(event)  # a coroutine, if it is asynchronous by mistake
                if inspect.iscoroutine(came):
                    came.close()
                    raise TypeError("it is asynchronous, and nothing waits for it: give a plain function")
            if caught.error is not None and place not in self._failed:
                self._failed.add(place)
                log.warning("listener failed", at=type(event).__name__, why=str(caught.error))
