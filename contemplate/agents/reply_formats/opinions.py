"""The format of what a seat thinks of numbered claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from contemplate.agents.numbered import LONGEST_REASON, Said, Vocabulary
from contemplate.agents.reply_formats import fields as of
from contemplate.agents.reply_formats.base import Parsed, ReplyFormat
from contemplate.text import one_line
from contemplate.types import Found, Json, Opinion, Side

_LABELS: dict[str, Side] = {"agree": "for", "disagree": "against", "unsure": "unsure"}
_WORDS = Vocabulary(
    sure={
        "agree": r"agree[sd]?|✓|✔|✅",
        "disagree": (
            r"disagree[sd]?|(?:do|does|can)(?:\snot|n['’]?t)\sagree|cannot\sagree|not\s(?:true|correct|right|accurate)|✗|✘|❌"
        ),
        "unsure": (
            r"unsure|uncertain|unclear|undecided|not\s(?:sure|certain)|(?:can(?:['’]t|not|\snot)|hard\sto)\s(?:tell|say|judge)"
            r"|(?:don['’]t|do\snot)\sknow|part(?:ly|ially)\s(?:agree[sd]?|disagree[sd]?|true|correct|right)|it\sdepends|neutral"
        ),
    },
    loose={
        "agree": "true|correct|right|valid|accurate|yes|holds|supported|accept(?:ed)?",
        "disagree": "false|untrue|incorrect|wrong|invalid|inaccurate|no|reject(?:ed)?|refuted?|fails",
        "unsure": r"unknown|depends|mixed|partly|partially|skip|n/?a|\?",
    },
)


def opinions(claims: Mapping[str, str]) -> ReplyFormat:
    """A stance on each of several claims, which are shown numbered from 1 in their order; found as `opinions` by their ids.

    Any reply can be read: of what it says nothing clear, its author is unsure. A reason that is the claim again is none.

    Args:
        claims: the texts by id, in the order in which they are shown.
    """
    ids = [*claims]

    def said(found: Mapping[int, Said], *, words: str | None = None) -> Parsed:
        stated = {
            number: Opinion(side=_LABELS[label], reason=_own(reason, claims[ids[number]]))
            for number, (label, reason) in found.items()
        }
        by_id = {claim: stated.get(number, Opinion(side="unsure")) for number, claim in enumerate(ids)}
        return Parsed(found=Found(opinions=by_id, words=words))

    def from_object(row: Json) -> Parsed:
        found = dict(_entries(of.value(row, "claims") or row, len(ids)))
        lines = [f"{number + 1}. {label}: {reason}" for number, (label, reason) in sorted(found.items())]
        return said(found, words="\n".join(lines))

    tagged = (
        f'Write one line for each of the {len(ids)} claims: its number, "agree", "disagree" or "unsure", then a short reason,'
        ' as in "1. agree: because ...".'
    )
    return ReplyFormat(tagged, lambda text: said(_WORDS.read(text, len(ids), claims.values())), _fields(), from_object)


def _own(reason: str, claim: str) -> str:
    """`reason`, unless it is the claim again, as small models write it."""
    again = claim.casefold().startswith(reason.casefold().rstrip(".… "))
    return "" if again else reason


def _fields() -> Json:
    number = {"type": "integer", "description": "of the claim"}
    reason = {"type": "string", "description": "in one short line"}
    properties: Json = {"number": number, "reason": reason, "stance": {"type": "string", "enum": [*_LABELS]}}
    entry = {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}
    form = '{"number": <of the claim>, "reason": <in one short line>, "stance": <"agree", "disagree" or "unsure">}'
    told = f"a list with an object for each claim: {form}"
    return {"claims": {"type": "array", "items": entry, "description": told}}


def _entries(given: object, count: int) -> dict[int, Said]:
    """What an object says of claims, as a list of entries with a number, of as many without, or by their numbers."""
    if isinstance(given, list):
        entries = cast("list[object]", given)[:1_000]
        numbered = [(_number(entry), entry) for entry in entries]
        if len(entries) == count and all(number is None for number, _ in numbered):
            numbered = [*enumerate(entries)]
    elif isinstance(given, dict):
        rows = cast("dict[str, object]", given)
        numbered = [(_index(name), entry) for name, entry in rows.items()]
    else:
        return {}
    said: dict[int, list[Said]] = {}
    for number, entry in numbered:
        if number is not None and 0 <= number < count and (stated := _stated(entry)):
            said.setdefault(number, []).append(stated)
    return {number: each[0] for number, each in said.items() if len({label for label, _ in each}) == 1}


def _number(entry: object) -> int | None:
    named = (of.value(cast("Json", entry), name) for name in ("number", "claim", "id")) if isinstance(entry, dict) else ()
    return next((index for given in named if (index := _index(given)) is not None), None)


def _index(given: object) -> int | None:
    """The index that a number of a claim means, as an integer or as a text ("3", "Claim 3")."""
    if isinstance(given, str):
        given = of.number_in(given, 1, 999, "claim")
    return int(given) - 1 if isinstance(given, int | float) and not isinstance(given, bool) and 1 <= given <= 999 else None  # noqa: PLR2004


def _stated(entry: object) -> Said | None:
    if isinstance(entry, bool):
        return ("agree" if entry else "disagree"), ""
    if isinstance(entry, str):
        return None if (label := _WORDS.label(entry)) is None else (label, "")
    if not isinstance(entry, dict):
        return None
    row = cast("Json", entry)
    words = (of.value(row, name) for name in ("stance", "verdict", "side", "opinion", "answer"))
    label = next((label for word in words if isinstance(word, str) and (label := _WORDS.label(word))), None)
    return None if label is None else (label, one_line(of.text(row, "reason") or "", LONGEST_REASON))
