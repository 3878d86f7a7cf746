"""The report as one HTML file that asks for nothing: no script, no address, and text of others as text only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from contemplate.experiments.comparison import Comparison
from contemplate.experiments.report.canvas import Drawing, svg
from contemplate.experiments.report.contents import Section, findings, sections, title
from contemplate.experiments.report.links import behind, with_index
from contemplate.experiments.report.table import Table

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --faint: #5c6570; --line: #d5dae0; --band: #f5f7f9; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ec; --paper: #14171a; --faint: #9aa4af; --line: #363d45; --band: #1c2024; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 74rem; padding: 1.5rem 1rem 4rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin-top: 2.5rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); font-size: 1.25rem; }
nav { display: flex; flex-wrap: wrap; gap: .2rem 1rem; }
nav a { color: inherit; }
.table { overflow-x: auto; margin: 1.25rem 0; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { padding-bottom: .4rem; text-align: left; font-weight: 600; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top;
  white-space: nowrap; }
thead th { border-bottom: 2px solid var(--line); }
tbody tr:nth-child(even) { background: var(--band); }
th.word, td.word { text-align: left; white-space: normal; overflow-wrap: anywhere; min-width: 8rem; max-width: 26rem; }
th.place, td.place { min-width: 0; white-space: nowrap; }
tbody th { font-weight: 500; }
.note { max-width: 60rem; margin: .3rem 0 0; color: var(--faint); font-size: .82rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 1.5rem; margin: 1.5rem 0; }
figure { margin: 0; break-inside: avoid; }
figure svg { display: block; width: 100%; height: auto; max-width: 38rem; stroke-linejoin: round; }
figcaption b, figcaption .note { display: block; }
pre { padding: .8rem; overflow-x: auto; background: var(--band); border: 1px solid var(--line); font-size: .82rem; }
@media print {
  :root { --ink: #000; --paper: #fff; --faint: #444; --line: #bbb; --band: #fff; }
  body { max-width: none; font-size: 9pt; }
  nav { display: none; }
  .table { overflow: visible; }
  table { font-size: 7.5pt; }
  th, td { padding: .15rem .3rem; white-space: normal; }
  tr, figure { break-inside: avoid; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
}
"""


def page(comparison: Comparison, pages: Mapping[str, str] | None = None) -> str:
    """The report as an HTML page, the same for the same comparison.

    Args:
        comparison: what an experiment found.
        pages: the addresses of the pages of runs, relative to this one, by run.

    Raises:
        InputError: matplotlib is not installed.
    """
    return page_of(comparison, sections(comparison), pages or {})


def page_of(comparison: Comparison, parts: Sequence[Section], pages: Mapping[str, str]) -> str:
    """The same of `sections` that are there already."""
    return written(title(comparison), findings(comparison), (*parts, *behind(pages)), with_index(pages))


def written(heading: str, lines: Sequence[str], parts: Sequence[Section], pages: Mapping[str, str]) -> str:
    """A page of sections, under a heading and a list of sentences; see `page`."""
    return "\n".join(_page(heading, lines, parts, pages)) + "\n"


def _page(heading: str, lines: Sequence[str], parts: Sequence[Section], pages: Mapping[str, str]) -> Iterator[str]:
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(heading)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>"
    yield f"<h1>{escape(heading)}</h1>\n<ul>"
    yield from (f"<li>{escape(line)}</li>" for line in lines)
    yield "</ul>"
    yield '<nav aria-label="Parts">' + "".join(f'<a href="#{part.key}">{escape(part.title)}</a>' for part in parts) + "</nav>"
    for part in parts:
        yield from _part(part, pages)
    yield "</main>\n</body>\n</html>"


def _part(part: Section, pages: Mapping[str, str]) -> Iterator[str]:
    yield f'<section aria-labelledby="{part.key}">\n<h2 id="{part.key}">{escape(part.title)}</h2>'
    yield from (f"<p>{escape(line)}</p>" for line in part.lines)
    for table in part.tables:
        yield from _table(table, pages)
    if part.drawings:
        yield '<div class="figures">'
        yield from map(_figure, part.drawings)
        yield "</div>"
    if part.code:
        yield f'<pre tabindex="0">{escape(part.code)}</pre>'
    yield "</section>"


def _table(table: Table, pages: Mapping[str, str]) -> Iterator[str]:
    yield f'<div class="table" role="region" aria-label="{escape(table.title)}" tabindex="0">'
    yield f"<table>\n<caption>{escape(table.title)}</caption>\n<thead><tr>"
    kinds = [_kind(table, index) for index in range(len(table.columns))]
    yield "".join(f'<th scope="col"{kind}>{escape(name)}</th>' for name, kind in zip(table.columns, kinds, strict=True))
    yield "</tr></thead>\n<tbody>"
    header = table.columns[0] == "#"
    for row in table.linked(pages):
        cells = enumerate(zip(row, kinds, strict=True))
        yield "<tr>" + "".join(_cell(text, to, kind, header=index == header) for index, ((text, to), kind) in cells) + "</tr>"
    yield f'</tbody>\n</table>\n</div>\n<p class="note">{escape(table.note)}</p>'


def _kind(table: Table, index: int) -> str:
    if index >= table.words:
        return ""
    return ' class="word place"' if table.columns[index] == "#" else ' class="word"'


def _cell(text: str, to: str | None, kind: str, *, header: bool) -> str:
    shown = escape(text) if to is None else f'<a href="{escape(to)}">{escape(text)}</a>'
    return f'<th scope="row"{kind}>{shown}</th>' if header else f"<td{kind}>{shown}</td>"


def _figure(drawing: Drawing) -> str:
    told = escape(f"{drawing.title}. {drawing.note}")
    picture = svg(drawing).replace("<svg", f'<svg role="img" aria-label="{told}"', 1)
    return (
        f'<figure>\n{picture}\n<figcaption><b>{escape(drawing.title)}</b><span class="note">{escape(drawing.note)}</span>'
        "</figcaption>\n</figure>"
    )
