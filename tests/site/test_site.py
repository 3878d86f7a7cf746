"""The parts of the documentation's site: links, pages, drawings, the reference. The whole is built by `.ci/run`."""

from __future__ import annotations

import importlib
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from contemplate import Catalogue

SITE = Path(__file__).parents[2] / "docs" / "site"


@pytest.fixture(scope="module")
def site() -> Iterator[dict[str, ModuleType]]:
    """The scripts of the site, which find each other beside themselves."""
    names = ("pages", "links", "protocols", "reference", "tutorials")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(SITE))
        yield {name: importlib.import_module(name) for name in names}
    for name in names:
        sys.modules.pop(name, None)


def test_links_that_lead_nowhere_are_found(site: dict[str, ModuleType], tmp_path: Path) -> None:
    """A file that is not there, a place that is not there; in HTML and in Markdown."""
    (tmp_path / "a.html").write_text('<a href="b.html#there">x</a> <a href="b.html#gone">y</a> <a href="c.html">z</a>', "utf-8")
    (tmp_path / "b.html").write_text('<h1 id="there">b</h1> <a href="https://example.org/nowhere">out</a>', "utf-8")
    (tmp_path / "a.md").write_text("[b](b.md) `[c](c.md)` [a](a.md#x)\n```text\n[d](d.md)\n```\n", "utf-8")
    (tmp_path / "llms.txt").write_text("- [A](a.md)\n", "utf-8")

    wrong = site["links"].broken(tmp_path)

    assert {"a.html: b.html#gone", "a.html: c.html", "a.md: b.md"} == {re.sub(r": there is.*", "", line) for line in wrong}


def test_pages_are_copied_with_their_links(site: dict[str, ModuleType], tmp_path: Path) -> None:
    """Pages of docs/ to pages, recipes to their drawings, other files to pages that show them; a fence stays as it is."""
    page = SITE.parent / "example.md"
    links = "[a](python.md#the-trace) [b](../README.md) [c](../strategies/single.yaml) [d](../pyproject.toml) [e](decisions/)"
    text = f'{links}\n<img src="pictures/trace-vote.png"> [f](nowhere.md)\n'

    class Page(type(page)):  # type: ignore[misc]
        """A page that is not on the disk."""

        def read_text(self, encoding: str | None = None, **_: object) -> str:  # noqa: ARG002 - as a path has it
            return f"# Example\n\n{text}\n```text\n[b](../README.md)\n```\n"

    moved = site["pages"].moved(Page(page), tmp_path, "example.md")

    places = ["python.md#the-trace", "index.md", "protocols/single.md", "repository/pyproject.toml.md", "decisions/README.md"]
    assert [*places, "nowhere.md"] == re.findall(r"\]\(([^)]+)\)", moved)[:6]
    assert '<img src="pictures/trace-vote.png">' in moved
    assert "```text\n[b](../README.md)\n```" in moved
    assert "```toml" in (tmp_path / "repository" / "pyproject.toml.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["multiagent-debate", "reconcile", "single"])
def test_a_protocol_is_drawn_as_it_runs(site: dict[str, ModuleType], name: str) -> None:
    """A box for each turn, an arrow for each reading; the page says how many calls that takes."""
    outcome, turns = site["protocols"].performed(name, "differ")
    drawn = ET.fromstring(site["protocols"].drawing(turns, name))  # noqa: S314 - our own
    kinds = [element.tag.rpartition("}")[2] for element in drawn]

    assert kinds.count("rect") == len(turns) + 1
    assert kinds.count("path") == sum(len(sees) for _, sees in turns)
    page = site["protocols"].page(Catalogue().recipe(name), ["3", "paper", "all"])
    assert f"{outcome.usage.calls} calls" in page
    assert "## The recipe" in page


def test_the_reference_is_of_the_docstrings(site: dict[str, ModuleType], tmp_path: Path) -> None:
    """Every public name that is a class or a function has its heading, signature and sections."""
    site["reference"].written(tmp_path)
    text = (tmp_path / "reference" / "contemplate.md").read_text("utf-8")

    assert {"## solve", "## Orchestrator", "### Orchestrator.solve", "## Budget", "### Outcome.value"} <= set(text.splitlines())
    assert "    *,\n    answer: AnswerKind | type[BaseModel] | None = None," in text
    assert "- `InputError`: something in what was given is wrong" in text


def test_notebooks_are_tutorials(site: dict[str, ModuleType], tmp_path: Path) -> None:
    """Each is a page, the first one first."""
    names = site["tutorials"].written(tmp_path)

    assert names[0] == "tutorials/first-contemplation"
    assert "```python" in (tmp_path / f"{names[0]}.md").read_text("utf-8")
