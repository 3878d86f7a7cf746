r"""The boxes of a reply: `\boxed{42}`, as mathematical replies mark their answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contemplate.text.patterns import regex

_LONGEST = 1_000
_TRIES = 16
_GAP = 60
_JOINT = regex(
    r"""(?x) (?: [\s$,;] | \\[()\[\],;:] | \\q?quad(?![a-z])
    | \\(?:text|mbox|mathrm)\s?\{[\s,]*(?:and|or)?[\s,]*\} | and | or )*"""
)
_PERCENT = regex(r"\s?\$?\s?(?:\\?%|(?:per ?cent|pct)\b)")
_BOX = regex(r"\\f?boxed[ \t]{0,4}(?=\{)")


def boxes(text: str) -> Iterator[str]:
    r"""The contents of each `\boxed{...}`, braces balanced, the last box first; at most 16 boxes are tried."""
    yield from (content for _, content in placed_boxes(text))


def placed_boxes(text: str) -> Iterator[tuple[int, str]]:
    r"""The same boxes, each with the index where it starts; those of one list (`\boxed{1}, \boxed{2}`) as one."""
    place, end, listed = 0, 0, list[str]()
    for match in list(_BOX.finditer(text))[: -_TRIES - 1 : -1]:
        if (content := _braced(text, match.end())) is None:
            continue
        after = match.end() + len(content) + 2
        if _PERCENT.match(text, after) and content[-1:].isdigit():
            content += "\\%"
        if listed and _are_joined(text[after:end]) and content not in listed:
            listed.insert(0, content)
        else:
            if listed:
                yield place, ", ".join(listed)
            place, listed = match.start(), [content]
        end = match.start()
    if listed:
        yield place, ", ".join(listed)


def _are_joined(gap: str) -> bool:
    """Whether what stands between two boxes makes them parts of one list."""
    return len(gap) <= _GAP and _JOINT.fullmatch(gap) is not None and re.search(r",(?! *\\)|\band\b|\bor\b", gap) is not None


def _braced(text: str, start: int) -> str | None:
    """The text between the brace at `start` and the one that closes it, if one does within 1,000 characters."""
    depth = 0
    for index in range(start, min(len(text), start + _LONGEST)):
        if text[index] in "{}" and text[index - 1] != "\\":
            depth += 1 if text[index] == "{" else -1
            if depth == 0:
                return text[start + 1 : index]
    return None
