"""What is shown while weights are fetched: two lines, and between them a bar where there is a terminal."""

from __future__ import annotations

import io
import re
import sys

import pytest

from contemplate.models.backends.progress import progress


class Terminal(io.StringIO):
    """Standard error on a terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_what_is_here_already_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """A fetch that goes on says how much of the file it begins with."""
    with progress("x.gguf", 1000, 900, 250) as show:
        show(1000)

    assert "fetching the rest of x.gguf (25% is here) ...\nfetching x.gguf: done\n" == capsys.readouterr().err


@pytest.mark.parametrize("columns", ["60", "100"])
def test_the_bar_fits_its_terminal(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    """Size, rate and time left are whole, on one line that has room for what is typed."""
    monkeypatch.setattr(sys, "stderr", heard := Terminal())
    for name, value in {"COLUMNS": columns, "TERM": "xterm", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)

    with progress("a-name-of-a-file-that-is-longer-than-most-are.gguf", 491_400_064, 491_400_064, 0) as show:
        show(344_000_000)

    last = re.sub(r"\x1b\[[0-9?;]*[a-zA-Z]", "", heard.getvalue()).replace("\r", "\n").strip().splitlines()[-2]
    assert re.search(r"━ 491\.4/491\.4 MB \S+ .B/s \d:\d\d:\d\d$", last.rstrip())
    assert len(last.rstrip()) <= 57
