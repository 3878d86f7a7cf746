"""The notebooks run, from the first cell to the last."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from contemplate.trace.frames import COLUMNS

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


LONG = {"comparing-strategies"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the kernel's own dependencies
@pytest.mark.parametrize(
    "path", [pytest.param(path, id=path.stem, marks=[pytest.mark.slow] * (path.stem in LONG)) for path in NOTEBOOKS]
)
def test_a_notebook_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a fresh kernel, away from the checkout, with an empty ledger."""
    monkeypatch.setenv("CONTEMPLATE_LEDGER", str(tmp_path / "ledger.db"))
    notebook = nbformat.read(path, as_version=4)

    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()

    assert all(cell.outputs for cell in notebook.cells if cell.cell_type == "code")


def test_there_are_notebooks() -> None:
    """Those that the page about them names, and no others."""
    page = (Path(__file__).parents[1] / "docs" / "notebooks.md").read_text(encoding="utf-8")

    assert sorted(set(re.findall(r"\.\./notebooks/([\w-]+)\.ipynb", page))) == [path.stem for path in NOTEBOOKS] != []


def test_the_page_names_the_columns() -> None:
    """Of each data frame."""
    page = (Path(__file__).parents[1] / "docs" / "notebooks.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| (.+) \|$", page, re.MULTILINE)

    assert {name: tuple(re.findall(r"`(\w+)`", columns)) for name, columns in rows} == COLUMNS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_committed_without_outputs(path: Path) -> None:
    """What they print comes from running them."""
    notebook = nbformat.read(path, as_version=4)

    assert [cell.outputs for cell in notebook.cells if cell.cell_type == "code" and cell.outputs] == []
