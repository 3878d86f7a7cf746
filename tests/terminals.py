"""A pseudo-terminal to run commands on, and what they write to it."""

from __future__ import annotations

import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from fcntl import ioctl
from functools import partial
from io import FileIO

_UNSET = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"}


def _own(inside: int) -> None:
    """Make it the terminal of the process, whose Ctrl-C it hears."""
    os.setsid()
    ioctl(inside, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def on_terminal(
    command: Sequence[str],
    width: int,
    more: Mapping[str, str],
    typed: Callable[[], bytes] = bytes,
    *,
    height: int = 24,
) -> str:
    """What a command writes to its terminal until it ends, output and errors as they come; `typed` waits, and is typed then."""
    terminal, inside = pty.openpty()
    ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
    environment = {**{name: value for name, value in os.environ.items() if name not in _UNSET}, **more}
    chunks = []
    take = partial(_own, inside)
    with (
        closing(FileIO(terminal)) as reader,
        subprocess.Popen(command, stdin=inside, stdout=inside, stderr=inside, env=environment, preexec_fn=take),  # noqa: PLW1509
    ):
        os.close(inside)
        if keys := typed():
            os.write(terminal, keys)
        with suppress(OSError):  # which is how Linux says that nobody writes any more
            while chunk := reader.read(65536):
                chunks.append(chunk)
    return b"".join(chunks).decode("utf-8", "replace").replace("\r\n", "\n")


def dialogue(command: Sequence[str], width: int, more: Mapping[str, str], turns: Sequence[tuple[str, bytes]]) -> str:
    """What a command writes to its terminal, where each of `turns` waits until something stands there, and is typed then."""
    terminal, inside = pty.openpty()
    ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    environment = {**{name: value for name, value in os.environ.items() if name not in _UNSET}, **more}
    written, looked_at, waiting = b"", 0, list(turns)
    take = partial(_own, inside)
    with (
        closing(FileIO(terminal)) as reader,
        subprocess.Popen(command, stdin=inside, stdout=inside, stderr=inside, env=environment, preexec_fn=take) as process,  # noqa: PLW1509
    ):
        os.close(inside)
        late = threading.Timer(30, process.kill)
        late.start()
        with suppress(OSError):  # which is how Linux says that nobody writes any more
            while chunk := reader.read(65536):
                written += chunk
                while waiting and (at := written.find(waiting[0][0].encode(), looked_at)) >= 0:
                    looked_at = at + len(waiting[0][0])
                    os.write(terminal, waiting.pop(0)[1])
        late.cancel()
    return written.decode("utf-8", "replace").replace("\r\n", "\n")


_PIECE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|(.)", re.DOTALL)


def picture(written: str, width: int) -> list[str]:
    """The lines that stand on a terminal of that width at the end, for letters of one column, no scrolling, and few escapes."""
    lines: dict[int, list[str]] = {}
    row = column = 0
    for piece in _PIECE.finditer(written):
        number, escape, letter = piece.groups()
        if escape == "A":
            row = max(row - int(number or 1), 0)
        elif escape == "K":
            lines.pop(row, None)
        elif letter == "\n":
            row, column = row + 1, 0
        elif letter == "\r":
            column = 0
        elif letter is not None:
            if column == width:
                row, column = row + 1, 0
            line = lines.setdefault(row, [" "] * width)
            line[column] = letter
            column += 1
    return ["".join(lines.get(number, ())).rstrip() for number in range(max(lines, default=-1) + 1)]
