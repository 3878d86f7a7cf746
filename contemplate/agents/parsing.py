"""Reading what critics, judges and voters say. Total: any text gives a value or None, in bounded time."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Literal

from contemplate.agents.prompts import LETTERS
from contemplate.agents.stated import LOOKED_AT, outside_objects, stated
from contemplate.text.patterns import regex
from contemplate.types import Json

Verdict = Literal["sound", "flawed", "unclear"]

HIGHEST_GRADE = 5

_TAIL = LOOKED_AT
_MAX_ITEMS = 100
_VERDICT = regex(r"\bverdict\b[\W_]{0,12}(?:is\b[\W_]{1,4})?([a-z]{2,12})\b", re.IGNORECASE)
_SOUND = frozenset({"sound", "correct", "right", "valid", "accept", "accepted", "yes"})
_FLAWED = frozenset({"flawed", "incorrect", "wrong", "invalid", "reject", "rejected", "no"})
VERDICTS = tuple(sorted({"unclear", *_SOUND, *_FLAWED}))
"""The words that `verdict_of` knows, whatever was asked for."""
_CHOICE = regex(
    r"\b(?:choice|best reply|best answer|verdict|reply|answer)\b[\W_]{0,12}(?:is[\W_]{0,4}|reply[\W_]{0,4})?\(?\b([A-Z]|tie)\b",
    re.IGNORECASE,
)
_FINAL = regex(r"\b(?:final[ _])?(?:ranking|approved?|approval|points)\b[*_ \t]{0,6}[:：]", re.IGNORECASE)
_LETTER = regex(r"\b([A-Z])\b")
_POINTS = regex(r"\b([A-Z])\b[^A-Za-z0-9\n-]{0,8}(\d{1,3}(?:\.\d{1,3})?)\b")
_SCORE = regex(r"\b(?:score|rating|grade|value)\b[\W_]{0,12}(-?\d{1,6}(?:\.\d{1,6})?)(?!\d)", re.IGNORECASE)
_PAIR_SCORE = regex(r"\bscore\b[\W_]{0,6}([AB])\b[\W_]{0,12}?(-?\d{1,6}(?:\.\d{1,6})?)(?!\d)", re.IGNORECASE)
_CONFIDENCE = regex(r"\bconfidence\b[\W_]{0,12}(\d{1,3}(?:\.\d{1,6})?)(?!\d)[ \t]{0,3}(%|/ ?100)?", re.IGNORECASE)
_SUMMARY = regex(r"^[\W_]{0,6}summary\b[*_ \t]{0,6}[:：][ \t]{0,4}(.{1,600})", re.IGNORECASE | re.MULTILINE)
_YES_NO = regex(r"(?<![A-Za-z])(yes|no)(?![A-Za-z])", re.IGNORECASE)
_PICK = regex(
    r"\b(?:choice|reply|response)\b[\W_]{0,12}(?:is[\W_]{0,4})?(?:(?:reply|response|number)[\W_]{0,4})?(\d{1,4})(?!\d)",
    re.IGNORECASE,
)
_GRADES = regex(r"\[\[([^\[\]\n]{1,200})\]\]")
_FENCED = regex(r"(?:```|~~~)[ \t]{0,4}(?:json\w{0,4})?[ \t]{0,4}\n([\s\S]*)\n[ \t]{0,8}(?:```|~~~)", re.IGNORECASE)
_DIGITS = regex(r"\s{0,9}[0-9]{1,9}\s{0,9}\Z")
_ITEM = regex(r"^[ \t]{0,8}(?:\d{1,3}[.):]|[-*•])[ \t]{1,4}(\S.{0,2000})$", re.MULTILINE)


def read_verdict(text: str, *, good: str = "sound", bad: str = "flawed") -> Verdict | None:
    """The verdict that a critic concluded: the last `Verdict: sound` or `Verdict: flawed` line; None without one.

    `good` and `bad` are the words that were asked for; those that models use in their place are read too.
    """
    for found in reversed(stated(_VERDICT, text)):
        if (verdict := verdict_of(found[1], good=good, bad=bad)) is not None:
            return verdict
    return None


def verdict_of(word: str, *, good: str = "sound", bad: str = "flawed") -> Verdict | None:
    """The verdict that one word of a critic means: `good` and `bad`, or those that models use in their place; None for others."""
    word = word.casefold()
    if word == "unclear":
        return "unclear"
    if word in _SOUND or word == good:
        return "sound"
    return "flawed" if word in _FLAWED or word == bad else None


def read_choice(text: str, candidates: int) -> int | None:
    """The index of the lettered candidate that a judge chose: the last `Choice: B`, or a reply that is one letter.

    `Choice: tie` chooses none.
    """
    letters = [found[1].upper() for found in stated(_CHOICE, text)]
    bare = text[-_TAIL:].strip().strip("().*: ").upper()
    if not letters and len(bare) == 1:
        letters = [bare]
    return _index(letters[-1], candidates) if letters else None


def read_pick(text: str, candidates: int) -> int | None:
    """The index of the numbered candidate that was chosen: the last `Choice: 7`, or a reply that is one number."""
    numbers = [found[1] for found in stated(_PICK, text)]
    bare = text[-_TAIL:].strip().strip("().*:# ")
    if not numbers and re.fullmatch(r"[0-9]{1,4}", bare):
        numbers = [bare]
    index = int(numbers[-1]) - 1 if numbers else -1
    return index if 0 <= index < candidates else None


def read_yes_no(text: str) -> bool | None:
    """Whether a reply says yes: its first word if that is yes or no, else the last of these in it; None without one."""
    found = outside_objects(_YES_NO, text)
    if not found:
        return None
    opens = _YES_NO.match(text.strip().lstrip("*_\"'( "))
    return (opens or found[-1]).group().lower() == "yes"


def read_ranking(text: str, candidates: int) -> list[int] | None:
    """The lettered candidates after the last `Final ranking:`, best first, each once; else in the order first named.

    Returns:
        Numbers from 0, perhaps not all of them; None if no candidate is named.
    """
    indices = [_index(found[1], candidates) for found in outside_objects(_LETTER, _after_marker(text))]
    return list(dict.fromkeys(index for index in indices if index is not None)) or None


def read_approval(text: str, candidates: int) -> list[int] | None:
    """The candidates after the last `Approved:`; an empty list for "none"; None without that line."""
    if not stated(_FINAL, text):
        return None
    line = _after_marker(text).partition("\n")[0]
    if re.match(r"[\W_]{0,6}none\b", line, re.IGNORECASE):
        return []
    return read_ranking(f"Ranking: {line}", candidates)


def read_points(text: str, candidates: int, total: int) -> dict[int, float] | None:
    """The first points of each candidate after the last `Points:`, as in "A 6, B 4"; None unless they sum to `total`."""
    found: dict[int, float] = {}
    for match in outside_objects(_POINTS, _after_marker(text)):
        index = _index(match[1], candidates)
        if index is not None:
            found.setdefault(index, float(match[2]))
    return found if found and abs(sum(found.values()) - total) < 1e-6 else None  # noqa: PLR2004 - rounding


def read_score(text: str, low: float, high: float) -> float | None:
    """The last `Score: 7` in [low, high], or a reply that is only a number; None if there is none in range."""
    found = [match[1] for match in stated(_SCORE, text)]
    bare = text[-_TAIL:].strip().strip("*. ")
    if not found and re.fullmatch(r"-?\d{1,6}(?:\.\d{1,6})?", bare):
        found = [bare]
    score = float(found[-1]) if found else None
    return score if score is not None and low <= score <= high else None


def read_pair_scores(text: str, low: float, high: float) -> tuple[float, float] | None:
    """The last `Score A: 7` and the last `Score B: 5`; None unless both are there, in [low, high]."""
    found = {match[1].upper(): float(match[2]) for match in stated(_PAIR_SCORE, text)}
    scores = (found.get("A", low - 1), found.get("B", low - 1))
    return scores if all(low <= score <= high for score in scores) else None


def read_confidence(text: str) -> float | None:
    """The last `Confidence: 80 %` (or 80, or 0.8) as a share in [0, 1]; None if there is none in range."""
    found = stated(_CONFIDENCE, text)
    if not found:
        return None
    number, unit = float(found[-1][1]), found[-1][2]
    share = number / 100 if unit or number > 1 else number
    return share if 0 <= share <= 1 else None


def read_summary(text: str) -> str | None:
    """The last `Summary:` line."""
    found = _SUMMARY.findall(text[-_TAIL:])
    return found[-1].strip() or None if found else None


def read_items(text: str) -> list[str] | None:
    """The items of a numbered or dashed list, at most 100; None without one."""
    return [item.strip() for item in _ITEM.findall(text[-_TAIL:])][:_MAX_ITEMS] or None


def read_word(text: str, name: str, words: Sequence[str]) -> str | None:
    """The last of `words` that is stated as `name: word`; None without one."""
    choice = "|".join(re.escape(word) for word in words)
    found = stated(re.compile(rf"\b{re.escape(name)}\b[\W_]{{0,12}}({choice})\b", re.IGNORECASE), text)
    return next((word for word in words if found and word.casefold() == found[-1][1].casefold()), None)


def read_grades(reply: str, sources: int) -> tuple[int, ...]:
    """The grades that a reply ends with, as `[[3, 5, 4]]`: those of the last pair of double brackets.

    An entry that is no whole number ("N/A") is a 0, and one above 5 is a 5.

    Returns:
        One grade for each of the `sources`, in the order in which the reader saw them; empty if their number differs.
    """
    last = ""
    for match in _GRADES.finditer(reply[-_TAIL:]):
        last = match[1]
    grades = tuple(min(int(entry), HIGHEST_GRADE) if _DIGITS.match(entry) else 0 for entry in last.split(","))
    return grades if last and len(grades) == sources else ()


def whole_object(text: str) -> Json | None:
    """The JSON object that all of a reply is, perhaps in a code fence; None if anything stands beside it."""
    fenced = _FENCED.fullmatch(text := text.strip().lstrip("\ufeff"))
    try:
        value = json.loads(fenced[1] if fenced else text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _after_marker(text: str) -> str:
    """The text after the last `Final ranking:`, `Approved:` or `Points:`; the whole end of the text without one."""
    tail = text[-_TAIL:]
    markers = stated(_FINAL, tail)
    return tail[markers[-1].end() :] if markers else tail


def _index(letter: str, candidates: int) -> int | None:
    index = LETTERS.find(letter) if len(letter) == 1 else -1
    return index if 0 <= index < candidates else None
