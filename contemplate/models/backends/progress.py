"""What is shown while weights are fetched, all on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Show = Callable[[int], None]
"""Takes how many bytes of the file are there."""


@contextmanager
def progress(doing: str, size: int, travels: int) -> Iterator[Show]:
    """A bar with rate and time left on a terminal; elsewhere one line before and one after.

    Args:
        doing: what is done, as "fetching x.gguf".
        size: of the file, in bytes.
        travels: the bytes that come over the network for it.
    """
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task(doing, total=size)
            yield lambda done: bar.update(task, completed=min(done, size))
            bar.update(task, completed=size)
    else:
        say(f"{doing} ({travels / 1e6:.0f} MB), once ...")
        yield lambda _: None
        say(f"{doing}: done")


def say(line: str) -> None:
    """Print a line on standard error."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201
