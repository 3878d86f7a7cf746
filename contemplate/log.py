"""Logs: structured events on the standard logger "contemplate". Whoever runs the program decides where they go.

Nothing is configured here but this one logger: events reach `logging` with their fields as `extra`, so that an
application's own handlers and levels hold, structlog's among them. The command line shows them with `CONTEMPLATE_LOG=debug`.
"""

from __future__ import annotations

import logging
from typing import cast

import structlog

logging.getLogger("contemplate").addHandler(logging.NullHandler())  # silent until somebody wants to hear

log = cast(
    "structlog.stdlib.BoundLogger",
    structlog.wrap_logger(
        logging.getLogger("contemplate"),
        processors=[structlog.stdlib.filter_by_level, structlog.stdlib.render_to_log_kwargs],
        wrapper_class=structlog.stdlib.BoundLogger,
    ),
)
"""The logger of the package. Failed turns, retries and fallbacks are warnings; the beginning and end of a run, info."""
