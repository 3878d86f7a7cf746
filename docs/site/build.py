"""Build the documentation as a site: `python docs/site/build.py` writes docs/_build/html.

The pages are those of docs/, as they are, with the README as the first one. Beside them are made from the code: a page for
each recipe, a reference from the docstrings, and the notebooks as tutorials. Sphinx takes its warnings for errors; then every
link inside of the site is checked. Each page lies beside its HTML as plain Markdown, with its pictures, and llms.txt lists them.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from sphinx.cmd.build import build_main

from contemplate.files import write_private

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import links  # noqa: E402 - found beside this script
import pages  # noqa: E402
import protocols  # noqa: E402
import reference  # noqa: E402
import tutorials  # noqa: E402


def lay_out(source: Path) -> dict[str, list[str]]:
    """Write all pages in Markdown; return the sections of the site with their pages, by title."""
    if source.exists():
        shutil.rmtree(source)
    source.mkdir(parents=True)
    sections = pages.copied(source)
    made = {
        "Tutorials": tutorials.written(source),
        "Protocols": protocols.written(source),
        "Reference": reference.written(source),
    }
    for title, names in made.items():
        sections[title] = [*names, *sections.get(title, [])]
    pages.write_front(source, sections)
    return sections


def build(folder: Path) -> int:
    """Build the site below a folder; return 0 if nothing is wrong with it."""
    source, html = folder / "source", folder / "html"
    if html.exists():
        shutil.rmtree(html)
    sections = lay_out(source)
    status = build_main(
        ["-W", "--keep-going", "-q", "-b", "html", "-c", str(HERE), "-d", str(folder / "doctrees"), str(source), str(html)]
    )
    if status:
        return status
    for page in (one for one in source.rglob("*") if one.suffix in (".md", *pages.PICTURES)):
        place = html / page.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(page, place)
    write_private(html / "llms.txt", pages.listing(source, sections).encode())
    (html / "llms.txt").chmod(0o644)
    wrong = links.broken(html)
    for line in wrong:
        print(line, file=sys.stderr)  # noqa: T201 - a script
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(build(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "_build"))
