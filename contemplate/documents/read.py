"""Reading a file into words: which kind it is is seen from its bytes, and what can't be read is said in one line."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path

from contemplate.documents.limits import MAX_CHARACTERS, MAX_DOCUMENTS, MAX_FILE, MAX_FILES
from contemplate.documents.pdf import pages_of
from contemplate.errors import InputError
from contemplate.text import one_line

_PDF = b"%PDF-"
_HEAD = 1024
"""A PDF says within so many bytes that it is one."""
_MARKDOWN = {".md", ".markdown", ".mdown", ".mkd"}
_BETWEEN_PAGES = "\n\n"
_BOM = "\ufeff"


@dataclass(frozen=True)
class FileText:
    """The words of a file.

    Attributes:
        name: the file's name, without its folder.
        media_type: "text/plain", "text/markdown" or "application/pdf".
        sha256: of the file's bytes, in hex.
        text: its words.
        pages: where each page of a PDF begins in them, in characters; empty for what has no pages.
        size: of the file, in bytes.
    """

    name: str
    media_type: str
    sha256: str
    text: str
    pages: tuple[int, ...]
    size: int


def read_file(file: str | PathLike[str]) -> FileText:
    """The words of a text, Markdown or PDF file.

    Raises:
        InputError: it is not there, is a folder, can't be read, is too long, is neither text nor PDF, or is a PDF without text,
            with a password, or with what can't be taken apart; or reading PDF is not installed.
    """
    path = Path(fspath(file))
    where = one_line(str(path), 300)
    content = _content(path, where)
    text, pages = _of_pdf(content, where) if _PDF in content[:_HEAD] else (_of_text(content, where), ())
    if not text.strip():
        raise InputError(f"{where}: the file is empty; there is nothing to read in it")
    if len(text) > MAX_CHARACTERS:
        raise InputError(
            f"{where}: {len(text):,} characters; a document has at most {MAX_CHARACTERS:,}, so give the parts that matter"
        )
    kind = "application/pdf" if pages else "text/markdown" if path.suffix.lower() in _MARKDOWN else "text/plain"
    return FileText(one_line(path.name, 200), kind, hashlib.sha256(content).hexdigest(), text, pages, len(content))


def read_files(files: Sequence[str | PathLike[str]]) -> list[FileText]:
    """The words of several files, in their order.

    Raises:
        InputError: there are too many, they are too long together, or one can't be read; see `read_file`.
    """
    if len(files) > MAX_DOCUMENTS:
        raise InputError(f"{len(files)} documents; a question has at most {MAX_DOCUMENTS}")
    read: list[FileText] = []
    for file in files:
        read.append(read_file(file))
        if (size := sum(one.size for one in read)) > MAX_FILES:
            where = one_line(fspath(file), 300)
            raise InputError(f"{where}: the files are {size:,} bytes together up to this one; at most {MAX_FILES:,} are read")
    return read


def _content(path: Path, where: str) -> bytes:
    """The bytes of a file, of which there are not too many."""
    try:
        with path.open("rb") as opened:
            content = opened.read(MAX_FILE + 1)
    except FileNotFoundError:
        problem = "no such file"
    except IsADirectoryError:
        problem = "a folder, where a file was expected"
    except OSError as error:
        problem = f"can't be read ({error.strerror or error})"
    except ValueError:  # a NUL in the path
        problem = "no name that a file can have"
    else:
        if len(content) <= MAX_FILE:
            return content
        problem = f"over {MAX_FILE:,} bytes, longer than any document may be"
    raise InputError(f"{where}: {problem}")


def _of_text(content: bytes, where: str) -> str:
    """The words of a text file, with line ends as they are on Unix."""
    if (at := content.find(0)) >= 0:
        kinds = "documents are text, Markdown or PDF"
        raise InputError(f"{where}: neither UTF-8 text nor PDF (it holds a NUL byte at {at}); {kinds}")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    return text.removeprefix(_BOM).replace("\r\n", "\n").replace("\r", "\n")


def _of_pdf(content: bytes, where: str) -> tuple[str, tuple[int, ...]]:
    """The words of a PDF, and where its pages begin in them."""
    pages = pages_of(content, where)
    if not any(page.strip() for page in pages):
        many = f"its {len(pages)} page{'s hold' if len(pages) != 1 else ' holds'}"
        raise InputError(f"{where}: {many} no text, perhaps pictures of it only; make text of them first (OCR)")
    begins, at = [], 0
    for page in pages:
        begins.append(at)
        at += len(page) + len(_BETWEEN_PAGES)
    return _BETWEEN_PAGES.join(pages), tuple(begins)
