"""The limits of documents: in bytes as files, in characters as words, and of the process that takes a PDF apart."""

from __future__ import annotations

MAX_DOCUMENTS = 50
"""The most documents of one question."""
MAX_FILE = 20 * 1024**2
"""The longest file, in bytes."""
MAX_FILES = 60 * 1024**2
"""The most that the files of one question may have together, in bytes."""
MAX_CHARACTERS = 400_000
"""The longest document, in characters of its text."""
MAX_CHARACTERS_IN_ALL = 1_000_000
"""The most that the documents of one question may have together, in characters of their texts."""
MAX_PAGES = 2_000
"""The most pages of a PDF."""

PDF_SECONDS = 30
"""The longest that taking a PDF apart may last, in seconds, and the most processor time that it may take."""
PDF_MEMORY = 1 << 30
"""The most memory of the process that does it, in bytes of address space."""
