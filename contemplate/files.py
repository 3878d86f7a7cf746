"""Files: only regular ones are read, and what is written is its user's alone, as the ledger is."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

_NO_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def open_regular(file: Path) -> BinaryIO:
    """Open a regular file for reading. A FIFO, which would be waited for, and a device, which may have no end, are refused.

    Raises:
        OSError: it can't be opened, or is a folder or no regular file.
    """
    handle = os.open(file, os.O_RDONLY | _NO_WAITING)
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(handle, "rb")
    os.close(handle)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(file))
    raise OSError(errno.EINVAL, "it is no regular file but a pipe or a device", str(file))


def private(path: str, flags: int) -> int:
    """An `opener` of `open`: a file that it makes can be read and written by its user alone. One that is there stays as it is."""
    return os.open(path, flags, 0o600)


def write_private(file: Path, content: str | bytes) -> None:
    """Write a file, which is its user's alone if it was not there before; text as UTF-8.

    Raises:
        OSError: it can't be written.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    with open(file, "wb", opener=private) as out:
        out.write(data)


def beside(file: Path) -> Path:
    """A new file beside `file`, which is empty.

    Raises:
        OSError: it can't be made.
    """
    new = file.resolve().with_name(f".{file.name[:100]}.{os.getpid()}.part")
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return new


def write_whole(file: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: to a new one beside it, which then takes its place.

    It can be read and written by its user alone, or by whom the one could that was there. What is no regular file is written as
    it stands.

    Raises:
        OSError: it can't be written.
    """
    mode = file.stat().st_mode if file.exists() else stat.S_IFREG | 0o600
    if not stat.S_ISREG(mode):
        write_private(file, content)
        return
    new = beside(file)
    try:
        write_private(new, content)
        new.chmod(stat.S_IMODE(mode))
        new.replace(file.resolve())
    finally:
        new.unlink(missing_ok=True)


def make_private_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for its user alone.

    Raises:
        OSError: it can't be made, or there is a file of that name.
    """
    for one in (*reversed(folder.absolute().parents), folder.absolute()):
        if not one.is_dir():
            one.mkdir(mode=0o700, exist_ok=True)
