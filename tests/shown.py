"""What a notebook is given of a value, read as HTML."""

from __future__ import annotations

from html.parser import HTMLParser

ELEMENTS = {"b", "code", "details", "div", "pre", "span", "summary", "table", "tbody", "td", "th", "thead", "tr"}


class Shown(HTMLParser):
    """The elements of a piece of HTML with their attributes, and its words.

    Attributes:
        elements: tags with attributes, in order.
        words: all text.
        open: tags that were not closed, or closed in a wrong order.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.open: list[str] = []
        self.rest = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        if self.open[-1:] == [tag]:
            self.open.pop()
        else:
            self.open.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        """Note words."""
        self.words += data

    def handle_comment(self, data: str) -> None:
        """Note what is no element, no word and not shown."""
        self.rest += len(data) + 1

    handle_decl = handle_pi = unknown_decl = handle_comment


def harmless(html: str) -> Shown:
    """Read a piece of HTML that is safe in a notebook of others.

    It holds known elements only, no attribute but `style` and `class` with known values, and is whole.
    """
    shown = Shown(html)
    assert {tag for tag, _ in shown.elements} <= ELEMENTS
    assert {name for _, attributes in shown.elements for name in attributes} <= {"style", "class"}
    styles = {attributes["style"] for _, attributes in shown.elements if "style" in attributes}
    assert not [style for style in styles if style is None or "url" in style or "color" in style or "background" in style]
    assert len(styles) <= 8
    assert shown.open == []
    assert shown.rest == 0
    return shown
