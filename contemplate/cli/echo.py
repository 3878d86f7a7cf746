"""What is typed while a panel is drawn: the terminal would write it into the picture, and the next one would stand beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any


@contextmanager
def quiet(stream: IO[str]) -> Iterator[None]:
    """Have the terminal of `stream` not repeat what is typed, the ^C of Ctrl-C included, until the block is left.

    Nothing is done where there is no such terminal, and for a command in the background, whose terminal is another's.
    """
    try:
        import termios
    except ImportError:  # Windows writes no ^C
        yield
        return
    before = _settings(stream)
    if before is not None:
        changed = [*before]
        changed[3] = before[3] & ~termios.ECHO
        _set(stream, changed)
    try:
        yield
    finally:
        if before is not None and _in_front(stream):
            _set(stream, before)


def _settings(stream: IO[str]) -> list[Any] | None:
    """The terminal's settings; None where they are not ours to change."""
    import termios

    with suppress(OSError, ValueError, termios.error):
        return termios.tcgetattr(stream.fileno()) if _in_front(stream) else None
    return None


def _set(stream: IO[str], settings: list[Any]) -> None:
    import termios

    with suppress(OSError, ValueError, termios.error):
        termios.tcsetattr(stream.fileno(), termios.TCSANOW, settings)


def _in_front(stream: IO[str]) -> bool:
    """Whether this is the command that the terminal listens to: it stops any other one that changes its settings."""
    try:
        return os.tcgetpgrp(stream.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False
