"""The speed of an embedded model on this machine, as its last run saw it; kept beside its weights."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def note_speed(path: Path, speed: float) -> None:
    """Note how many tokens a second a reply of the model at `path` took; where nothing can be written, nothing is."""
    with suppress(OSError):
        _note(path).write_text(f"{speed:.1f}\n", encoding="ascii")


def noted_speed(path: Path) -> float | None:
    """The tokens of a reply in a second, prompt and waiting included; None where no run was made yet."""
    try:
        return float(_note(path).read_text("ascii"))
    except (OSError, ValueError):
        return None


def _note(path: Path) -> Path:
    return path.with_suffix(".speed")
