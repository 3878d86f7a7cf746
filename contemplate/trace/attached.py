"""Attachments in a trace: what a question came with, who was shown which itself, and who a reading of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contemplate.text import one_line
from contemplate.types import Attachment, AttachmentView, Json, Turn

_NAME = 200
_MOST = 12
"""How many are named of those who saw something."""


def attachment_row(attachment: Json) -> Json:
    """An attachment in its stored form, in short: what it is, and which programs have read it."""
    read = dict.fromkeys(part["reading"]["by"] for part in attachment.get("parts", ()) if part.get("reading"))
    return {
        "name": attachment["name"],
        "media_type": attachment["media_type"],
        "bytes": attachment["size"],
        "sha256": attachment["sha256"],
        **({"parts": count} if (count := len(attachment.get("parts", ()))) > 1 else {}),
        **({"read_by": list(read)} if read else {}),
        **({"privacy": attachment["privacy"]} if "privacy" in attachment else {}),
    }


def attachment_line(row: Json) -> str:
    """The same for a person; what is in it is not yet made harmless."""
    parts = f", {row['parts']} parts" if "parts" in row else ""
    label = f", privacy {row['privacy']}" if "privacy" in row else ""
    read = f", read by {one_line(' and '.join(row['read_by']), 200)}" if "read_by" in row else ""
    about = f"{row['media_type']}, {row['bytes']:,} bytes{parts}, SHA-256 {row['sha256'][:12]}{read}{label}"
    return f"attachment {one_line(row['name'], _NAME)}: {about}"


def seen_lines(attachments: Sequence[Attachment], turns: Sequence[Turn]) -> Iterator[str]:
    """Who was shown each attachment itself, and who a reading of it and by which program: a line each."""
    for attachment in attachments:
        told = [f"{how} {who}" for how, who in seen_by(attachment, turns)]
        if told:
            yield f"{one_line(attachment.name, _NAME)}: {'; '.join(told)}"


def seen_by(attachment: Attachment, turns: Sequence[Turn]) -> Iterator[tuple[str, str]]:
    """How an attachment was shown, and to whom, as far as anybody was shown it.

    "seen by" (or "heard by") and seats; "read by PROGRAM to" and seats.
    """
    taken = "heard by" if attachment.media_type.startswith("audio/") else "seen by"
    for view, how in (("itself", taken), ("reading", f"read by {_readers(attachment)} to")):
        who = dict.fromkeys(
            f"{turn.seat} ({one_line(turn.model, 80)})"
            for turn in turns
            if any(one.view == view and one.sha256 == attachment.sha256 for one in turn.views)
        )
        if who:
            more = f" and {len(who) - _MOST} more" if len(who) > _MOST else ""
            yield how, ", ".join(list(who)[:_MOST]) + more


def _readers(attachment: Attachment) -> str:
    found = dict.fromkeys(one_line(part.reading.by, 80) for part in attachment.parts if part.reading is not None)
    return " and ".join(found) or "a program"


def shown(views: Sequence[AttachmentView]) -> str:
    """What one agent was shown, in a few words; empty for nothing."""
    words = {"itself": "{}", "reading": "a reading of {}"}
    return ", ".join(words[one.view].format(one_line(one.name, 80)) for one in views)
