"""The format of a question that is put more tightly."""

from __future__ import annotations

import re

from contemplate.agents.reply_formats import fields as of
from contemplate.agents.reply_formats.base import Parsed, ReplyFormat
from contemplate.answers.reading import visible
from contemplate.types import Found, Json, Refinement

LONGEST = 4_000
"""The longest part that is kept, in characters."""
_MOST_KNOWN = 50
_NAMES = {"goal": "goal", "known": "known", "wanted form": "wanted", "when unsure": "unsure", "question": "question"}
_LABEL = re.compile(
    rf"^[ \t]{{0,8}}(?:[-*•][ \t]{{1,4}})?[*_#]{{0,4}}[ \t]{{0,2}}({'|'.join(_NAMES)})[*_]{{0,3}}[ \t]{{0,2}}[:：][*_]{{0,3}}",
    re.IGNORECASE | re.MULTILINE,
)
_PARTS = re.compile(r"\n|;")
_FIELDS: Json = {
    "goal": {"type": "string", "description": "what is to be reached, in one sentence"},
    "known": {"type": "array", "items": {"type": "string"}, "description": "list of what the question gives, in its own words"},
    "wanted": {"type": "string", "description": "the form of the answer that is wanted"},
    "unsure": {"type": "string", "description": "what to do where the question leaves something open"},
    "question": {"type": "string", "description": "the question, put tightly"},
}
_TAGGED = (
    'Write five parts, each on a line of its own that begins with its name: "Goal: ", "Known: " (parted by semicolons), '
    '"Wanted form: ", "When unsure: ", and last "Question: " and the question, put tightly.'
)


def refinement() -> ReplyFormat:
    """A question put more tightly, found as `refinement`; the other parts may be missing, the question not."""
    return ReplyFormat(_TAGGED, _read, _FIELDS, _from_object)


def _read(text: str) -> Parsed | None:
    text = visible(text)
    marks = [*_LABEL.finditer(text)]
    parts: dict[str, str] = {}
    for mark, end in zip(marks, [*(mark.start() for mark in marks[1:]), len(text)], strict=False):
        parts[_NAMES[mark[1].lower()]] = _clean(text[mark.end() : end])
    return _parsed(parts, _PARTS.split(parts.get("known", "")))


def _from_object(row: Json) -> Parsed | None:
    given = of.value(row, "known")
    known = _PARTS.split(given) if isinstance(given, str) else of.texts(row, "known")
    return _parsed({name: _clean(of.text(row, name) or "") for name in ("goal", "wanted", "unsure", "question")}, known)


def _parsed(parts: dict[str, str], known: list[str]) -> Parsed | None:
    if not parts.get("question"):
        return None
    given = tuple(filter(None, (_clean(one.strip(" -*•\t")) for one in known)))[:_MOST_KNOWN]
    return Parsed(found=Found(refinement=Refinement(**{**parts, "known": given})))  # type: ignore[arg-type]  # texts but for one


def _clean(text: str) -> str:
    return text.strip()[:LONGEST].strip()
