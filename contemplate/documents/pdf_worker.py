"""The program of a process that pypdf runs in. It is started by `contemplate.documents.pdf`, by its path.

It reads a PDF from standard input and writes one JSON object: `{"pages": [...]}`, or `{"problem": "..."}`. Its memory, its
processor time and its files are limited, so that no PDF can do more than end this process.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import logging
import re
import sys
from typing import Any

_UNSENDABLE = re.compile("[\x00\ud800-\udfff]")


class _ProblemError(Exception):
    """What is wrong with the PDF, in words."""


def main() -> None:
    """Take one PDF apart."""
    sys.dont_write_bytecode = True
    out, sys.stdout = sys.stdout, sys.stderr  # whatever a library prints is no answer
    memory, seconds, most_pages, most_characters = (int(argument) for argument in sys.argv[1:5])
    pypdf: Any = importlib.import_module("pypdf")
    logging.disable(logging.CRITICAL)
    _confine(memory, seconds)
    try:
        said: dict[str, object] = {"pages": _pages(pypdf, sys.stdin.buffer.read(), most_pages, most_characters)}
    except _ProblemError as problem:
        said = {"problem": str(problem)}
    except MemoryError:
        said = {"problem": f"this PDF takes more than {memory >> 20:,} MiB of memory to take apart; give its text instead"}
    except Exception as error:  # noqa: BLE001 - a library's failure on a hostile or broken file
        said = {"problem": f"this PDF is broken ({type(error).__name__}: {str(error)[:200]})"}
    out.write(json.dumps(said))
    out.flush()


def _pages(pypdf: Any, content: bytes, most_pages: int, most_characters: int) -> list[str]:  # noqa: ANN401 - a library
    """The words of each page."""
    reader = pypdf.PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not _opened(reader):
        raise _ProblemError("this PDF is encrypted; save a copy without a password")
    if (count := len(reader.pages)) > most_pages:
        raise _ProblemError(f"this PDF has {count:,} pages; at most {most_pages:,} are read, so give the pages that matter")
    pages: list[str] = []
    length = 0
    for page in reader.pages:
        pages.append(_UNSENDABLE.sub("\ufffd", page.extract_text() or "").strip())
        length += len(pages[-1]) + 2
        if length > most_characters + 2:
            at = f"by page {len(pages)} of {count}"
            raise _ProblemError(f"over {most_characters:,} characters of text {at}, more than a document may have")
    return pages


def _opened(reader: Any) -> bool:  # noqa: ANN401 - a library's
    """Whether an encrypted PDF opens without a password, as those do that only forbid printing."""
    with contextlib.suppress(Exception):  # no password, or a cipher that needs another library
        return bool(reader.decrypt(""))
    return False


def _confine(memory: int, seconds: int) -> None:
    """Limit this process to so much memory and processor time, no files of its own and no further processes, where it can be."""
    try:
        import resource
    except ImportError:
        return
    limits = {"RLIMIT_AS": memory, "RLIMIT_CPU": seconds, "RLIMIT_FSIZE": 0, "RLIMIT_NPROC": 0, "RLIMIT_CORE": 0}
    for name, limit in limits.items():
        with contextlib.suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (limit, limit))


if __name__ == "__main__":
    main()
