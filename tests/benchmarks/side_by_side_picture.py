"""The picture of docs/benchmarks.svg: the three figures that a user feels, ours and others', drawn from what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from contemplate.experiments.report.canvas import COLOURS, Drawing, svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Rows = Mapping[str, Mapping[str, Mapping[str, float]]]

OURS = "contemplate"
BARE = "bare aiohttp"
FIGURES = {
    "votes": ("cpu", "ms of processor time a call", "{:.2f}", 0.0),
    "debate": ("path_ratio", "wall of a debate / its critical path (1 at best)", "{:.2f}", 1.0),
    "held": ("wall", "seconds for 1,000 debates at once", "{:.1f}", 0.0),
}
"""What is shown: of which row which figure, what it is, how it is written, and where bars begin."""
INK = "#737c86"
"""Of letters and lines: as far from white as from a dark page."""
OTHERS = "#a8b0b8"


def name_of(client: str) -> str:
    """A client as it is called in the picture: "its_hub 1.2.0" for its_hub==1.2.0."""
    return client.replace("==", " ").replace("[openai]", "")


def shown(row: Mapping[str, Mapping[str, float]], field: str) -> dict[str, float]:
    """The figures of the clients that are shown, least first; of ours the one with everything on."""
    found = {name: one[field] for name, one in row.items() if name == OURS or not name.startswith(OURS)}
    return dict(sorted(found.items(), key=lambda one: one[1]))


def picture(rows: Rows) -> str:
    """The picture as an SVG file, the same for the same figures."""
    there = [name for name in FIGURES if name in rows]
    most = max((len(shown(rows[name], FIGURES[name][0])) for name in there), default=1)

    def draw(figure: Figure) -> None:
        for axes, name in zip(figure.subplots(1, len(there), squeeze=False)[0], there, strict=True):
            _bars(axes, name, rows, most)

    drawing = Drawing("benchmarks", "contemplate beside others", "", (3.6 * max(len(there), 1), 0.5 + 0.24 * most), draw)
    text = svg(drawing).replace("currentColor", INK)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _bars(axes: Axes, name: str, rows: Rows, most: int) -> None:
    field, title, form, least = FIGURES[name]
    found = shown(rows[name], field)
    for place, (client, value) in enumerate(found.items()):
        axes.barh(place, value - least, left=least, height=0.7, color=COLOURS[0] if client == OURS else OTHERS)
        axes.text(value, place, f" {form.format(value)}", va="center", fontsize=8)
    axes.set_yticks(range(len(found)), [name_of(client) for client in found], fontsize=8)
    axes.set_ylim(most - 0.5, -0.5)  # the first one above, and bars of the same height in all
    axes.set_title(title, fontsize=10)
    axes.set_xlim(least, least + 1.15 * (max(found.values()) - least))
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])
