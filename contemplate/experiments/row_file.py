"""Rows of an experiment on disk."""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

from contemplate.errors import InputError
from contemplate.experiments.rows import Row
from contemplate.files import open_regular, private


class Rows:
    """Rows on disk, one JSON object a line, so that memory does not grow with their number."""

    def __init__(self, path: Path, *, temporary: bool = False) -> None:
        """Take the rows of the file `path`, which need not be there yet; a temporary one goes with this object."""
        self.path = path
        if temporary:
            weakref.finalize(self, path.unlink, missing_ok=True)

    def __iter__(self) -> Iterator[Row]:
        """The rows in their order."""
        with TextIOWrapper(open_regular(self.path), encoding="utf-8") as lines:
            for line in lines:
                yield Row.model_validate(json.loads(line))

    @contextmanager
    def written(self, *, more: bool = False) -> Iterator[Callable[[Row], None]]:
        """Write rows, each on disk at the end of its line; after those that are there if `more`.

        Raises:
            InputError: the file can't be written.
        """
        try:
            with open(self.path, "a" if more else "w", 1, encoding="utf-8", newline="\n", opener=private) as out:
                yield lambda row: print(json.dumps(row.model_dump(mode="json"), ensure_ascii=True), file=out)
        except OSError as error:
            raise InputError(f"{self.path}: can't be written ({error.strerror or error})") from None
