"""What type checkers make of programs that use the public names; the programs are in tests/typing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROGRAMS = sorted(str(path) for path in (ROOT / "tests" / "typing").glob("*.py"))

CHECKERS = {
    "mypy": [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--config-file", "", *PROGRAMS],
    "pyright": [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, *PROGRAMS],
}


@pytest.mark.slow
@pytest.mark.parametrize("checker", CHECKERS)
def test_programs_are_typed(checker: str) -> None:
    """Each value has the type that it is promised to have; nothing is ignored."""
    if checker == "pyright" and shutil.which("node") is None:
        pytest.skip("pyright needs node")

    done = subprocess.run(CHECKERS[checker], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert len(PROGRAMS) == 3
