"""The simulations of tests/benchmarks/interval_coverage.py."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def simulations() -> Iterator[ModuleType]:
    """The benchmark as a module."""
    folder = str(Path(__file__).parents[2] / "benchmarks")
    sys.path.insert(0, folder)
    yield importlib.import_module("interval_coverage")
    sys.path.remove(folder)
