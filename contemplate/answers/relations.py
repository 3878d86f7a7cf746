"""Relations that say where a number lies: an inequality of one name with constant bounds is an interval."""

from __future__ import annotations

import re

from contemplate.answers.expression import parse
from contemplate.answers.polynomial import NotReadable
from contemplate.text.patterns import regex

MEMBERSHIP = regex(r"\A\s*(?:[A-Za-z]|\\[a-z]{2,7})(?:_\{?\w\}?)?\s*(?:\\in(?![A-Za-z])|∈)\s*(?=\S)")
"""A name that is said to lie in a set."""

_NAME = regex(r"(?:[A-Za-z]|\\(?:alpha|beta|gamma|theta|lambda|mu|phi|omega))(?:_\{?\w\}?)?(?:\([a-z]\))?")
_SIGN = regex(r"\s*([<>]=?)\s*")
_ONE, _TWO = 3, 5


def interval_of(text: str) -> str | None:
    """The interval in which `text`, in the plain form of LaTeX, says that a name lies; None if it says something else."""
    parts = _SIGN.split(text)
    signs = parts[1::2]
    if len(parts) not in {_ONE, _TWO} or len({sign[0] for sign in signs}) != 1:
        return None
    if signs[0][0] == ">":
        parts = parts[::-1]
    signs = parts[1::2]
    if len(parts) == _ONE:
        left, sign, right = parts
        if _NAME.fullmatch(left) and _is_bound(right):
            return f"(-\\infty, {right}{']' if '=' in sign else ')'}"
        if _NAME.fullmatch(right) and _is_bound(left):
            return f"{'[' if '=' in sign else '('}{left}, \\infty)"
        return None
    low, name, high = parts[::2]
    if not _NAME.fullmatch(name) or not _is_bound(low) or not _is_bound(high):
        return None
    return f"{'[' if '=' in signs[0] else '('}{low}, {high}{']' if '=' in signs[1] else ')'}"


def _is_bound(text: str) -> bool:
    """Whether `text` is a constant, or infinity."""
    if re.fullmatch(r"[-+]?\s?\\infty", text.strip()):
        return True
    try:
        return parse(text).constant is not None or not re.search(r"(?<!\\)\b[A-Za-z]\b", text)
    except NotReadable:
        return False
