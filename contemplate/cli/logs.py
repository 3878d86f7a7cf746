"""`CONTEMPLATE_LOG=debug|info|warning|error`: the log on standard error, a line an event. Without it, none."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from contemplate.errors import InputError
from contemplate.text import one_line

VARIABLE = "CONTEMPLATE_LOG"
_LEVELS = ("debug", "info", "warning", "error")
_USUAL = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class _Line(logging.Formatter):
    """An event with its fields, on one line."""

    def format(self, record: logging.LogRecord) -> str:
        fields = [f"{name}={value!r}" for name, value in vars(record).items() if name not in _USUAL]
        said = " ".join([record.levelname.lower(), record.name, record.getMessage(), *fields])
        return f"{self.formatTime(record)} {one_line(said, 2000)}"


@contextmanager
def logged() -> Iterator[None]:
    """Send the log where the environment says, as long as the block goes.

    Raises:
        InputError: it names no level.
    """
    level = os.environ.get(VARIABLE, "").lower()
    if not level:
        yield
        return
    if level not in _LEVELS:
        msg = f"{VARIABLE}={level}: one of {', '.join(_LEVELS)} is expected"
        raise InputError(msg)
    logger, handler = logging.getLogger("contemplate"), logging.StreamHandler()
    handler.setFormatter(_Line())
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(level.upper())
    try:
        yield
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)
