"""Seeds: every random choice of a run comes from its one seed and the path of where it is made."""

from __future__ import annotations

import hashlib
import random


def derive(seed: int, *path: str | int) -> int:
    """A seed for `path`, in [0, 2**63); the same on every machine, independent across paths."""
    text = "\x1f".join([str(seed), *map(str, path)])
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8]) >> 1


def rng(seed: int, *path: str | int) -> random.Random:
    """A generator for `path`."""
    return random.Random(derive(seed, *path))  # noqa: S311 - reproducible draws, no secrets
