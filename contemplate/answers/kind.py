"""Answer kinds: how one sort of answer is read, and when two of its answers are the same."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, Protocol

from contemplate.text.patterns import regex
from contemplate.types import AnswerKind, Question

Span = Literal["line", "phrase", "lines", "value", "whole"]
"""How far a statement goes: to the end of its line, where brackets alone may say something ("phrase") or nothing, over the lines
of a list, over a JSON value, or over all of the reply."""

_MARKUP = "*_`~\"'“”‘’"
_END_TAG = regex(r"(?:</s>|<\|[a-z_]{1,20}\|>|<(?:eos|end_of_turn)>|```)\s*$", re.I)
_ABSTENTION = regex(
    r"""(?x)
      (?: (?:sorry|unfortunately) [ ] )? (?:i|we) [ ] (?:really[ ]|still[ ])?
        (?: do[ ]not | dont | cannot | cant | could[ ]not | couldnt | (?:am|are)[ ](?:not[ ]able|unable)[ ]to )
        [ ] (?:know|determine|say|tell|answer|solve|find|provide|decide)\b
    | (?: (?:it|this|the[ ]answer|the[ ]question|this[ ](?:problem|question)) [ ] )?
        (?: cannot | can[ ]not | cant | could[ ]not ) [ ] be [ ] (?:determined|solved|answered|known|calculated|computed|found)\b
    | (?: cannot | can[ ]not | cant | could[ ]not | impossible[ ]to ) [ ] (?:determine|tell|say|answer|solve|calculate|compute)\b
    | (?: [a-z]{1,30} [ ] ){1,12} (?: cannot | can[ ]not | could[ ]not ) [ ] be [ ] (?:[a-z]{1,20}ly[ ])?
        (?:determined|solved|answered) (?: [ ] [a-z]{1,30} ){0,6} \Z
    | (?: (?:i|we) [ ] (?:am|are) [ ] | im [ ] )? (?: not[ ]sure | unsure | unable[ ]to ) \b
    | (?: there [ ] is [ ] )? (?: not[ ]enough | insufficient ) [ ] (?:information|data)\b
    | (?: none | null | nil | unknown | undetermined | n[ ]?a | no[ ]answer ) \Z
    """
)


_DENIAL = regex(r"\W{0,4}(?:not|never)\s(?!\s?(?:counting|including|considering|only)\b)", re.I)


class Reading(NamedTuple):
    """An answer that was found: as it stood, and in canonical form."""

    text: str
    value: str


NOTHING = Reading("", "")
"""What a statement reads as that takes itself back: an abstention, or a choice of two options. The search ends there."""


class Kind(Protocol):
    """One kind of answer. Both readings are total, take time linear in the text, and never run what they read."""

    @property
    def name(self) -> AnswerKind:
        """The name of the kind, as a question says it."""
        ...

    @property
    def span(self) -> Span:
        """The length of a statement: to the end of the line, or further."""
        ...

    def form(self, question: Question) -> str:
        """The form of the final line that a prompt asks for, as `Answer: <number>`."""
        ...

    def read(self, text: str, question: Question) -> Reading | None:
        """Read `text` that as a whole is said to be the answer: a stated line, a box, a gold answer.

        Returns:
            The answer; `NOTHING` if the text says that there is none; None if it can't be read, so that the search goes on.
        """
        ...

    def last(self, text: str, question: Question) -> Reading | None:
        """Find the last candidate in a reply that names no answer."""
        ...

    def reason(self, value: str) -> str:
        """The reason why two answers of the canonical form `value` are the same."""
        ...

    def typed(self, value: str) -> object:
        """The Python value of an answer of the canonical form `value`."""
        ...


def bare(text: str) -> str:
    """`text` without what stands around an answer: emphasis, quotes, end tags, a closing stop."""
    before = None
    while before != text:
        before = text
        text = _END_TAG.sub("", text.strip()).strip().strip(_MARKUP).rstrip(".,;:。").strip()
    return text


def folded(text: str) -> str:
    """Lower case words and digits only, one space between them; apostrophes vanish."""
    return re.sub(r"[\W_]+", " ", re.sub("['’]", "", text.casefold())).strip()


def denies(text: str) -> bool:
    """Whether `text` only says what the answer is not ("not 5")."""
    return _DENIAL.match(text) is not None


def abstains(text: str) -> bool:
    """Whether `text` says that there is no answer ("I don't know", "none"), or is empty."""
    text = bare(text)
    words = folded(text[:300])
    return not text or _ABSTENTION.match(words) is not None
