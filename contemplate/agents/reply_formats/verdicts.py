"""The format of verdicts on a reply."""

from __future__ import annotations

from contemplate.agents import parsing
from contemplate.agents.reply_formats import fields as of
from contemplate.agents.reply_formats.base import WORK, Parsed, ReplyFormat
from contemplate.types import Found, Json

DIGEST_WORDS = 60
"""How long the digest of a reply may be, in words."""


def verdict(*, good: str = "sound", bad: str = "flawed", digest: bool = False) -> ReplyFormat:
    """Whether a reply holds, perhaps with a digest of it.

    Args:
        good, bad: the words for it; those that models use in their place are read too.
        digest: ask for the decisive steps of the reply in a few words, found as `digest`.
    """
    short = f"the decisive steps of the reply you checked, at most {DIGEST_WORDS} words, without judging them"
    fields: Json = {"check": {**WORK, "description": "your check, step by step; quote the first wrong step if there is one"}}
    if digest:
        fields["summary"] = {"type": "string", "description": short}
    fields["verdict"] = {"type": "string", "enum": [good, bad]}

    def read(text: str) -> Parsed | None:
        concluded = parsing.read_verdict(text, good=good, bad=bad)
        if concluded is None:
            return None
        return Parsed(verdict=concluded, found=Found(digest=_clipped(parsing.read_summary(text)) if digest else None))

    def from_object(row: Json) -> Parsed | None:
        said = of.word(row, "verdict", (good, bad, *parsing.VERDICTS))
        if said is None:
            return None
        words = f"{of.value(row, 'check')}\nVerdict: {of.value(row, 'verdict')}"
        found = Found(digest=_clipped(of.text(row, "summary")), words=words)
        return Parsed(verdict=parsing.verdict_of(said, good=good, bad=bad), found=found)

    tagged = f'End with one line: "Verdict: {good}" or "Verdict: {bad}".'
    if digest:
        tagged = f'Then write one line "Summary: " and {short}.\n{tagged}'
    return ReplyFormat(tagged, read, fields, from_object)


def _clipped(text: str | None) -> str | None:
    """At most twice `DIGEST_WORDS` words of `text`, on one line; None if there are none."""
    words = (text or "").split()
    if not words:
        return None
    return " ".join(words[: 2 * DIGEST_WORDS])[:1000] + (" ..." if len(words) > 2 * DIGEST_WORDS else "")
