"""The loopback server of the tests, as a process of its own, for benchmarks."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Counted = dict[str, Any]
LOOPBACK = Path(__file__).parents[1] / "loopback.py"


@contextmanager
def serving(delay: float, *options: str) -> Iterator[str]:
    """A server that sleeps `delay` seconds before each answer, with further options of the script; gives its base URL."""
    command = [sys.executable, str(LOOPBACK), "--delay", str(delay), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def counted(url: str, *, took: bool = False) -> Counted:
    """What the server has seen since it was asked last: calls, connections, and the most of each at once."""
    address = f"{url.removesuffix('/v1')}/counted{'?took' if took else ''}"
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 - our own server
        found: Counted = json.load(answer)
    return found
