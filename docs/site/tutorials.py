"""The notebooks as pages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pages

FOLDER = pages.ROOT / "notebooks"
FIRST = ("first-contemplation", "debate-inside", "own-agent-and-strategy", "own-tool", "comparing-strategies", "server")
"""The order in which they are read; the others follow."""


def written(source: Path) -> list[str]:
    """Write a page for each notebook; return their names in the site."""
    names = sorted((file.stem for file in FOLDER.glob("*.ipynb")), key=lambda name: (_place(name), name))
    for name in names:
        pages.write(source, f"tutorials/{name}.md", _page(name))
    return [f"tutorials/{name}" for name in names]


def _place(name: str) -> int:
    return FIRST.index(name) if name in FIRST else len(FIRST)


def _page(name: str) -> str:
    """A notebook in Markdown: its words as they are, its code in fences. Links of a notebook are relative to its folder."""
    cells = json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    parts = [_cell(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    parts.append(f"This is `notebooks/{name}.ipynb`; a test runs it from its first cell to its last.")
    return "\n\n".join(parts) + "\n"


def _cell(kind: str, text: str) -> str:
    if kind == "code":
        return pages.fenced(text, "python").rstrip()
    text = re.sub(r"\]\(\.\./docs/", "](../", text)
    return re.sub(r"\]\(([\w-]+)\.ipynb\)", r"](\1.md)", text)
