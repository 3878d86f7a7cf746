"""The report as Markdown, with its figures in files beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from contemplate.experiments.comparison import Comparison
from contemplate.experiments.report.contents import Section, findings, sections, title
from contemplate.experiments.report.links import behind, with_index
from contemplate.experiments.report.table import Table

_MEANS_SOMETHING = re.compile(r"""[\\`*_{}\[\]<>|#~$&"]|://|(?<=www)\.|@""", re.I)
"""What Markdown, HTML within it, formulas, or the addresses and names that some pages turn into links are made of."""

FOLDER = "figures"
"""Where a report's figures are, beside it."""


def document(comparison: Comparison, pages: Mapping[str, str] | None = None, *, drawn: bool = True) -> str:
    """The report in Markdown, as GitHub and most others read it; figures are at `figures/KEY.png`, unless none are `drawn`.

    Args:
        comparison: what an experiment found.
        pages: the addresses of the pages of runs, relative to this one, by run.
        drawn: with its figures.
    """
    return "\n".join(_document(comparison, pages or {}, drawn=drawn)).rstrip() + "\n"


def escaped(text: str) -> str:
    """`text`, one line, such that Markdown shows it and nothing else."""
    return _MEANS_SOMETHING.sub(lambda found: "".join(map(_coded, found[0])), text)


def _coded(letter: str) -> str:
    """A letter that stands for itself: with a backslash where that is enough everywhere, to keep the source readable."""
    return f"\\{letter}" if letter in "[]*_" else f"&#{ord(letter)};"


def _document(comparison: Comparison, pages: Mapping[str, str], *, drawn: bool) -> Iterator[str]:
    yield f"# {escaped(title(comparison))}\n"
    yield from (f"- {escaped(line)}" for line in findings(comparison))
    for part in (*sections(comparison), *behind(pages)):
        yield f"\n## {escaped(part.title)}\n"
        yield from _part(part, with_index(pages), drawn=drawn)


def _part(part: Section, pages: Mapping[str, str], *, drawn: bool) -> Iterator[str]:
    yield from (f"{escaped(line)}\n" for line in part.lines)
    for table in part.tables:
        yield from _table(table, pages)
    for drawing in part.drawings if drawn else ():
        yield f"![{escaped(drawing.title)}]({FOLDER}/{drawing.key}.png)\n"
        yield f"**{escaped(drawing.title)}** ({escaped(drawing.note)})\n"
    if part.code:
        fence = "`" * (max(map(len, re.findall("`+", part.code)), default=2) + 1)
        yield f"{max(fence, '```', key=len)}json\n{part.code}\n{max(fence, '```', key=len)}\n"


def _table(table: Table, pages: Mapping[str, str]) -> Iterator[str]:
    yield f"**{escaped(table.title)}**\n"
    yield _row(table.columns)
    yield _row(["---" if index < table.words else "---:" for index in range(len(table.columns))])
    for row in table.linked(pages):
        yield _row([escaped(cell) if to is None else f"[{escaped(cell)}]({to})" for cell, to in row])
    yield f"\n{escaped(table.note)}\n"


def _row(cells: tuple[str, ...] | list[str]) -> str:
    return f"| {' | '.join(cells)} |"
