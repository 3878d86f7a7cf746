"""Open answers: all of a reply is the answer, as long as it takes. Two are the same only where their normal forms are."""

from __future__ import annotations

from contemplate.answers.kind import NOTHING, Reading, Span, abstains
from contemplate.answers.text import is_opener, normal_form
from contemplate.types import AnswerKind, Question, digest

WHOLE = "All of your reply is the answer: write it in full, for a reader who sees nothing else."
"""The sentence that asks for an open answer."""

_SHORT = 300
"""The longest reply, in characters, that may be nothing but a refusal."""


class OpenKind:
    """A plan, advice, an explanation, a text, code."""

    name: AnswerKind = "open"
    span: Span = "whole"

    def form(self, question: Question) -> str:  # noqa: ARG002 - the protocol's
        """The form of an open answer: none."""
        return "<your answer in full>"

    def read(self, text: str, question: Question) -> Reading | None:  # noqa: ARG002 - the protocol's
        """The text as a whole, unless it is a short refusal, or only opens ("Sure!")."""
        text = text.strip()
        if not text or (len(text) <= _SHORT and "\n" not in text and abstains(text)):
            return NOTHING
        if len(text) <= _SHORT and is_opener(text):
            return None
        value = normal_form(text)
        return Reading(text, digest(value)) if value else None

    def last(self, text: str, question: Question) -> Reading | None:
        """The same: nothing in an open answer is more of an answer than the rest."""
        return self.read(text, question)

    def reason(self, value: str) -> str:  # noqa: ARG002 - the protocol's
        """The reason why two answers are the same."""
        return "same normal form"

    def typed(self, value: str) -> str:
        """The digest of the normal form; `contemplate.answers.typed` gives the text."""
        return value
