"""The parts of pages that are shipped with the package: scripts, styles, and what stands in the body."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files


@cache
def asset(name: str, package: str = "contemplate.viewer") -> str:
    """The text of a file in the folder `page` of a package."""
    return files(package).joinpath("page", name).read_text(encoding="utf-8")


def script_of(parts: Iterable[str]) -> str:
    """Parts of a script in one function, so that they share their names with nobody."""
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"
