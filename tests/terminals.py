"""A pseudo-terminal to run commands on, and what they write to it."""

from __future__ import annotations

import os
import pty
import struct
import subprocess
import termios
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from fcntl import ioctl
from io import FileIO

_UNSET = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"}


def on_terminal(
    command: Sequence[str],
    width: int,
    more: Mapping[str, str],
    meanwhile: Callable[[subprocess.Popen[bytes]], None] = lambda _: None,
    *,
    height: int = 24,
) -> str:
    """What a command writes to a terminal until it ends, its output and its errors as they come; `meanwhile` may disturb it."""
    terminal, inside = pty.openpty()
    ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
    environment = {**{name: value for name, value in os.environ.items() if name not in _UNSET}, **more}
    chunks = []
    with (
        closing(FileIO(terminal)) as reader,
        subprocess.Popen(command, stdin=inside, stdout=inside, stderr=inside, env=environment) as process,
    ):
        os.close(inside)
        meanwhile(process)
        with suppress(OSError):  # which is how Linux says that nobody writes any more
            while chunk := reader.read(65536):
                chunks.append(chunk)
    return b"".join(chunks).decode("utf-8", "replace").replace("\r\n", "\n")
