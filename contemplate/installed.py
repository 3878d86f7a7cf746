"""What other packages bring, as verbs, rules or classifiers, found by name through entry points; and libraries of extras."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Literal

from contemplate.errors import InputError, boundary

Group = Literal["contemplate.steps", "contemplate.rules", "contemplate.strategies", "contemplate.classifiers"]
"""A group of entry points."""


def installed_names(group: Group) -> tuple[str, ...]:
    """The names in a group, sorted; nothing is imported."""
    return tuple(sorted({entry.name for entry in entry_points(group=group)}))


def installed(group: Group, name: str) -> object | None:
    """The object that an installed package declares under that name; None if none does.

    Raises:
        InputError: it can't be imported.
    """
    entry = next(iter(entry_points(group=group, name=name)), None)
    if entry is None:
        return None
    found: object | None = None
    with boundary(f"the entry point {name!r} of {group} ({entry.value})") as caught:
        found = entry.load()
    if caught.error is not None:
        raise InputError(f"{caught.error}: mend the package that brings it, or remove it")
    return found


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
