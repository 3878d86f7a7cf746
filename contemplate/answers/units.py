"""Quantities in several units ("5 hours 30 minutes"), and the whole of one in the unit that a question names."""

from __future__ import annotations

import re
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from contemplate.text.patterns import regex

_SCALES = (
    {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800},
    {"month": 1, "year": 12},
    {"inch": 1, "foot": 12, "yard": 36, "mile": 63_360},
    {"millimeter": 1, "centimeter": 10, "meter": 1_000, "kilometer": 1_000_000},
    {"ounce": 1, "pound": 16},
    {"milligram": 1, "gram": 1_000, "kilogram": 1_000_000},
    {"cent": 1, "dollar": 100},
)
_SHORT = {"sec": "second", "min": "minute", "hr": "hour", "h": "hour", "in": "inch", "ft": "foot", "yd": "yard", "mi": "mile"} | {
    "feet": "foot",
    "inches": "inch",
    "mm": "millimeter",
    "cm": "centimeter",
    "m": "meter",
    "km": "kilometer",
    "oz": "ounce",
    "lb": "pound",
    "mg": "milligram",
    "g": "gram",
    "kg": "kilogram",
}


class _Unit(NamedTuple):
    scale: int
    size: int


_UNITS = MappingProxyType({name: _Unit(scale, size) for scale, sizes in enumerate(_SCALES) for name, size in sizes.items()})
_OF_TIME = MappingProxyType({"m": "minute", "s": "second"})
_PART = regex(r"\s*(?:,\s*)?(?:and\s+)?(\$)?\s*(\d{1,40}(?:\.\d{1,40})?)[\s-]?([A-Za-z]{0,12})(?![A-Za-z])")
_NAMED = regex(r"\b(?:how many|how much|number of|in)(?: (?:total|whole|more|full))? ([a-z]{2,12})\b(?! and\b)", re.I)


def in_one_unit(text: str, asked: str) -> tuple[Fraction | None] | None:
    """The whole of a quantity in several units that `text` begins with.

    Returns:
        None if it is none; else its value in the one unit of this sort that the question `asked` names, or None in its place.
    """
    total, parts, last, place = Fraction(0), 0, None, 0
    while part := _PART.match(text, place):
        name = "dollar" if part[1] and part[3] in {"", "and"} else part[3]
        unit = _unit(_OF_TIME.get(name, name) if last is not None and last.scale == 0 else name)
        if unit is None or (last is not None and (unit.scale != last.scale or unit.size >= last.size)):
            break
        total, parts, last = total + Fraction(part[2]) * unit.size, parts + 1, unit
        place = part.start(3) if part[3] == "and" else part.end()
    if last is None or parts == 1:
        return None
    named = {unit.size for match in _NAMED.finditer(asked) if (unit := _unit(match[1])) and unit.scale == last.scale}
    return (total / named.pop() if len(named) == 1 else None,)


def _unit(name: str) -> _Unit | None:
    name = name.casefold()
    return _UNITS.get(_SHORT.get(name, name)) or _UNITS.get(_SHORT.get(name.removesuffix("s"), name.removesuffix("s")))
