"""Reading what critics and judges say. Total: any text gives a value, in bounded time."""

from __future__ import annotations

import re
from typing import Literal

from contemplate.prompts import LETTERS

Verdict = Literal["sound", "flawed", "unclear"]

_TAIL = 20_000
_VERDICT = re.compile(r"\bverdict\b[\W_]{0,12}(sound|correct|right|valid|flawed|incorrect|wrong|invalid)\b", re.IGNORECASE)
_SOUND = {"sound", "correct", "right", "valid"}
_CHOICE = re.compile(
    r"\b(?:choice|best reply|best answer|verdict|reply|answer)\b[\W_]{0,12}(?:is[\W_]{0,4}|reply[\W_]{0,4})?\(?\b([A-Z])\b",
    re.IGNORECASE,
)


def read_verdict(text: str) -> Verdict:
    """What a critic concluded: the last `Verdict: sound` or `Verdict: flawed` line; "unclear" without one."""
    found = _VERDICT.findall(text[-_TAIL:])
    if not found:
        return "unclear"
    return "sound" if found[-1].lower() in _SOUND else "flawed"


def read_choice(text: str, candidates: int) -> int | None:
    """Which of so many lettered candidates a judge chose: the last `Choice: B`, or a reply that is one letter; from 0."""
    tail = text[-_TAIL:]
    letters = [letter.upper() for letter in _CHOICE.findall(tail)]
    bare = tail.strip().strip("().*: ").upper()
    if not letters and len(bare) == 1:
        letters = [bare]
    number = LETTERS.find(letters[-1]) if letters else -1
    return number if 0 <= number < candidates else None
