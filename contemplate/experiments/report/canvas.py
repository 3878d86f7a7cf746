"""Figures with matplotlib, which is loaded on first use: as SVG to stand within a page, and as PNG beside one.

No figure holds text of others as text: in an SVG all letters are shapes, and comments and metadata are left out.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any

from contemplate.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#1b1f24"
"""Of axes and letters: dark on a PNG's white, and the page's own colour of text within a page."""

FAINT = "#8a9199"
"""Of lines that others are read against, on white and on black."""

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Told apart with any colour vision: M. Okabe, K. Ito, Color universal design (2002), without black and yellow."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">")

_STYLE: dict[str, object] = {
    "axes.edgecolor": INK,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "font.size": 10.0,
    "grid.alpha": 0.25,
    "grid.color": FAINT,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "svg.fonttype": "path",
    "text.color": INK,
    "text.parse_math": False,
    "text.usetex": False,
    "xtick.color": INK,
    "ytick.color": INK,
}


@dataclass(frozen=True)
class Drawing:
    """A figure to be drawn. It is put on its sheet, and laid out, once, for whatever forms it is wanted in.

    Attributes:
        key: names its file, and its parts within a page: of small letters and hyphens.
        title: what it shows.
        note: one line: of how many questions or runs it is, and how it was computed.
        size: inches, across and down.
        draw: puts it on a figure.
    """

    key: str
    title: str
    note: str
    size: tuple[float, float]
    draw: Callable[[Figure], None]

    @cached_property
    def _sheet(self) -> Figure:
        figure: Figure = import_module("matplotlib.figure").Figure(figsize=self.size, layout="constrained")
        self.draw(figure)
        figure.draw_without_rendering()
        figure.set_layout_engine(None)  # or each form would be laid out again
        return figure

    def write(self, file: IO[bytes], form: str, **options: Any) -> None:  # noqa: ANN401 - a library's
        """Write it to a file, in a style of our own whatever the user's settings are; these hold again afterwards."""
        need()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a letter that no font has, a style's old name: it is drawn all the same
            with import_module("matplotlib.style").context(["default", _STYLE]):
                self._sheet.savefig(file, format=form, **options)


def svg(drawing: Drawing) -> str:
    """The figure as an `svg` element, the same whenever it is drawn; its ids are its own in a page with others."""
    out = io.BytesIO()
    drawing.write(out, "svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue().decode()
    text = text[text.index("<svg") :]
    text = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>", "", text, flags=re.S)
    text = text.replace(INK, "currentColor")
    ids = {name: f"{drawing.key}-{index}" for index, name in enumerate(re.findall(r'\bid="([^"]*)"', text), 1)}
    text = re.sub(r'\bid="([^"]*)"', lambda found: f'id="{ids[found[1]]}"', text)
    text = re.sub(r'(?<=href="#)[^"]*|(?<=url\(#)[^)]*', lambda found: ids[found[0]], text)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def png(drawing: Drawing) -> bytes:
    """The figure as a PNG file on white, the same whenever it is drawn."""
    out = io.BytesIO()
    drawing.write(out, "png", dpi=150, facecolor="white", metadata={"Software": None})
    return out.getvalue()


def need() -> None:
    """Make sure that figures can be drawn.

    Raises:
        InputError: matplotlib is not installed.
    """
    try:
        import_module("matplotlib.figure")
    except ImportError:
        raise InputError("matplotlib is not installed: pip install 'contemplate-ai[experiments]'") from None


def shares(axes: Axes, label: str, values: Sequence[float]) -> None:
    """A vertical axis in percent that shows all of `values`, and no less than a fifth of the whole: small things look small."""
    low, high = min(values) - 0.04, max(values) + 0.04
    room = max(0.0, 0.2 - (high - low)) / 2
    axes.set_ylim(max(-0.03, low - room), min(1.03, high + room))
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    axes.set_ylabel(label)


def logarithmic(axes: Axes) -> None:
    """A horizontal axis on a logarithmic scale, with plain numbers."""
    axes.set_xscale("log")
    ticks = import_module("matplotlib.ticker")
    axes.xaxis.set_major_locator(ticks.LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
    axes.xaxis.set_minor_locator(ticks.NullLocator())


def whole_numbers(axes: Axes) -> None:
    """A horizontal axis of things that are counted."""
    axes.xaxis.set_major_locator(import_module("matplotlib.ticker").MaxNLocator(integer=True))
