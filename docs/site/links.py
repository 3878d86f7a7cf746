"""The links inside of the built site: each leads to a file, and to a place in it that is there. Nothing outside is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class _Page(HTMLParser):
    """The links and the ids of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - as the parser calls it
        """Note what a tag leads to, and what it is called."""
        given = {name: value for name, value in attrs if value}
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        self.links += [given[name] for name in ("href", "src") if name in given]


def broken(html: Path) -> list[str]:
    """The links that lead nowhere, each in a line with its page; also those of the Markdown pages and of llms.txt."""
    pages = {page: _Page(page.read_text(encoding="utf-8")) for page in html.rglob("*.html")}
    found = [line for page, read in pages.items() for line in _wrong(page, read.links, pages, html)]
    texts = [page for page in html.rglob("*.md") if "repository" not in page.parts] + [html / "llms.txt"]
    return sorted(set(found) | {line for page in texts for line in _wrong(page, _in_markdown(page), pages, html)})


def _in_markdown(page: Path) -> list[str]:
    prose = re.sub(r"^(`{3,}).*?^\1", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    prose = re.sub(r"`[^`\n]*`", "", prose)
    return [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", prose)]


def _wrong(page: Path, links: list[str], pages: dict[Path, _Page], html: Path) -> Iterator[str]:
    for link in links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page.resolve()
        where = f"{page.relative_to(html)}: {link}"
        if not target.exists():
            yield f"{where}: there is no such file"
        elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids:
            yield f"{where}: there is no such place in it"
