"""`contemplate mcp`: what is refused before anything is served."""

from __future__ import annotations

from pathlib import Path

import pytest

from command import Cli


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--host", "0.0.0.0"), "are for --http"),
        (("--http", "--host", "0.0.0.0", "--token-file", "short"), "a token has at least 16"),
        (("--http", "--token-file", "nowhere"), "no such file"),
        (("--at-once", "0"), "--at-once 0"),
        (("--budget-calls", "0"), "it must be a number above 0"),
    ],
)
def test_mistakes_are_named(cli: Cli, home: Path, words: tuple[str, ...], why: str) -> None:
    """In one line."""
    (home / "short").write_text("short", encoding="utf-8")
    Path("short").write_text("short", encoding="utf-8")
    said = cli("mcp", *words)

    assert 2 == said.status
    assert why in said.err
    assert "" == said.out
