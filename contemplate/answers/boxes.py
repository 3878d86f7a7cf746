r"""The boxes of a reply: `\boxed{42}`, as mathematical replies mark their answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LONGEST = 1_000
_TRIES = 16
_BOX = re.compile(r"\\f?boxed[ \t]{0,4}(?=\{)")


def boxes(text: str) -> Iterator[str]:
    r"""The contents of each `\boxed{...}`, braces balanced, the last box first; at most 16 boxes are tried."""
    yield from (content for _, content in placed_boxes(text))


def placed_boxes(text: str) -> Iterator[tuple[int, str]]:
    """The same boxes, each with the index where it starts."""
    for match in list(_BOX.finditer(text))[: -_TRIES - 1 : -1]:
        if (content := _braced(text, match.end())) is not None:
            yield match.start(), content


def _braced(text: str, start: int) -> str | None:
    """The text between the brace at `start` and the one that closes it, if one does within 1,000 characters."""
    depth = 0
    for index in range(start, min(len(text), start + _LONGEST)):
        if text[index] in "{}" and text[index - 1] != "\\":
            depth += 1 if text[index] == "{" else -1
            if depth == 0:
                return text[start + 1 : index]
    return None
