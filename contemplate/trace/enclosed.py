"""What a question came with, in short: documents and attachments by digest, its history by length, system prompt, labels."""

from __future__ import annotations

from collections.abc import Iterator

from contemplate.text import one_line
from contemplate.trace.attached import attachment_line, attachment_row
from contemplate.types import Json

_SYSTEM = 200
"""How much of a system prompt is shown, in characters."""


def enclosed(question: Json) -> Json:
    """What a question in its stored form came with; nothing for one that came with nothing.

    Returns:
        `documents`: name, media type, characters and SHA-256 of each, and its label of privacy if it has one; `attachments`: the
            same with bytes in place of characters, and what has read them; `earlier_messages`: how many; `system`: the prompt;
            `privacy`: the question's own label.
    """
    documents = [
        {
            "name": one["name"],
            "media_type": one["media_type"],
            "characters": len(one["text"]),
            "sha256": one["sha256"],
            **({"pages": len(one["pages"])} if one["pages"] else {}),
            **({"privacy": one["privacy"]} if "privacy" in one else {}),
        }
        for one in question.get("documents", ())
    ]
    found: Json = {
        "documents": documents,
        "attachments": [attachment_row(one) for one in question.get("attachments", ())],
        "earlier_messages": len(question.get("history", ())),
        "system": question.get("system"),
        "privacy": question.get("privacy"),
    }
    return {name: value for name, value in found.items() if value}


def lines(found: Json) -> Iterator[str]:
    """The same for a person, a line each; what is in them is not yet made harmless."""
    if label := found.get("privacy"):
        yield f"privacy: {label}"
    for one in found.get("documents", ()):
        label = f", privacy {one['privacy']}" if "privacy" in one else ""
        pages = f", {one['pages']} page{'s' * (one['pages'] != 1)}" if "pages" in one else ""
        name = one_line(one["name"], 200)
        size = f"{one['characters']:,} characters{pages}"
        yield f"document {name}: {one['media_type']}, {size}, SHA-256 {one['sha256'][:12]}{label}"
    yield from map(attachment_line, found.get("attachments", ()))
    if many := found.get("earlier_messages"):
        yield f"history: {many} earlier messages"
    if system := found.get("system"):
        yield f"system prompt: {one_line(system, _SYSTEM)}"
