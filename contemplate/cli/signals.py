"""What Ctrl-C, `kill` and a closed terminal do: the first cancels what is under way, the others leave its clearing up alone."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Self, TypeVar

T = TypeVar("T")

_DEFAULTS = {"SIGINT": signal.default_int_handler, "SIGTERM": signal.SIG_DFL, "SIGHUP": signal.SIG_DFL}


@dataclass
class _UnderWay:
    """What a signal cancels, if anything; and whether one has."""

    cancel: Callable[[], object] | None = None
    cancelled: bool = False


_under_way = _UnderWay()


def install() -> None:
    """Take the signals that end a command, unless they are ignored, as `nohup` and a job in the background have them."""
    for name, default in _DEFAULTS.items():
        _change(name, default, _interrupt)


def ignore() -> None:
    """Let no further one cut the end of the process short."""
    for name in _DEFAULTS:
        _change(name, _interrupt, signal.SIG_IGN)


def run_async(work: Callable[..., Awaitable[T]], *args: object) -> T:
    """Run `work` as `anyio.run` does; a signal cancels it, and lets it clear up.

    Raises:
        KeyboardInterrupt: it was cancelled.
    """
    import anyio

    from contemplate.concurrency import loop_factory

    found: list[T] = []
    anyio.run(_watched, work, args, found, backend_options={"loop_factory": loop_factory()})
    return _one(found)


class EventLoop:
    """An event loop that several functions are run on, one after the other, and that rests meanwhile. A context manager."""

    def __init__(self) -> None:
        """Begin nothing yet."""
        import asyncio

        from contemplate.concurrency import loop_factory

        self._runner = asyncio.Runner(loop_factory=loop_factory())

    def __enter__(self) -> Self:
        """Begin."""
        self._runner.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End it."""
        self._runner.close()

    def run(self, work: Callable[..., Awaitable[T]], *args: object) -> T:
        """Run `work` to its end; a signal cancels it, and lets it clear up.

        Raises:
            KeyboardInterrupt: it was cancelled.
        """
        found: list[T] = []
        self._runner.run(_watched(work, args, found))
        return _one(found)


async def _watched(work: Callable[..., Awaitable[T]], args: tuple[object, ...], found: list[T]) -> None:
    """Do `work` so that a signal cancels it, and add what it gives to `found`."""
    import asyncio

    import anyio

    loop = asyncio.get_running_loop()
    with anyio.CancelScope() as scope:
        _under_way.cancel = lambda: loop.call_soon_threadsafe(scope.cancel)
        try:
            found.append(await work(*args))
        finally:
            _under_way.cancel = None


def _one(found: list[T]) -> T:
    if not found:
        raise KeyboardInterrupt
    return found[0]


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Cancel what is under way; where nothing is, do what Ctrl-C does. Once is enough."""
    if _under_way.cancelled:
        return
    if _under_way.cancel is None:
        signal.default_int_handler(number, frame)
    _under_way.cancelled = True
    _under_way.cancel()


def _change(name: str, before: object, after: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    """Exchange the handler of a signal, if this system has the signal and `before` is its handler."""
    number = getattr(signal, name, None)
    if number is not None and signal.getsignal(number) is before:
        signal.signal(number, after)
