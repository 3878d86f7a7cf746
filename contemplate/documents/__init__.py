"""Documents that a question comes with: reading files of text, Markdown and PDF into words, within limits."""

from __future__ import annotations

from contemplate.documents.limits import (
    MAX_CHARACTERS,
    MAX_CHARACTERS_IN_ALL,
    MAX_DOCUMENTS,
    MAX_FILE,
    MAX_FILES,
    MAX_PAGES,
)
from contemplate.documents.read import FileText, read_file, read_files

__all__ = [
    "MAX_CHARACTERS",
    "MAX_CHARACTERS_IN_ALL",
    "MAX_DOCUMENTS",
    "MAX_FILE",
    "MAX_FILES",
    "MAX_PAGES",
    "FileText",
    "read_file",
    "read_files",
]
