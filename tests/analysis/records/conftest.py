"""The figures of tests/benchmarks/recorded.py, and the recorded replies that they come from."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def figures() -> Iterator[ModuleType]:
    """The benchmark as a module; it imports its neighbours, so its folder is on the path while the tests run."""
    folder = str(ROOT / "tests" / "benchmarks")
    sys.path.insert(0, folder)
    yield importlib.import_module("recorded")
    sys.path.remove(folder)
