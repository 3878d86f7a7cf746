"""Free text: the same when the normal forms are equal; what is wholly a number counts as that number.

The normal form is NFKC, case folded, without emphasis, punctuation and articles, one space between words. There is no last
candidate in free text, but a reply of one line and at most 200 characters is itself the answer.
"""

from __future__ import annotations

import re
import unicodedata

from contemplate.answers.kind import NOTHING, Reading, Span, abstains, bare, folded
from contemplate.answers.number import numeric, wants_percent
from contemplate.text.patterns import regex
from contemplate.types import AnswerKind, Question

ONE_LINE = 200
"""The longest reply, in characters, that is taken for the answer as a whole."""

_EMPHASIS = regex(r"\*\*|__|`")
_EMPTY_FORM = regex(r"\W{0,9}answer\W{0,9}[<\[]", re.I)
_BRACKETS = regex(r"[\s()\[\]{}<>]*")
_QUOTE = regex(r"['’‘]")
_ARTICLE = regex(r"\b(?:a|an|the)\b")
_OPENER = regex(
    r"""(?x) (?: sure(?:[ ]thing)? | certainly | of[ ]course | okay | ok | alright | absolutely | great(?:[ ]question)?
    | thanks | thank[ ]you | hello | hi | got[ ]it | understood ) \b [ ]?"""
)
_PREAMBLE = regex(
    r"""(?x) (?: let[ ]me | let[ ]us | lets | ill | i[ ]will | i[ ]can[ ]help | i[ ]am[ ]going[ ]to | im[ ]going[ ]to | here[ ]is
    | here[ ]are | heres | first | to[ ](?:solve|answer|find|determine) | we[ ](?:need|can|will) | (?:i[ ]am[ ]|im[ ])?happy[ ]to
    | id[ ]be | i[ ]would[ ]be | thinking ) \b"""
)


class TextKind:
    """A name, a phrase, a short sentence."""

    name: AnswerKind = "text"
    span: Span = "phrase"

    def form(self, question: Question) -> str:  # noqa: ARG002 - the protocol's
        """The final line that a prompt asks for: the answer in a few words."""
        return "Answer: <your answer in a few words>"

    def read(self, text: str, question: Question) -> Reading | None:
        """The text as a whole, unless it abstains or only opens ("Sure!", "Let me think")."""
        text = bare(_EMPHASIS.sub("", bare(text)))
        if abstains(text):
            return NOTHING
        if only_opens(text):
            return None
        value = normal_form(text, percent=wants_percent(question))
        return Reading(text, value) if value else None

    def last(self, text: str, question: Question) -> Reading | None:
        """A reply of one line; nothing in a longer one."""
        text = text.strip()
        if "\n" in text or len(text) > ONE_LINE or text.endswith(":") or _EMPTY_FORM.match(text):
            return None
        return self.read(text, question)

    def reason(self, value: str) -> str:
        """The reason why two answers are the same: equal numbers, or one normal form."""
        return "same normal form" if numeric(value) is None else "equal number"

    def typed(self, value: str) -> str:
        """The normal form."""
        return value


def only_opens(text: str) -> bool:
    """Whether `text` opens a reply without answering: "Sure!", "Okay, let me think step by step"."""
    rest = _behind_openers(text)
    return rest == "" or (rest is not None and _PREAMBLE.match(rest) is not None)


def is_opener(text: str) -> bool:
    """Whether `text` is an opener and nothing else: "Sure!", "Okay, great question"."""
    return _behind_openers(text) == ""


def _behind_openers(text: str) -> str | None:
    """The words of `text` behind the openers that it begins with; None if it has no words."""
    words = folded(text[:300])
    rest = words
    while opener := _OPENER.match(rest):
        rest = rest[opener.end() :]
    return rest if words else None


def normal_form(text: str, *, percent: bool = False) -> str:
    """The normal form of `text`; empty if nothing is left of it."""
    value = numeric(text, percent=percent)
    if value is not None:
        return str(value)
    spelled = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    unquoted = _QUOTE.sub("", spelled)
    words = " ".join(unquoted.translate({ord(one): " " for one in set(unquoted) if _parts_words(one)}).split())
    if not words and _BRACKETS.fullmatch(spelled):
        return " ".join(spelled.split())
    return " ".join(_ARTICLE.sub(" ", words).split()) or words


def _parts_words(character: str) -> bool:
    """Whether it stands between words: punctuation, except the signs that carry meaning (C#, 5%, R&D, a@b, 1/2)."""
    return unicodedata.category(character)[0] in "PZC" and character not in "#%&@/"
