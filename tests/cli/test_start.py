"""Starting is quick, and brings nothing that is not needed."""

from __future__ import annotations

import json
import resource
import subprocess
import sys

import pytest

HEAVY = {"litellm", "xllamacpp", "matplotlib", "scipy"}
LATER = {"pydantic", "networkx", "aiohttp", "ruamel.yaml", "rich", "structlog"}
REPORT = """
import json, sys
from contemplate.cli import run
status = run(sys.argv[1:])
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
sys.exit(status)
"""


def modules(*arguments: str) -> set[str]:
    """What a command has imported when it is done."""
    done = subprocess.run([sys.executable, "-c", REPORT, *arguments], capture_output=True, text=True, check=True)
    loaded: list[str] = json.loads(done.stderr.splitlines()[-1])
    return set(loaded)


def test_help_imports_nothing_heavy() -> None:
    """Nor anything that only a run needs."""
    assert set() == (HEAVY | LATER) & modules("--help")


@pytest.mark.parametrize("arguments", [("list", "strategies"), ("doctor",)])
def test_other_commands_import_no_provider(arguments: tuple[str, ...]) -> None:
    """Looking around costs no seconds."""
    assert set() == HEAVY & modules(*arguments)


def test_help_is_quick() -> None:
    """Under 0.4 s of processor time, the best of three."""
    times = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "contemplate", "--help"], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    assert min(times) < 0.4
