"""What the command line's exit status says."""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """The exit statuses."""

    DONE = 0
    DIFFERENT = 1
    BAD_INPUT = 2
    NO_ANSWER = 3
    UNREACHABLE = 4
    INTERRUPTED = 130
