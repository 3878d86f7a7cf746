"""How long what a question comes with is, in tokens, about."""

from __future__ import annotations

from contemplate.types import Question

BYTES_PER_TOKEN = 4
"""So many bytes of UTF-8 a token usually has, in English; in code, numbers and most other languages it has fewer."""


def tokens_of(text: str) -> int:
    """How many tokens a text is, about."""
    return -(-len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN)


def length(question: Question) -> tuple[int, int]:
    """The characters of all that every agent is shown, and how many tokens they are, about."""
    texts = [question.text, *question.choices, question.system or ""]
    texts += [message.text for message in question.history]
    texts += [document.text for document in question.documents]
    texts += [part.reading.text for attachment in question.attachments for part in attachment.parts if part.reading is not None]
    size = sum(len(text.encode("utf-8", "replace")) for text in texts)
    return sum(map(len, texts)), -(-size // BYTES_PER_TOKEN)
