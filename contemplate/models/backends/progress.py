"""What is shown while weights are fetched, all on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

Show = Callable[[int], None]
"""Takes how many bytes of the file are there."""


@contextmanager
def progress(name: str, size: int, travels: int, there: int) -> Iterator[Show]:
    """A line before, and one after; on a terminal a bar with rate and time left between them.

    Args:
        name: of the file that is fetched.
        size: of the file, in bytes.
        travels: the bytes that come over the network for it.
        there: how many of the file's bytes came earlier.
    """
    whole = f"{travels / 1e6:,.0f} MB"
    say(f"fetching {name} ({whole}), once ..." if not there else f"fetching the rest of {name} ({there / size:.0%} is here) ...")
    with _bar(size, there) if sys.stderr.isatty() else nullcontext(lambda _: None) as show:
        yield show
    say(f"fetching {name}: done")


@contextmanager
def _bar(size: int, there: int) -> Iterator[Show]:
    """A bar that leaves room in its line for what is typed, on a terminal of 60 columns too."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn
    from rich.table import Column

    beside = (kind(table_column=Column(no_wrap=True)) for kind in (DownloadColumn, TransferSpeedColumn, TimeRemainingColumn))
    with Progress(BarColumn(20), *beside, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=size, completed=there)
        yield lambda done: bar.update(task, completed=min(done, size))
        bar.update(task, completed=size)


def say(line: str) -> None:
    """Print a line on standard error."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201
