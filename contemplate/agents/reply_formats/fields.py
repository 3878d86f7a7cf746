"""Reading the fields of a JSON object, each as what it is to be: a word, a number, a letter, a list.

Models that are not held to a schema write much the same in other ways: `Sound.` for "sound", "7" or "7/10" for 7, "(B)" or
"Reply B" for a letter. That is read too. A field that is missing, or holds something of another kind, is None.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from contemplate.agents import parsing
from contemplate.agents.prompts import LETTERS
from contemplate.text.patterns import regex
from contemplate.types import Json

_LONGEST = 300
"""How much of a field is looked at for one word, number or letter, in characters."""
_NUMBER = r"-?(?:\d{1,6}(?:\.\d{1,17})?|\.\d{1,17})"
_LABEL = r"(?:(?:the[ ])?(?:best[ ])?(?:reply|response|answer|option|candidate|choice)\b[\W_]{0,12})?(?:is[\W_]{1,4})?"
_LETTER = regex(rf"[\W_]{{0,12}}{_LABEL}([A-Z])(?=\s*(?:[^\w\s]|$))", re.IGNORECASE)
_SEPARATOR = regex(r"[,;>\n]")
_NONE = regex(r"[\W_]{0,6}none\b", re.IGNORECASE)


def value(row: Json, name: str) -> object:
    """The value in the field; None if it is not there."""
    key = _key(row, name)
    return None if key is None else row[key]


def text(row: Json, name: str) -> str | None:
    """The text in the field; None if there is none but blanks."""
    given = value(row, name)
    return given if isinstance(given, str) and given.strip() else None


def word(row: Json, name: str, words: Sequence[str]) -> str | None:
    """The one of `words` that the field begins with, in whatever case and between whatever marks."""
    given = value(row, name)
    if not isinstance(given, str):
        return None
    choice = "|".join(re.escape(each) for each in sorted(words, key=len, reverse=True))
    label = rf"(?:{re.escape(name)}\b[\W_]{{0,12}})?"
    found = re.match(rf"[\W_]{{0,12}}{label}({choice})(?![^\W_])", given[:_LONGEST], re.IGNORECASE)
    return next((each for each in words if found and each.casefold() == found[1].casefold()), None)


def yes_no(row: Json, name: str) -> bool | None:
    """Whether the field says yes: true, or a text that does."""
    given = value(row, name)
    if isinstance(given, bool):
        return given
    return parsing.read_yes_no(given) if isinstance(given, str) else None


def number(row: Json, name: str, low: float, high: float) -> float | None:
    """The number in the field, in [low, high]."""
    return number_in(value(row, name), low, high, name)


def number_in(given: object, low: float, high: float, label: str = "") -> float | None:
    """The number that `given` is, or as a text begins with, perhaps after a `label`; None if it is not in [low, high]."""
    if isinstance(given, str):
        label = rf"(?:{re.escape(label)}\b[\W_]{{0,12}}?)?"
        found = re.match(rf"[\W_]{{0,12}}?{label}({_NUMBER})(?!\d)", given[:_LONGEST], re.IGNORECASE)
        given = float(found[1]) if found else None
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    return float(given) if low <= given <= high else None


def letter(given: object, candidates: int) -> int | None:
    """The index, from 0, of the lettered candidate that `given` names."""
    found = _LETTER.match(given[:_LONGEST]) if isinstance(given, str) else None
    index = LETTERS.find(found[1].upper()) if found else -1
    return index if 0 <= index < candidates else None


def letters(row: Json, name: str, candidates: int) -> list[int] | None:
    """The lettered candidates that the field lists, each once, from 0; those that can't be read are left out.

    Returns:
        None if it is no list, nor a text that is one ("B, A" or "B > A").
    """
    given = value(row, name)
    several = [given] if isinstance(given, str) else given
    if not isinstance(several, list):
        return None
    entries = [part for entry in several if isinstance(entry, str) for part in _SEPARATOR.split(entry)]
    indices = [letter(entry, candidates) for entry in entries]
    return list(dict.fromkeys(index for index in indices if index is not None))


def lists_nothing(row: Json, name: str) -> bool:
    """Whether the field is an empty list, or says "none"."""
    given = value(row, name)
    first = given[0] if isinstance(given, list) and given else given
    return given == [] or (isinstance(first, str) and _NONE.match(first) is not None)


def texts(row: Json, name: str) -> list[str]:
    """The texts that the field lists, stripped; those that are blank, or no text, are left out."""
    given = value(row, name)
    return [entry.strip() for entry in given if isinstance(entry, str) and entry.strip()] if isinstance(given, list) else []


def _key(row: Json, name: str) -> str | None:
    if name in row:
        return name
    return next((key for key in row if key.strip().casefold() == name.casefold()), None)
