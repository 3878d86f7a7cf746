"""The program of a process that math-verify runs in. It is started by `contemplate.answers.verifier`, by its path.

It reads one JSON line a check, `["expression", "other"]`, and answers each with `true` or `false`. Before the first it says
whether math-verify is there. Its memory, its processor time for a check, and its files are limited, so that nothing that a
model wrote can do more than end this process.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import sys
from typing import Any, TextIO


def main() -> None:
    """Answer until standard input ends."""
    sys.dont_write_bytecode = True
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever a library prints is no answer
    memory, seconds = (int(argument) for argument in sys.argv[1:3])
    try:
        library: Any = importlib.import_module("math_verify")
    except ImportError:
        say(answers, "missing")
        return
    logging.disable(logging.CRITICAL)
    confine(memory)
    config = [library.LatexExtractionConfig()]

    def equal(one: str, other: str) -> bool:
        left, right = (
            library.parse(f"${text}$", config, fallback_mode="no_fallback", parsing_timeout=None) for text in (one, other)
        )
        if not left or not right:
            return False
        options = {"float_rounding": 30, "numeric_precision": 30, "timeout_seconds": None}
        return bool(library.verify(left, right, **options) and library.verify(right, left, **options))

    say(answers, "ready")
    for line in sys.stdin:
        allow(seconds)
        one, other = json.loads(line)
        answer = False
        with contextlib.suppress(Exception):  # a library's failure on hostile text is a "no"
            answer = equal(one, other)
        say(answers, answer)


def say(answers: TextIO, what: object) -> None:
    """Write one line."""
    answers.write(json.dumps(what) + "\n")
    answers.flush()


def confine(memory: int) -> None:
    """Limit this process to `memory` bytes, no files of its own and no further processes, where the system can."""
    try:
        import resource
    except ImportError:
        return
    for name, limit in (("RLIMIT_AS", memory), ("RLIMIT_FSIZE", 0), ("RLIMIT_NPROC", 0), ("RLIMIT_CORE", 0)):
        with contextlib.suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (limit, limit))


def allow(seconds: int) -> None:
    """Let the system end this process after so many more seconds of processor time, though nobody should watch it."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, hard))


if __name__ == "__main__":
    main()
