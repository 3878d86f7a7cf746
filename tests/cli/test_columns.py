"""Tables on a terminal and elsewhere."""

from __future__ import annotations

import os
import shutil
import sys

import pytest

from contemplate.cli.columns import aligned

ROWS = [("name", "calls", "why"), ("a-long-name", "7", "since it was asked so many times"), ("b [red]", "1,000", "")]


def test_elsewhere_each_row_is_a_line() -> None:
    """With its columns aligned, however long it is, and no word taken for markup."""
    expected = [
        "name         calls  why",
        "a-long-name      7  since it was asked so many times",
        "b [red]      1,000",
    ]
    assert expected == list(aligned(ROWS, figures=(1,)))


def test_a_narrow_terminal_wraps_within_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is longer than the terminal is wide."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((40, 24)))
    lines = list(aligned(ROWS, figures=(1,)))

    assert ["a-long-name      7  since it was asked", " " * 20 + "so many times"] == lines[1:3]


def test_a_table_without_rows() -> None:
    """Has no lines."""
    assert [] == list(aligned([]))
