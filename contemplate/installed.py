"""What other packages bring, as verbs, rules or classifiers, found by name through entry points; and libraries of extras."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoints, entry_points
from typing import Any, Literal

from contemplate.errors import InputError
from contemplate.errors.boundary import boundary

Group = Literal["contemplate.steps", "contemplate.rules", "contemplate.strategies", "contemplate.classifiers"]
"""A group of entry points."""


def installed_names(group: Group) -> tuple[str, ...]:
    """The names in a group, sorted; nothing is imported."""
    return tuple(sorted({entry.name for entry in _declared(group)}))


def installed(group: Group, name: str) -> object | None:
    """The object that an installed package declares under that name; None if none does.

    Raises:
        InputError: it can't be imported.
    """
    entry = next(iter(_declared(group).select(name=name)), None)
    if entry is None:
        return None
    found: object | None = None
    with boundary(f"the entry point {name!r} of {group} ({entry.value})") as caught:
        found = entry.load()
    if caught.error is not None:
        raise InputError(f"{caught.error}: mend the package that brings it, or remove it")
    return found


def _declared(group: Group) -> EntryPoints:
    """What installed packages declare in a group."""
    return _read(group, tuple((folder, _changed(folder)) for folder in sys.path))


@lru_cache(maxsize=16)
def _read(group: Group, path: tuple[tuple[str, int], ...]) -> EntryPoints:  # noqa: ARG001 - what it depends on
    """All packages are gone through, which is done anew where one was installed or removed meanwhile."""
    return entry_points(group=group)


def _changed(folder: str) -> int:
    try:
        return os.stat(folder or ".").st_mtime_ns  # noqa: PTH116 - called for each folder of the path
    except OSError:
        return 0


def library(name: str, extra: str = "experiments", *, package: str | None = None) -> Any:  # noqa: ANN401 - a module
    """The library of that name.

    Args:
        name: of the module.
        extra: of this package, with which the library comes.
        package: what the library is installed as, if it comes with no extra.

    Raises:
        InputError: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError:
        wanted = package or f"'contemplate-ai[{extra}]'"
        raise InputError(f"{name} is not installed: pip install {wanted}") from None
