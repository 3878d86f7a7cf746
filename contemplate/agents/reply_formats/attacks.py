"""The format of a critic's verdict on one claim."""

from __future__ import annotations

import re
from collections.abc import Iterable

from contemplate.agents import parsing
from contemplate.agents.numbered import LONGEST_REASON
from contemplate.agents.reply_formats import fields as of
from contemplate.agents.reply_formats.base import Parsed, ReplyFormat
from contemplate.answers.reading import visible
from contemplate.text import one_line
from contemplate.text.patterns import regex
from contemplate.types import Found, Json

_REASON = regex(r"^[\W_]{0,6}reason\b[*_ \t]{0,6}[:：][ \t]{0,4}(.{1,1000})", re.IGNORECASE | re.MULTILINE)
_LINE = regex(r"^[^\n]{0,20}\bverdict\b[^\n]*$", re.IGNORECASE | re.MULTILINE)
_SPELLINGS = (("holds", "fails"), ("hold", "fail"), ("stands", "failed"), ("true", "false"))


def attack() -> ReplyFormat:
    """Whether a claim holds, found as the verdict "sound", "flawed" or "unclear", and why in one line, found as `reason`.

    Any reply can be read: one without a verdict is unclear.
    """
    fields: Json = {
        "reason": {"type": "string", "description": "the strongest objection, and whether it succeeds, in one or two sentences"},
        "verdict": {"type": "string", "enum": ["holds", "fails", "unclear"]},
    }
    tagged = 'End with two lines: "Reason: " and one sentence, then "Verdict: holds", "Verdict: fails" or "Verdict: unclear".'
    return ReplyFormat(tagged, _read, fields, _from_object)


def _read(text: str) -> Parsed:
    read: list[parsing.Verdict | None] = [parsing.read_verdict(text, good=good, bad=bad) for good, bad in _SPELLINGS]
    seen = visible(text)
    reasons = _REASON.findall(seen)
    reason = one_line(reasons[-1] if reasons else _LINE.sub("", seen), LONGEST_REASON)
    return Parsed(verdict=_first(read), found=Found(reason=reason))


def _from_object(row: Json) -> Parsed:
    spelled = [word for pair in _SPELLINGS for word in pair]
    said = of.word(row, "verdict", (*spelled, *parsing.VERDICTS)) or "unclear"
    read: list[parsing.Verdict | None] = [parsing.verdict_of(said, good=good, bad=bad) for good, bad in _SPELLINGS]
    reason = of.text(row, "reason") or ""
    found = Found(reason=one_line(reason, LONGEST_REASON), words=f"{reason}\nVerdict: {said}")
    return Parsed(verdict=_first(read), found=found)


def _first(verdicts: Iterable[parsing.Verdict | None]) -> parsing.Verdict:
    for verdict in verdicts:
        if verdict is not None:
            return verdict
    return "unclear"
