"""How recorded replies are read, and how an older version read them; no calls.

::

    git worktree add /tmp/older cfd1a6b
    python tests/benchmarks/reading.py --data ../shared/data --against /tmp/older

prints the table of docs/answers.md. Without `--against` it prints the figures of this version alone.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypedDict

from contemplate.answers import is_right, read
from replies import Replies, sets


class Figures(TypedDict):
    """What was read of a set."""

    replies: int
    read: int
    """How many have an answer."""
    right: int
    flagged: int
    """How many have a flag beside them."""
    agreed: int
    """How many of those are right, or wrong, as the flag says."""


def figures(replies: Replies) -> Figures:
    """Read all replies of a set."""
    count = Figures(replies=0, read=0, right=0, flagged=0, agreed=0)
    for question, text, flag in replies:
        answer = read(text, question)
        right = is_right(answer, question)
        count["replies"] += 1
        count["read"] += answer is not None
        count["right"] += right
        count["flagged"] += flag is not None
        count["agreed"] += right == flag
    return count


def of_this_version(data: Path) -> dict[str, Figures]:
    """The figures of every set."""
    return {name: figures(replies) for name, replies in sets(data)}


def of_version(folder: Path, data: Path) -> dict[str, Figures]:
    """The figures of every set, as the version in a folder reads them: this script, with that package."""
    command = [sys.executable, __file__, "--data", str(data.resolve()), "--json"]
    environment = {**os.environ, "PYTHONPATH": str(folder.resolve())}
    said = subprocess.run(command, env=environment, cwd=folder, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, Figures] = json.loads(said.stdout)
    return found


def table(*versions: Mapping[str, Figures]) -> Iterator[str]:
    """A row for each set; each figure once for every version, side by side."""
    yield "| replies of | how many | read | right | as flagged |"
    yield "|---|---|---|---|---|"
    for name in versions[-1]:
        rows = [version[name] for version in versions]
        cells = [_beside(row[key] for row in rows) for key in ("read", "right")]
        flags = [f"{100 * row['agreed'] / row['flagged']:.2f} %" if row["flagged"] else "" for row in rows]
        yield "| " + " | ".join([f"`{name}`", f"{rows[-1]['replies']:,}", *cells, _beside(flags)]) + " |"


def _beside(values: Iterator[int] | list[str]) -> str:
    """The value, or where versions differ each of them."""
    cells = [f"{value:,}" if isinstance(value, int) else value for value in values]
    return cells[0] if len(set(cells)) == 1 else " → ".join(cells)


def main() -> None:
    """Print the table, or the figures as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of the recorded replies")
    parser.add_argument("--against", type=Path, metavar="FOLDER", help="a checkout of an older version")
    parser.add_argument("--json", action="store_true", help="print the figures of this version as JSON")
    options = parser.parse_args()
    if options.json:
        print(json.dumps(of_this_version(options.data)))
        return
    older = [of_version(options.against, options.data)] if options.against else []
    for line in table(*older, of_this_version(options.data)):
        print(line)


if __name__ == "__main__":
    main()
