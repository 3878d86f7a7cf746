"""Draw the house: `python docs/draw_architecture.py` writes docs/architecture.svg from the code as it is.

Left, the rooms of the package, floor by floor, as the import contract in pyproject.toml has them; right, who imports whom: a row
is a room that imports, a column a room that is imported. As an import may only point down, nothing stands on the left of the
diagonal. How many modules do it is left out, so that the picture changes when the structure does.
"""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "contemplate"
PICTURE = ROOT / "docs" / "architecture.svg"

ROW, NAME, TEXT, CELL = 30, 136, 560, 34
LONGEST = 92
TOP, LEFT = 96, 16
INK, PAPER, LINE, FILL, DOWN, UP = "#1f2933", "#ffffff", "#cbd2d9", "#f0f4f8", "#62a8dd", "#ba2525"


def floors() -> list[list[str]]:
    """The rooms of each floor, the highest floor first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(one for one in project["tool"]["importlinter"]["contracts"] if one["type"] == "layers")
    return [[name.strip().removeprefix("contemplate.") for name in layer.split("|")] for layer in contract["layers"]]


def modules(room: str) -> list[Path]:
    """The modules of a room, which is a folder or one file."""
    folder = PACKAGE / room
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [PACKAGE / f"{room}.py"]


def purpose(room: str) -> str:
    """The first line of a room's docstring."""
    file = PACKAGE / room / "__init__.py" if (PACKAGE / room).is_dir() else PACKAGE / f"{room}.py"
    told = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return told.partition("\n")[0]


def imported(module: Path, rooms: set[str]) -> set[str]:
    """The rooms that a module imports, at run time or for its types."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        parts = [name.split(".") for name in names]
        found |= {part[1] for part in parts if part[0] == "contemplate" and len(part) > 1 and part[1] in rooms}
    return found


def arrows_between(rooms: list[str]) -> set[tuple[str, str]]:
    """Which room imports which other one."""
    every = set(rooms)
    return {(room, other) for room in rooms for module in modules(room) for other in imported(module, every) - {room}}


def draw() -> str:
    """The picture."""
    storeys = floors()
    rooms = [room for storey in storeys for room in storey]
    arrows = arrows_between(rooms)
    grid = LEFT + NAME + TEXT + 24
    width, height = grid + CELL * len(rooms) + LEFT, TOP + ROW * len(rooms) + LEFT
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="system-ui, sans-serif" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
        text(LEFT, 26, "The rooms of contemplate, floor by floor: an import may only point down", bold=True),
        text(LEFT, 46, "(at the right: the room of a row imports the rooms of the marked columns)", color="#616e7c"),
    ]
    for column, room in enumerate(rooms):
        x = grid + column * CELL + CELL / 2
        parts.append(
            f'<text x="{x}" y="{TOP - 8}" transform="rotate(-50 {x} {TOP - 8})" font-size="11" fill="{INK}">{escape(room)}</text>'
        )
    row = 0
    for number, storey in enumerate(storeys):
        y = TOP + row * ROW
        fill = FILL if number % 2 == 0 else PAPER
        parts.append(f'<rect x="{LEFT - 6}" y="{y}" width="{width - 2 * LEFT + 12}" height="{ROW * len(storey)}" fill="{fill}"/>')
        parts.append(f'<line x1="{LEFT - 6}" y1="{y}" x2="{width - LEFT + 6}" y2="{y}" stroke="{LINE}"/>')
        for room in storey:
            parts += room_row(room, rooms, arrows, row, grid)
            row += 1
    return "\n".join([*parts, "</svg>"]) + "\n"


def room_row(room: str, rooms: list[str], arrows: set[tuple[str, str]], row: int, grid: int) -> list[str]:
    """One room: its name, what it is for, and what it imports."""
    base = TOP + row * ROW + 20
    told = purpose(room)
    parts = [
        text(LEFT, base, room, bold=True),
        text(LEFT + NAME, base, told if len(told) <= LONGEST else told[: LONGEST - 3] + "...", size=11),
    ]
    for column, other in enumerate(rooms):
        x, y = grid + column * CELL, TOP + row * ROW
        if other == room:
            parts.append(f'<rect x="{x + 6}" y="{y + 5}" width="{CELL - 12}" height="{ROW - 10}" fill="{LINE}"/>')
        elif (room, other) in arrows:
            place = f'x="{x + 4}" y="{y + 5}" width="{CELL - 8}" height="{ROW - 10}" rx="3"'
            parts.append(f'<rect {place} fill="{DOWN if column > row else UP}"/>')
    return parts


def text(x: float, y: float, words: str, *, bold: bool = False, size: int = 13, color: str = INK) -> str:
    """A line of text."""
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x}" y="{y}" font-size="{size}"{weight} fill="{color}">{escape(words)}</text>'


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8", newline="\n")
