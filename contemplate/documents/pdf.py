"""Taking a PDF apart in a process of its own, with hard limits of time, memory and output: PDF files are not to be trusted.

pypdf comes with the extra `pdf`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from importlib.util import find_spec
from pathlib import Path

from contemplate.documents.limits import MAX_CHARACTERS, MAX_PAGES, PDF_MEMORY, PDF_SECONDS
from contemplate.errors import InputError
from contemplate.text import one_line

INSTALL = "pip install 'contemplate-ai[pdf]'"
"""How what reads PDF is installed."""

_MOST = 12 * MAX_CHARACTERS
"""The longest that a worker may say, in bytes: JSON writes a character beyond the first plane as twelve."""
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")


def pages_of(content: bytes, where: str) -> list[str]:
    """The words of each page of a PDF; all pages together have at most `MAX_CHARACTERS` of them.

    Args:
        content: the file's bytes.
        where: what errors call it.

    Raises:
        InputError: pypdf is not installed; or the PDF has a password, too many pages or words, is broken, or takes more time or
            memory than it may.
    """
    if find_spec("pypdf") is None:
        raise InputError(f"{where}: PDF files are read by pypdf, which is not installed: {INSTALL}")
    said, in_time = _worker(content)
    if not in_time:
        raise InputError(f"{where}: this PDF could not be taken apart within {PDF_SECONDS} s; give its text instead")
    try:
        found = json.loads(said)
    except ValueError:
        found = {"problem": f"this PDF could not be taken apart within {PDF_MEMORY >> 20:,} MiB of memory, or its reader broke"}
    pages = found.get("pages") if isinstance(found, dict) else None
    if isinstance(pages, list) and all(isinstance(page, str) for page in pages):
        return pages
    problem = found.get("problem") if isinstance(found, dict) else None
    raise InputError(f"{where}: {one_line(str(problem or 'this PDF could not be taken apart'), 300)}")


def _worker(content: bytes) -> tuple[bytes, bool]:
    """What a worker says of a PDF, and whether it ended in time; it never outlives the call."""
    late = threading.Event()
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        try:
            process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-P", str(Path(__file__).with_name("pdf_worker.py")), *_limits()],
                stdin=file,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in _PASSED_ON if name in os.environ}
                | {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)},
            )
        except OSError as error:
            raise InputError(f"no process can be started to take a PDF apart ({error.strerror or error})") from None

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(PDF_SECONDS, end)
    timer.start()
    try:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        return process.stdout.read(_MOST), not late.is_set()
    finally:
        timer.cancel()
        process.kill()
        process.communicate()


def _limits() -> list[str]:
    return [str(number) for number in (PDF_MEMORY, PDF_SECONDS, MAX_PAGES, MAX_CHARACTERS)]
