"""Pieces of HTML for a notebook: a few elements without scripts, links, images or colours; every text in them is escaped.

A notebook is shared, and shown to others in programs that differ in what they let through. So these pieces hold nothing that
could load, run or lead anywhere, take their colours from the page (light or dark), and read well where styles are dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Literal

from contemplate.text.visible import visible

Tag = Literal["b", "code", "details", "div", "pre", "span", "summary", "table", "tbody", "td", "th", "thead", "tr"]

DIM = "opacity:.7"
WRAPPED = "white-space:pre-wrap;overflow-wrap:anywhere"
_CELL = "text-align:left;vertical-align:top;padding:.1em .7em .1em 0"
_CARD = "line-height:1.5;max-width:70em"
_NO_FORMULAS = "contemplate tex2jax_ignore mathjax_ignore"
"""Classes of elements in which Jupyter's MathJax takes no dollar sign for a formula."""


class Html(str):
    """Markup that was made here; any other text is escaped where it is put in."""

    __slots__ = ()


def text(words: str) -> Html:
    """Words of anybody, as text: escaped, and with what would not be seen made visible."""
    return words if isinstance(words, Html) else Html(escape(visible(words), quote=True))


def element(tag: Tag, *content: str, style: str = "") -> Html:
    """An element.

    Args:
        tag: its name.
        content: what it holds: markup, or words, which are escaped.
        style: its style, in CSS of our own.
    """
    said = f' style="{escape(style, quote=True)}"' if style else ""
    return Html(f"<{tag}{said}>{''.join(map(text, content))}</{tag}>")


def line(*content: str, dim: bool = False) -> Html:
    """A line of its own; nothing if it holds nothing."""
    return element("div", *content, style=DIM if dim else "") if any(content) else Html()


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, more: int = 0) -> Html:
    """A table.

    Args:
        columns: their names.
        rows: cells: markup, or words.
        more: how many rows there are besides.
    """
    head = element("tr", *(element("th", name, style=_CELL) for name in columns))
    body = [element("tr", *(element("td", cell, style=_CELL) for cell in row)) for row in rows]
    whole = element("table", element("thead", head), element("tbody", *body))
    return Html(whole + line(f"and {more:,} more", dim=True)) if more > 0 else whole


def folded(title: str, *content: str) -> Html:
    """Content that is shown when its title is clicked."""
    return element("details", element("summary", title), *content)


def card(*content: str) -> Html:
    """All that a notebook shows of one value."""
    return Html(f'<div class="{_NO_FORMULAS}" style="{_CARD}">{"".join(map(text, content))}</div>')
