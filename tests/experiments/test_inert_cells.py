"""Cells of rows.csv: nothing that a model said is a formula in a spreadsheet."""

from __future__ import annotations

import csv
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.experiments.comparison import _inert, write_records

BEFORE = ["", " ", "\t", "\r", "\n", '"', "'", "\u00a0", "\u3000", "\ufeff", "\u200b", "\x00", ' "', "\n\t'"]
SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫−"


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize(
    "before", ["", " ", "\t", "\r", "\n", '"', "'", "\u00a0", "\u3000", "\ufeff", "\u200b", "\x00", ' "', "\n\t'"]
)
def test_what_looks_like_a_formula_is_text(before: str, sign: str) -> None:
    """Also in full width, and behind space, line breaks, quotation marks or what is unseen."""
    assert _inert(f"{before}{sign}1+1") == f"'{before}{sign}1+1"


@given(st.text(max_size=20))
def test_no_cell_begins_with_one(text: str) -> None:
    """Folded as a spreadsheet may fold it, and trimmed; and only by an apostrophe more."""
    cell = str(_inert(text))
    folded = unicodedata.normalize("NFKC", cell).strip().strip("\"'").strip()

    assert cell in {text, f"'{text}"}
    assert cell.startswith("'") or not folded.startswith(tuple("=+-@\u2212"))
    assert not cell.startswith(("\t", "\r", "\n", "\x00"))


@pytest.mark.parametrize("value", ["42", "a = b", "x-1", "[1, 2]", "1e-5", "", None, -4, -0.5, True])
def test_all_else_stays(value: object) -> None:
    """Words, lists and numbers, negative ones among them."""
    assert _inert(value) == value


def test_it_is_read_back(tmp_path: Path) -> None:
    """A cell with line breaks is one cell."""
    write_records(tmp_path / "rows.csv", ["answer"], [{"answer": "\n=1"}, {"answer": "fine\n=1"}])
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as lines:
        assert [row["answer"] for row in csv.DictReader(lines)] == ["'\n=1", "fine\n=1"]
