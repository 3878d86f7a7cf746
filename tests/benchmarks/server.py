"""The loopback server of the tests, as a process of its own, for benchmarks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOOPBACK = Path(__file__).parents[1] / "loopback.py"


@contextmanager
def serving(delay: float) -> Iterator[str]:
    """A server that sleeps `delay` seconds before each answer; gives its base URL."""
    command = [sys.executable, str(LOOPBACK), "--delay", str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
