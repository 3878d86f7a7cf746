"""The tools that are built in."""

from __future__ import annotations

import pytest

from contemplate import Document, ToolError
from contemplate.tools import Sandbox
from contemplate.tools.builtin import BUILT_IN, Surroundings

PAGES = Document(name="a.pdf", text="first page\n\nsecond page\n\nthird", pages=(0, 12, 25))
NOTES = Document(name="notes.md", text="One.\n\nTwo.\n\nThree.")
AROUND = Surroundings((PAGES, NOTES), Sandbox())


async def read(**arguments: object) -> str:
    """What `read_document` says."""
    return await BUILT_IN["read_document"](AROUND).work(arguments)


async def test_a_document_is_read_by_page_or_passage() -> None:
    """As it has pages or not."""
    assert "[page 2]\nsecond page\n\n[page 3]\nthird" == await read(first=2, last=3)
    assert "[passage 3]\nThree." == await read(document=2, first=3)


async def test_without_a_range_it_says_what_there_is() -> None:
    """How many parts, and how each begins."""
    assert "notes.md has 3 passages, which begin so:\n1: One.\n2: Two.\n3: Three." == await read(document=2)


@pytest.mark.parametrize("arguments", [{"document": 3}, {"document": 0}, {"first": 4}, {"first": 0}, {"first": 3, "last": 2}])
async def test_what_is_not_there_is_named(arguments: dict[str, int]) -> None:
    """With what there is."""
    with pytest.raises(ToolError, match=r"there are|there is"):
        await read(**arguments)


async def test_long_parts_are_read_in_pieces() -> None:
    """A reading says where to go on."""
    long = Surroundings((Document(name="long", text="\n\n".join(["x" * 3_000] * 20)),), Sandbox())
    text = await BUILT_IN["read_document"](long).work({"first": 1, "last": 20})

    assert "[cut: ask for passages 11 to 20 next]" == text.splitlines()[-1]
    assert len(text) < 31_000


def test_other_documents_have_other_results() -> None:
    """What is kept of one question's documents is not taken for another's."""
    one, other = (BUILT_IN["read_document"](Surroundings((document,), Sandbox())).spec.version for document in (PAGES, NOTES))

    assert one != other


async def test_python_prints_or_says_what_went_wrong() -> None:
    """In the sandbox."""
    python = BUILT_IN["python"](AROUND)

    assert "391\n" == await python.work({"code": "print(17 * 23)"})
    assert "print() what you want" in await python.work({"code": "17 * 23"})
    with pytest.raises(ToolError, match=r"forbidden|unsupported|error"):
        await python.work({"code": "import socket"})
