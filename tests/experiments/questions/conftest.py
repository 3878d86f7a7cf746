"""Fixtures for question sets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from contemplate.errors import InputError
from contemplate.experiments.questions import load_questions


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Writes a file and gives its path."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def refusal() -> Callable[..., str]:
    """The line with which `load_questions` refuses a source; a path of it is shown by its name alone."""

    def refused(source: Path | str, mapping: object = None, **options: object) -> str:
        with pytest.raises(InputError) as caught:
            load_questions(source, mapping, **options)  # type: ignore[arg-type]
        line = str(caught.value)
        assert "\n" not in line
        return line.replace(f"{source.parent}/", "") if isinstance(source, Path) else line

    return refused
