"""What has come of a file that is being fetched, as it stands on the disk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from contemplate.errors import UnreachableError


class WeightsError(UnreachableError):
    """The weights can't be fetched. What fetches them has tried often enough, so no second try is made."""

    retryable = False


@dataclass(frozen=True)
class Partial:
    """The first bytes of a file, at a path where nothing stands before the first of them has come."""

    path: Path

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return self.path.stat().st_size if self.path.exists() else 0

    @contextmanager
    def written_from(self, begin: int) -> Iterator[IO[bytes]]:
        """The file, to write its bytes from `begin` on; what stood there is gone."""
        with self.path.open("r+b" if self.path.exists() else "w+b") as file:
            file.truncate(begin)
            file.seek(begin)
            yield file

    def settle(self) -> None:
        """See to it that the bytes are on the disk, which may take seconds: in a worker thread."""
        with self.path.open("r+b") as file:
            os.fsync(file.fileno())

    def has_digest(self, sha256: str) -> bool:
        """Whether this is its SHA-256."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256

    def clear(self) -> None:
        """Remove it."""
        self.path.unlink(missing_ok=True)
