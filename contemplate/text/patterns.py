"""Regular expressions that are compiled when they are first used.

There are some hundreds, for answers in many languages and forms; a program uses a few of them, and to compile them all takes
a third of the time in which it starts.
"""

from __future__ import annotations

import re
from typing import Any, cast

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split")


class _Pattern:
    """Stands for a pattern until one of its methods is asked for; then it has the methods of the compiled one as its own."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern, self._flags = pattern, flags

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a pattern has
        if name.startswith("__"):
            raise AttributeError(name)
        compiled = re.compile(self.pattern, self._flags)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def regex(text: str, flags: int = 0) -> re.Pattern[str]:
    """As `re.compile`, for the methods of a pattern and its text; an error in it shows when it is first used."""
    return cast("re.Pattern[str]", _Pattern(text, int(flags)))
