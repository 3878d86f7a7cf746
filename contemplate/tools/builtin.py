"""The built-in tools: `python`, `calculator`, `read_document` and `look`. They reach nothing but the question and themselves."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from contemplate.attachments import Picture
from contemplate.attachments.looking import ContentOf
from contemplate.errors import ToolError
from contemplate.text import one_line
from contemplate.tools.calculator import CALCULATOR
from contemplate.tools.look import look_at
from contemplate.tools.sandbox import Sandbox, check_available
from contemplate.tools.tool import Tool
from contemplate.types import Document

_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_LONGEST_PASSAGE = 4_000
"""Characters; a longer one is parted."""
_MOST_CHARACTERS = 30_000
"""The most that one reading gives, in characters."""


async def _nothing_kept(_: str) -> None:
    """No bytes."""


@dataclass(frozen=True)
class Surroundings:
    """What built-in tools work on.

    Attributes:
        documents: those of the question.
        sandbox: runs programs.
        pictures: those among the attachments of the question.
        content_of: gives their bytes.
    """

    documents: tuple[Document, ...]
    sandbox: Sandbox
    pictures: tuple[Picture, ...] = ()
    content_of: ContentOf = _nothing_kept


def python(around: Surroundings) -> Tool:
    """The tool `python`: runs a program in the sandbox."""

    async def run(code: str) -> str:
        """Run a Python program and return what it prints. It has no files, no network and no third-party modules.

        Args:
            code: the whole program; print() what you want to see.
        """
        program = await around.sandbox.run(code)
        if program.failed is not None:
            printed = f"\nIt had printed:\n{program.output}" if program.output.strip() else ""
            raise ToolError(f"the program failed ({program.failed}): {program.error}{printed}")
        return program.output or "(it printed nothing; print() what you want to see)"

    made = Tool.from_function(run, name="python", pure=True, version="monty-1")
    return Tool(made.spec, made.work, check=check_available)


def calculator(_: Surroundings) -> Tool:
    """The tool `calculator`."""
    return CALCULATOR


def read_document(around: Surroundings) -> Tool:
    """The tool `read_document`: the question's documents, by page or passage."""

    def read(document: int = 1, first: int | None = None, last: int | None = None) -> str:
        """Read a part of a document that the problem comes with: pages where it has pages, else passages (paragraphs).

        Without a range it says how many parts the document has, and how each begins.

        Args:
            document: its number, from 1.
            first: the first page or passage to read, from 1.
            last: the last one; the first one alone if it is left out.
        """
        if not around.documents:
            raise ToolError("the problem comes with no documents")
        if not 1 <= document <= len(around.documents):
            raise ToolError(f"there is no document {document}; there are 1 to {len(around.documents)}")
        chosen = around.documents[document - 1]
        return _part(chosen, first, first if last is None else last)

    digest = hashlib.sha256("".join(one.sha256 for one in around.documents).encode()).hexdigest()[:16]
    return Tool.from_function(read, name="read_document", pure=True, version=digest)


def look(around: Surroundings) -> Tool:
    """The tool `look`: the question's pictures, region by region."""
    return look_at(around.pictures, around.content_of)


def _part(document: Document, first: int | None, last: int | None) -> str:
    unit, parts = ("page", _pages(document)) if document.pages else ("passage", _passages(document.text))
    if first is None or last is None:
        begins = [f"{number}: {one_line(part, 80)}" for number, part in enumerate(parts[:200], 1)]
        more = [f"... and {len(parts) - 200} more"] if len(parts) > 200 else []  # noqa: PLR2004 - as cut above
        name = one_line(document.name, 200)
        return "\n".join([f"{name} has {len(parts)} {unit}s, which begin so:", *begins, *more])
    if not 1 <= first <= last <= len(parts):
        raise ToolError(f"there are no {unit}s {first} to {last}: there are 1 to {len(parts)}")
    found: list[str] = []
    size = 0
    for number, part in enumerate(parts[first - 1 : last], first):
        size += len(part)
        if found and size > _MOST_CHARACTERS:
            found.append(f"[cut: ask for {unit}s {number} to {last} next]")
            break
        found.append(f"[{unit} {number}]\n{part[:_MOST_CHARACTERS]}")
    return "\n\n".join(found)


def _pages(document: Document) -> Sequence[str]:
    return [document.text[begin:end].strip() for begin, end in pairwise([*document.pages, len(document.text)])]


def _passages(text: str) -> Sequence[str]:
    paragraphs = [part.strip() for part in _PARAGRAPH.split(text) if part.strip()]
    return [part[at : at + _LONGEST_PASSAGE] for part in paragraphs for at in range(0, len(part), _LONGEST_PASSAGE)] or [""]


BUILT_IN: Mapping[str, Callable[[Surroundings], Tool]] = {
    "python": python,
    "calculator": calculator,
    "read_document": read_document,
    "look": look,
}
"""The built-in tools by name, each made for a question."""
