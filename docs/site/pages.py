"""The pages of docs/ and the README in the site: where each stands, and how their links lead there."""

from __future__ import annotations

import posixpath
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

SECTIONS: dict[str, list[str]] = {
    "Tutorials": [],
    "How-to": [],
    "Protocols": ["strategies"],
    "Reference": ["python", "command-line", "models", "answers", "questions", "measures", "ledgers", "capabilities"],
    "Explanation": ["how-it-works", "evidence", "statistics", "security", "reliability", "architecture"],
    "Measured": ["measured", "benchmarks", "recorded"],
    "Decisions": [],
}
"""The sections of the site, with the pages of docs/ that stand in them; a page that is named in none is a how-to."""

PICTURES = (".png", ".svg", ".jpg", ".webp", ".gif")

_LINK = re.compile(r"(!?\[(?:[^\[\]]|\[[^\]]*\])*\]\()([^)\s]+)(\))")
_ATTRIBUTE = re.compile(r'(\b(?:src|href)=")([^"\s]+)(")')
_FENCE = re.compile(r"^(```.*?^```)", re.DOTALL | re.MULTILINE)
_LEFT_OUT = {"site", "_build"}
_LONGEST = 300
"""How much of a page's first paragraph llms.txt says, in characters."""


def copied(source: Path) -> dict[str, list[str]]:
    """Copy the pages and pictures of docs/, with links that lead somewhere in the site; return the sections."""
    for page in sorted(DOCS.rglob("*")):
        where = page.relative_to(DOCS)
        if where.parts[0] in _LEFT_OUT or page.is_dir():
            continue
        if page.suffix == ".md":
            write(source, where.as_posix(), moved(page, source, where.as_posix()))
        elif page.suffix in PICTURES:
            place(page, source / where)
    for name in ("CONTRIBUTING.md", "CHANGELOG.md"):
        write(source, name, moved(ROOT / name, source, name))
    return _sections(source)


def _sections(source: Path) -> dict[str, list[str]]:
    found = {title: [name for name in names if (source / f"{name}.md").exists()] for title, names in SECTIONS.items()}
    named = {name for names in SECTIONS.values() for name in names}
    top = [page.stem for page in sorted(source.glob("*.md"))]
    others = [page.relative_to(source).with_suffix("").as_posix() for page in sorted(source.glob("*/**/*.md"))]
    found["Decisions"] = ["decisions/README"]
    found["Measured"] += [name for name in others if name.startswith("experiments/")]
    found["How-to"] = [name for name in top if name not in {*named, "CONTRIBUTING", "CHANGELOG"}]
    found["How-to"] += [name for name in others if not name.startswith(("decisions/", "experiments/", "repository/"))]
    found["Explanation"] += ["CONTRIBUTING", "CHANGELOG"]
    return found


def write_front(source: Path, sections: dict[str, list[str]]) -> None:
    """Write the first page, which is the README, with the contents of the site; and below the list of decisions, its pages."""
    text = moved(ROOT / "README.md", source, "index.md")
    write(source, "index.md", text + "".join(_contents(title, names) for title, names in sections.items() if names))
    decisions = sorted(page.stem for page in (source / "decisions").glob("0*.md"))
    file = source / "decisions" / "README.md"
    write(source, "decisions/README.md", file.read_text(encoding="utf-8") + _contents("", decisions))


def _contents(title: str, names: list[str]) -> str:
    caption = [f":caption: {title}"] if title else []
    return "\n".join(["", "```{toctree}", ":hidden:", ":maxdepth: 1", *caption, "", *names, "```", ""])


def write(source: Path, name: str, text: str) -> None:
    """Write a page."""
    file = source / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def place(file: Path, at: Path) -> None:
    """Copy a file."""
    at.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, at)


def moved(page: Path, source: Path, name: str) -> str:
    """The text of a page with its relative links led to where their files stand in the site.

    Args:
        page: in the repository.
        source: where the site's pages are written; a page is made there for a file that is none, and that is linked.
        name: of the page in the site.
    """
    text = page.read_text(encoding="utf-8")
    if not re.search(r"^# ", _FENCE.sub("", text), re.MULTILINE):
        text = f"# {page.stem}\n\n{text}"

    def led(found: re.Match[str]) -> str:
        return _led(found, page, source, name)

    parts = _FENCE.split(text)
    return "".join(part if part.startswith("```") else _ATTRIBUTE.sub(led, _LINK.sub(led, part)) for part in parts)


