"""The format of a check of sentences against the claims that each names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from contemplate.agents import parsing
from contemplate.agents.reply_formats import fields as of
from contemplate.agents.reply_formats.base import Parsed, ReplyFormat
from contemplate.agents.stated import LOOKED_AT
from contemplate.answers.reading import visible
from contemplate.text import one_line
from contemplate.text.patterns import regex
from contemplate.types import Entailment, Found, Json

_REASON, _LAST = 300, 9_999
_YES = ("yes", "follows", "supported", "entailed")
_NO = ("no", "not supported", "unsupported", "does not follow", "not entailed")
_WORDS = "|".join(sorted((*_YES, *_NO), key=len, reverse=True))
_OPENS = regex(r"[^\w\n]{0,8}(?:sentence[^\w\n]{0,4})?[0-9]", re.IGNORECASE)
_VERDICT = regex(rf"(?<![0-9])([0-9]{{1,4}})[^\w\n]{{1,6}}(?:it[ ])?({_WORDS})\b", re.IGNORECASE)
_MISSING = regex(r"^[^\w\n]{0,8}(?:missing|left out)\b[^\w\n]{0,6}([^\n]{0,300})", re.IGNORECASE | re.MULTILINE)
_DIGITS = regex(r"[0-9]{1,4}")


def entailment(sentences: int, left_out: Collection[str]) -> ReplyFormat:
    """Whether each of so many numbered sentences follows from its claims, found as `entailments`, and which claims are missing.

    Any reply will do: what can't be read from it was not checked. So nobody is asked twice.

    Args:
        sentences: how many are shown, numbered from 1.
        left_out: the ids of the claims that may be missing, found as `missing`.
    """

    def said(rows: Iterable[tuple[int, bool, str]], missing: Iterable[str]) -> Parsed:
        found = {number: (follows, one_line(reason, _REASON)) for number, follows, reason in rows if 1 <= number <= sentences}
        checks = tuple(Entailment(sentence=number, follows=found[number][0], reason=found[number][1]) for number in sorted(found))
        lacking = tuple(dict.fromkeys(claim for claim in missing if claim in left_out))
        return Parsed(found=Found(entailments=checks, missing=lacking or None))

    def read(text: str) -> Parsed:
        text = visible(text)[-LOOKED_AT:]
        rows = [row for line in text.split("\n") for row in _in_line(line)]
        alone = parsing.read_yes_no(text) if sentences == 1 and not rows else None
        named = _MISSING.findall(text)
        return said([(1, alone, "")] if alone is not None else rows, _DIGITS.findall(named[-1]) if named else ())

    def from_object(row: Json) -> Parsed:
        rows = _in_value(of.value(row, "sentences"))
        missing = of.value(row, "missing")
        named = [digits for entry in missing for digits in _DIGITS.findall(str(entry)[:20])] if isinstance(missing, list) else []
        return said(rows, named)

    return ReplyFormat(_tagged(sentences, left_out), read, _fields(sentences, left_out), from_object)


def _tagged(sentences: int, left_out: Collection[str]) -> str:
    lines = f"each of the {sentences} sentences" if sentences > 1 else "the sentence"
    told = f'Write one line for {lines}: its number, then "yes", or "no" and why, as in "1: yes" or "1: no, no claim says when".'
    if not left_out:
        return told
    missing = 'the numbers of claims that no sentence names and that the answer must not lack, or "none"'
    return f'{told}\nEnd with one line: "Missing: " and {missing}.'


def _fields(sentences: int, left_out: Collection[str]) -> Json:
    """One short text a sentence: a small model that is to write an object with a reason for each comes to no end."""
    numbers = [str(number) for number in range(1, sentences + 1)]
    fields: Json = {
        "sentences": {
            "type": "object",
            "description": 'an object with "yes", or "no: " and why not, for the number of each sentence',
            "properties": {number: {"type": "string"} for number in numbers},
            "required": numbers,
            "additionalProperties": False,
        }
    }
    if left_out:
        told = "a list of the numbers of claims that no sentence names and that the answer must not lack; mostly empty"
        fields["missing"] = {"type": "array", "items": {"type": "string", "enum": list(left_out)}, "description": told}
    return fields


def _in_value(value: object) -> list[tuple[int, bool, str]]:
    """What an object by number says of the sentences, or a list of objects with a number each."""
    if isinstance(value, dict):
        return [found for name, said in value.items() for found in _in_entry(str(name), said)]
    listed = value if isinstance(value, list) else []
    return [found for entry in listed if isinstance(entry, dict) and (found := _in_row(entry)) is not None]


def _in_entry(name: str, said: object) -> list[tuple[int, bool, str]]:
    """What is said of the sentence of that name: a text, true or false, or an object."""
    number = of.number_in(name, 1, _LAST, "sentence")
    if number is None:
        return []
    if isinstance(said, dict):
        found = _in_row({**said, "number": number})
        return [] if found is None else [found]
    words = {True: "yes", False: "no"}[said] if isinstance(said, bool) else said
    return _in_line(f"{number:g}: {one_line(words, _REASON)}")[:1] if isinstance(words, str) else []


def _in_line(line: str) -> list[tuple[int, bool, str]]:
    """What a line says of sentences; the rest of it is the reason, if it is about one."""
    if _OPENS.match(line) is None:
        return []
    found = list(_VERDICT.finditer(line))
    reason = line[found[-1].end() :].strip(" \t,.:;–—-*") if len(found) == 1 else ""
    return [(int(match[1]), match[2].lower() in _YES, reason) for match in found]


def _in_row(row: Json) -> tuple[int, bool, str] | None:
    """What an object says of a sentence; None if that can't be read."""
    number, follows = of.number(row, "number", 1, _LAST), of.yes_no(row, "follows")
    return None if number is None or follows is None else (int(number), follows, of.text(row, "reason") or "")
