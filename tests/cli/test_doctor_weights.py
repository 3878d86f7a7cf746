"""`doctor` looks for the weights where they are kept."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from command import Cli
from contemplate.models.backends import published, weights


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of small weights that are there and whole."""
    content = b"weights"
    small = published.SMOLLM2.model_copy(update={"size": len(content), "sha256": hashlib.sha256(content).hexdigest()})
    monkeypatch.setattr(published, "SMOLLM2", small)
    monkeypatch.setenv("CONTEMPLATE_CACHE", str(tmp_path))
    path = weights.place_of(small)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path


def embedded(cli: Cli) -> str:
    """What it says of the embedded model."""
    return str(next(one["text"] for one in cli("doctor", "--json").json if one["name"] == "embedded model"))


def test_they_are_there(cli: Cli, kept: Path) -> None:
    """The path is named."""
    assert embedded(cli) == str(kept)


async def test_where_a_run_finds_them(kept: Path) -> None:
    """A run takes them from the same place, and fetches nothing."""
    assert await weights.ensure(published.SMOLLM2) == kept


@pytest.mark.parametrize("content", [None, b"short", b"changed"])
def test_they_are_not_whole(cli: Cli, kept: Path, content: bytes | None) -> None:
    """Not there, cut off, or another file of the same length: they are fetched on first use."""
    kept.unlink()
    if content is not None:
        kept.write_bytes(content)

    assert embedded(cli) == "its weights (93 MB) are fetched on first use"
