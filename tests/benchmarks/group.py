"""A row of docs/benchmarks.md that has no peers: a script beside this one, run as a process, once or several times."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from printed import Rows, last_words

HERE = Path(__file__).parent


@dataclass(frozen=True, init=False)
class Group:
    """How a row is measured.

    Attributes:
        command: the script and its options.
        repeats: how often at most.
        sizes: options of the script, each with what is usual.
    """

    command: tuple[str, ...]
    repeats: int = 1
    sizes: Mapping[str, int] = field(default_factory=dict)

    def __init__(self, *command: str, repeats: int = 1, sizes: Mapping[str, int] | None = None) -> None:
        """Take the script and its options."""
        object.__setattr__(self, "command", command)
        object.__setattr__(self, "repeats", repeats)
        object.__setattr__(self, "sizes", sizes or {})

    def measured(self, times: int, sizes: Mapping[str, int], seconds: float) -> Rows:
        """The medians of so many runs of the script, at most; one row that says why, where one fails."""
        script, *words = self.command
        for name, size in sizes.items():
            words += [f"--{name}", str(size)]
        environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1]), "CONTEMPLATE_LOG": ""}
        found: list[Rows] = []
        for _ in range(min(times, self.repeats)):
            command = [sys.executable, str(HERE / script), *words, "--json"]
            try:
                done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds, env=environment)
            except subprocess.TimeoutExpired:
                return {script: {"failed": f"not through after {seconds:.0f} s"}}
            if done.returncode != 0:
                return {script: {"failed": last_words(done.stderr)}}
            found.append(json.loads(done.stdout.strip().splitlines()[-1]))
        return medians(found)


def medians(found: Sequence[Rows]) -> Rows:
    """Each figure as the median of what was found; words as they were found first."""
    return {name: {field: _middle([one[name][field] for one in found]) for field in row} for name, row in found[0].items()}


def _middle(values: Sequence[float | str]) -> float | str:
    numbers = [value for value in values if not isinstance(value, str)]
    return median(numbers) if numbers else values[0]
