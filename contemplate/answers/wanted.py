"""Whether a question asks for more than a short answer: told by its words alone, the same every time."""

from __future__ import annotations

import re
from typing import Literal

from contemplate.text.patterns import regex

_ENDS = 4_000
"""How much of a long question's beginning and of its end is looked at, in characters: what is asked stands at one of them."""


def _any(words: str) -> str:
    """A pattern for any of `words`; a "_" is a space."""
    return "(?:" + "|".join(words.split()).replace("_", " ") + ")"


_TELLING = _any(
    "explain describe discuss compare contrast review draft design propose suggest recommend outline summari[sz]e critique argue"
    " brainstorm refactor implement rewrite improve debug justify elaborate compose sketch advise"
)
"""Verbs that no short answer obeys."""
_MAKING = _any("write create develop prepare make give_me produce build plan")
_MADE = _any(
    "plan essay story poem letter e-?mail report article post function class script program module tests? query"
    " guide tutorial decorator summary proposal speech review outline list schedule strategy roadmap policy"
    " checklist code paragraph description introduction overview analysis answer reply message specification budget"
    " trip menu agenda curriculum pitch"
)
"""Verbs that ask for an open answer together with what is to be made."""
_WEIGHED = _any(
    "risks? pros advantages? disadvantages? benefits? drawbacks? reasons? causes steps ways? options consequences implications"
    " practices alternatives arguments downsides challenges considerations approach(?:es)? strateg(?:y|ies) lessons ideas"
)
"""What a "what are the ..." asks to be weighed."""
_KIND_OF = _any("the some your good main key most possible likely important common best biggest typical all")
_WE = _any("i we you they one")

_SHORT_WANTED = regex(
    r"\bin (?:one|a single|a few|two|three) words?\b"
    r"|\b(?:one|single)[- ]word answer\b"
    r"|\b(?:yes or no|yes/no|true or false)\b"
    r"|\b(?:only|just) (?:give |write |state )?(?:the|an?|your) (?:final )?"
    + _any("answer name number word letter result value date")
    + r"\b|\b(?:your|the) (?:final )?answer (?:should|must) be\b",
    re.I,
)  # fmt: skip
_ANYWHERE = regex(
    r"\b(?:pros and cons|trade-?offs|in (?:some )?(?:detail|depth)|and why|what do you (?:think|recommend|suggest|advise))\b"
    r"|\bstep[- ]by[- ]step (?:plan|guide|instructions)\b"
    r"|\bexplain (?:briefly|why|how|what|your (?:choice|view|advice))\b"
    r"|\b(?:give|offer|tell) (?:me|us) (?:your |some )?(?:reasons|advice|feedback|examples|ideas|an? (?:plan|overview|summary))\b"
    r"|\b(?:help|advise) (?:me|us)\b",
    re.I,
)
_BEGINS = regex(
    r"(?:(?:please|kindly|now|then|and|so|first|also|hi|hello),? )*(?:(?:can|could|would|will) you (?:please )?)?(?:"
    + "|".join(
        (
            rf"{_TELLING}\b",
            rf"{_MAKING} (?:(?:me|us) )?{_any('an? the some our my this that')} (?:[a-z-]{{1,20}} ){{0,4}}?{_MADE}\b",
            rf"{_any('analy[sz]e evaluate assess')} {_any('this our my how whether these')}\b(?! (?:expression|integral|sum)\b)",
            r"why\b",
            rf"how {_any('do does did can could should would to might will')}\b",
            r"(?:should|shall)\b[^.!]*\?\Z",
            rf"what {_any('should could would')} {_WE}\b",
            rf"what (?:are|were|is|would be) (?:{_KIND_OF} ){{0,4}}{_WEIGHED}\b",
            rf"what (?:are|is) (?:{_KIND_OF} ){{0,4}}differences? between\b(?![^?]*\d)",
            rf"(?:which|what)\b[^?]{{1,120}}\bshould {_WE}\b",
            r"tell (?:me|us) (?:about|how|why|more)\b",
            r"(?:walk (?:me|us) through|show (?:me|us) how)\b",
            rf"list (?:{_KIND_OF} )(?:[a-z-]{{1,20}} ){{0,3}}?{_WEIGHED}\b",
        )
    )
    + ")",
    re.I,
)
_SENTENCE = regex(r"(?<=[.?!:])\s+|\n+")
_LIST_MARK = regex(r"^[\s>#*\-–•\d.)]+")


def wanted_kind(text: str) -> Literal["open", "text"]:
    """The kind of answer that a question asks for by its words, where nothing else says it.

    "open" where it asks for an explanation, advice, a plan, a review, a text or code: a sentence begins with such a demand
    ("Explain ...", "Why ...", "Should we ...?"), or it holds one ("pros and cons"). "text" for all else, and wherever a short
    answer is demanded ("in one word", "yes or no").

    Args:
        text: of the question, in English. Of a long one its first and last 4,000 characters are looked at.
    """
    text = text if len(text) <= 2 * _ENDS else f"{text[:_ENDS]}\n{text[-_ENDS:]}"
    if _SHORT_WANTED.search(text):
        return "text"
    if _ANYWHERE.search(text):
        return "open"
    sentences = (_LIST_MARK.sub("", sentence) for sentence in _SENTENCE.split(text.strip()))
    return "open" if any(map(_BEGINS.match, sentences)) else "text"
