"""The sentences of a reply that lists no claims, each taken for one, where no call is left to ask for better."""

from __future__ import annotations

import re
from collections.abc import Iterable

from contemplate.claims.listed import LONGEST, Listed, as_claim, kept
from contemplate.claims.words import words_of
from contemplate.text.patterns import regex
from contemplate.text.thinking import without_thinking

_LOOKED_AT = 60_000
_SENTENCES = 400
_FENCED = regex(r"^[ \t]{0,8}(```|~~~)[^\n]*\n[\s\S]*?(?:^[ \t]{0,8}\1[^\n]*$|\Z)", re.MULTILINE)
_HEADING = regex(r"\s*(?:#{1,6}\s|\*\*[^*]{1,80}\*\*:?\s*\Z|[|>]|-{3,}\s*\Z|={3,}\s*\Z)")
_MARK = regex(r"\s*(?:[-*•–+]|[(\[]?\d{1,3}[.)\]])\s+")
_LEAD = regex(r"\*\*([^*\n]{1,80}?):?\*\*:?\s")
_END = regex(r"(?<=[.!?…])[\"'”’)\]*_]{0,3}\s+(?=[\"'“(\[*_]{0,3}[^\W\d_a-z]|\d)|(?<=[。！？])")
_NO_END = regex(r"(?:\b(?:e\.g|i\.e|cf|vs|etc|approx|no|fig|mr|mrs|ms|dr|st|bzw|ca|z\.\s?B|d\.\s?h)|\A\d{1,3})\.\Z", re.I)
_PLEASANTRY = regex(
    r"""(?xi) [\W_]* (?: (?:sure|certainly|of\ course|absolutely|great|okay|ok|thanks|thank\ you|hello|hi|good\ luck|sorry)\b
    | (?:i|we)\ (?:hope|trust|would\ be\ happy|am\ happy|can\ help|will\ (?:now\ )?(?:explain|describe|list|discuss))\b
    | (?:let\ me|let['’]?s|let\ us|feel\ free|please|if\ you\ (?:have|need|want|would)|here\ (?:is|are)|here['’]s|below)\b
    | i['’](?:ll|d|m)\b | as\ an\ ai\b | this\ is\ a\ (?:great|good)\ question )"""
)
_REFERS_BACK = regex(
    r"""(?xi) ["'“(]? (?: (?:this|these|that|those|it|its|they|their|such|he|she|both|otherwise|similarly|likewise)\b
    | (?:for\ example|for\ instance|example|e\.g|in\ (?:this|that|such|these|those|both)|because\ of\ (?:this|that))\b )"""
)
_QUESTION = regex(r"[?？]\W*\Z")
_FEWEST = 2
"""A sentence with fewer content words says too little to be held for a claim."""


def sentences(reply: str) -> Listed:
    """The claims of a reply, sentence by sentence: no code, no headings, no questions, no pleasantries.

    Args:
        reply: any text; of a long one the beginning is looked at.
    """
    text = without_thinking(reply[:_LOOKED_AT].replace("\r\n", "\n").replace("\r", "\n"))
    text = _FENCED.sub("\n", text)
    found: list[str] = []
    for line in text.split("\n"):
        if _HEADING.match(line) or line.rstrip().endswith((":", "：")):
            continue
        mark = _MARK.match(line)
        body = line[mark.end() :] if mark else line
        found += _readable_alone(filter(_claims, apart(_LEAD.sub(r"\1: ", body, count=1))))
        if len(found) > _SENTENCES:
            break
    return kept(found, reply)


def _readable_alone(parts: Iterable[str]) -> list[str]:
    """The sentences of a line, those that speak of the one before ("It should be used where ...") joined to it."""
    found: list[str] = []
    for part in parts:
        if found and _REFERS_BACK.match(part) and len(found[-1]) + len(part) < LONGEST:
            found[-1] += f" {part}"
        else:
            found.append(part)
    return found


def apart(text: str) -> list[str]:
    """The sentences of a line."""
    parts: list[str] = []
    start = 0
    for end in _END.finditer(text):
        if not _NO_END.search(text[start : end.start()]):
            parts.append(text[start : end.end()].strip())
            start = end.end()
    return [*parts, text[start:].strip()]


def _claims(sentence: str) -> bool:
    """Whether a sentence says something that can be held or denied."""
    claim = as_claim(sentence)
    if not claim or _QUESTION.search(claim) or _PLEASANTRY.match(claim):
        return False
    return len(words_of(claim).content) >= _FEWEST
