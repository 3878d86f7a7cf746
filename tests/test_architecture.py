"""The page about the house says what is so."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST_LINES = 400
MOST_FILES = 14


def test_the_picture_is_of_the_code_as_it_is() -> None:
    """`python docs/draw_architecture.py` would draw the same."""
    drawing = runpy.run_path(str(ROOT / "docs" / "draw_architecture.py"))

    assert drawing["draw"]() == (ROOT / "docs" / "architecture.svg").read_text(encoding="utf-8")


def test_files_are_short() -> None:
    """A reader has any of them in view at once, nearly."""
    files = [*(ROOT / "contemplate").rglob("*.py"), *(ROOT / "tests").rglob("*.py"), *(ROOT / "docs").rglob("*.py")]
    long = {
        str(file.relative_to(ROOT)): size for file in files if (size := len(file.read_text("utf-8").splitlines())) > MOST_LINES
    }

    assert long == {}


def test_the_ground_is_small() -> None:
    """What is used everywhere, and nothing else, stands outside of the rooms."""
    assert len([file for file in (ROOT / "contemplate").iterdir() if file.is_file()]) <= MOST_FILES


def test_each_place_of_a_change_is_there() -> None:
    """The files that the table names exist; words in capitals stand for a new one."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (?!change)[^|]+ \| (.+) \|$", page, re.MULTILINE)
    named = [path for row in rows for path in re.findall(r"`((?:contemplate|agents|strategies)/[\w./]+)`", row)]

    assert len(rows) >= 12
    assert [] == [path for path in named if not re.search(r"[A-Z]", path) and not (ROOT / path).exists()]


def test_steps_do_not_reach_into_the_state_of_a_run() -> None:
    """They ask the run; what it keeps may change."""
    steps = (ROOT / "contemplate" / "steps").rglob("*.py")

    assert [] == [file.name for file in steps if re.search(r"\brun\.state\b", file.read_text("utf-8"))]
