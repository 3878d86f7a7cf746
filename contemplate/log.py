"""Logs: structured events on the standard logger "contemplate". Whoever runs the program decides where they go.

Nothing is configured here but this one logger: events reach `logging` with their fields as `extra`, so that an
application's own handlers and levels hold, structlog's among them. The command line shows them with `CONTEMPLATE_LOG=debug`.
Failed turns, retries and fallbacks are warnings; the beginning and end of a run, info.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from structlog.stdlib import BoundLogger

_logger = logging.getLogger("contemplate")
_logger.addHandler(logging.NullHandler())  # nothing is printed until the program adds a handler


def info(event: str, **fields: object) -> None:
    """Log what may interest somebody."""
    _log(logging.INFO, event, fields)


def warning(event: str, **fields: object) -> None:
    """Log what somebody should look at."""
    _log(logging.WARNING, event, fields)


def _log(level: int, event: str, fields: dict[str, object]) -> None:
    if _logger.isEnabledFor(level):
        _structured().log(level, event, **fields)


@cache
def _structured() -> BoundLogger:
    """The structured face of the logger. structlog is slow to import, so that is done when there is something to log."""
    import structlog

    logger: BoundLogger = structlog.wrap_logger(
        _logger, processors=[structlog.stdlib.render_to_log_kwargs], wrapper_class=structlog.stdlib.BoundLogger
    )
    return logger