def _led(found: re.Match[str], page: Path, source: Path, name: str) -> str:
    """A link, led to where its file stands in the site."""
    before, link, after = found.groups()
    path, mark, anchor = link.partition("#")
    if not path or "://" in path or path.startswith("mailto:"):
        return found[0]
    target = (page.parent / path).resolve()
    if target.is_dir():
        target = target / "README.md" if (target / "README.md").exists() else target
    if not target.is_relative_to(ROOT) or not target.exists():
        return found[0]
    there = _place_of(target, source)
    led = posixpath.relpath(there, posixpath.dirname(name) or ".")
    return f"{before}{led}{mark}{anchor}{after}"


def _place_of(target: Path, source: Path) -> str:
    """Where a file of the repository stands in the site; one that is no page of it comes along as it is."""
    if target in _MOVED:
        return _MOVED[target]
    if target.parent == ROOT / "notebooks" and target.suffix == ".ipynb":
        return f"tutorials/{target.stem}.md"
    if target.is_relative_to(DOCS) and target.suffix in (".md", *PICTURES):
        return target.relative_to(DOCS).as_posix()
    if target.parent == ROOT / "strategies" and target.suffix == ".yaml":
        return f"protocols/{target.stem}.md"
    return _brought(target, source)


def _brought(target: Path, source: Path) -> str:
    """Bring a file along: a page that shows it, or of a folder what is in it."""
    name = target.relative_to(ROOT).as_posix()
    if target.is_dir():
        inside = "\n".join(f"- `{one.name}`" for one in sorted(target.iterdir()) if not one.name.startswith(("_", ".")))
        text = f"# {name}/\n\n{inside}\n"
    elif target.suffix in (".gz", ".html", ".png"):
        text = f"# {name}\n\n`{name}` is a file of the repository.\n"
    else:
        text = f"# {name}\n\n{fenced(target.read_text(encoding='utf-8'), _LANGUAGES.get(target.suffix, 'text'))}"
    page = f"repository/{name.replace('/', '-')}.md"
    write(source, page, f"---\norphan: true\n---\n\n{text}")
    return page


_MOVED = {
    ROOT / "README.md": "index.md",
    ROOT / "CONTRIBUTING.md": "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md": "CHANGELOG.md",
    ROOT / "notebooks": "notebooks.md",
}
_LANGUAGES = {
    ".py": "python",
    ".yaml": "yaml",
    ".toml": "toml",
    ".json": "json",
    ".jsonl": "jsonl",
    ".md": "text",
    ".csv": "text",
}


def fenced(text: str, language: str) -> str:
    """A text in a fence that it can't end."""
    marks = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`{3,}", text)), 3)
    return f"{marks}{language}\n{text.rstrip()}\n{marks}\n"


def listing(source: Path, sections: dict[str, list[str]]) -> str:
    """The text of llms.txt: the pages of the site by section, each with its address as Markdown and its first sentence."""
    lines = ["# contemplate", "", f"> {_first_words(source / 'index.md')}", "", "Every page is there as Markdown."]
    for title, names in sections.items():
        lines += ["", f"## {title}", ""]
        lines += [f"- [{_title(source / f'{name}.md')}]({name}.md): {_first_words(source / f'{name}.md')}" for name in names]
    lines += ["", "## Every decision", ""]
    decisions = sorted((source / "decisions").glob("0*.md"))
    lines += [f"- [{_title(page)}](decisions/{page.name})" for page in decisions]
    return "\n".join(lines) + "\n"


def _title(page: Path) -> str:
    found = re.search(r"^# (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else page.stem


def _first_words(page: Path) -> str:
    """The first paragraph of plain words, without its links."""
    return next(_paragraphs(page.read_text(encoding="utf-8")), "")


def _paragraphs(text: str) -> Iterator[str]:
    for part in re.split(r"\n\s*\n", _FENCE.sub("", text)):
        words = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(part.split()))
        if words and words[0] not in "#|<!->:":
            yield words if len(words) <= _LONGEST else f"{words[: _LONGEST - 3]}..."
