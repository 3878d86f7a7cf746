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
from contemplate.types import Entailment, Found, Json

_REASON = 300
_YES = ("yes", "follows", "supported", "entailed")
_NO = ("no", "not supported", "unsupported", "does not follow", "not entailed")
_WORDS = "|".join(sorted((*_YES, *_NO), key=len, reverse=True))
_OPENS = re.compile(r"[^\w\n]{0,8}(?:sentence[^\w\n]{0,4})?[0-9]", re.IGNORECASE)
_VERDICT = re.compile(rf"(?<![0-9])([0-9]{{1,4}})[^\w\n]{{1,6}}(?:it[ ])?({_WORDS})\b", re.IGNORECASE)
_MISSING = re.compile(r"^[^\w\n]{0,8}(?:missing|left out)\b[^\w\n]{0,6}([^\n]{0,300})", re.IGNORECASE | re.MULTILINE)
_DIGITS = re.compile(r"[0-9]{1,4}")


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
        listed = of.value(row, "sentences")
        rows = [_in_row(entry) for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
        missing = of.value(row, "missing")
        named = [digits for entry in missing for digits in _DIGITS.findall(str(entry)[:20])] if isinstance(missing, list) else []
        return said([found for found in rows if found is not None], named)

    return ReplyFormat(_tagged(sentences, left_out), read, _fields(left_out), from_object)


def _tagged(sentences: int, left_out: Collection[str]) -> str:
    lines = f"each of the {sentences} sentences" if sentences > 1 else "the sentence"
    told = f'Write one line for {lines}: its number, then "yes", or "no" and why, as in "1: yes" or "1: no, no claim says when".'
    if not left_out:
        return told
    missing = 'the numbers of claims that no sentence names and that the answer must not lack, or "none"'
    return f'{told}\nEnd with one line: "Missing: " and {missing}.'


def _fields(left_out: Collection[str]) -> Json:
    rule: Json = {
        "number": {"type": "integer"},
        "follows": {"type": "string", "enum": ["yes", "no"]},
        "reason": {"type": "string", "description": "why not; empty if it does"},
    }
    one = {"type": "object", "properties": rule, "required": list(rule), "additionalProperties": False}
    words = '{"number": 1, "follows": "yes" or "no", "reason": "why not"} for each sentence'
    fields: Json = {"sentences": {"type": "array", "items": one, "description": f"a list of {words}"}}
    if left_out:
        told = "a list of the numbers of claims that no sentence names and that the answer must not lack; mostly empty"
        fields["missing"] = {"type": "array", "items": {"type": "string", "enum": list(left_out)}, "description": told}
    return fields


def _in_line(line: str) -> list[tuple[int, bool, str]]:
    """What a line says of sentences; the rest of it is the reason, if it is about one."""
    if _OPENS.match(line) is None:
        return []
    found = list(_VERDICT.finditer(line))
    reason = line[found[-1].end() :].strip(" \t,.:;–—-*") if len(found) == 1 else ""
    return [(int(match[1]), match[2].lower() in _YES, reason) for match in found]


def _in_row(row: Json) -> tuple[int, bool, str] | None:
    """What an object says of a sentence; None if that can't be read."""
    number, follows = of.number(row, "number", 1, 9999), of.yes_no(row, "follows")
    return None if number is None or follows is None else (int(number), follows, of.text(row, "reason") or "")
