"""The attachments of a page: small pictures, what was read in them, who was shown which, and what was looked at."""

from __future__ import annotations

from contemplate.text.visible import clipped
from contemplate.trace.attached import seen_by
from contemplate.types import AttachedPart, Attachment
from contemplate.viewer.model import AttachmentPage, PictureView
from contemplate.viewer.stored import StoredRun
from contemplate.viewer.texts import Texts

_MOST_PICTURES = 48
"""How many small pictures a page holds."""
_MOST_REGIONS = 40
"""How many regions are marked in one."""


def attachments(run: StoredRun, texts: Texts) -> tuple[AttachmentPage, ...]:
    """The attachments of the question of a run; none where it came with none."""
    turns = [turn for turn, _ in run.turns]
    room, pages = _MOST_PICTURES, []
    for attachment in run.head.question.attachments:
        parts = []
        for part in attachment.parts:
            parts.append(_part(part, run, texts, with_picture=room > 0))
            room -= bool(part.thumbnail)
        seen = tuple(clipped(f"{how} {who}", 1_000) for how, who in seen_by(attachment, turns))
        pages.append(AttachmentPage(name=clipped(attachment.name, 200), about=_about(attachment), seen=seen, parts=tuple(parts)))
    return tuple(pages)


def _about(attachment: Attachment) -> str:
    label = "" if attachment.privacy == "any" else f", privacy {attachment.privacy}"
    return clipped(f"{attachment.media_type}, {attachment.size:,} bytes, SHA-256 {attachment.sha256[:12]}{label}", 300)


def _part(part: AttachedPart, run: StoredRun, texts: Texts, *, with_picture: bool) -> PictureView:
    reading = part.reading
    looks = [(turn, look) for turn, _ in run.turns for look in turn.looks if look.sha256 == part.blob.sha256]
    return PictureView(
        where=clipped(part.where, 60),
        thumbnail=part.thumbnail if with_picture else "",
        read=None if reading is None else texts.add(reading.text or "(no words were found)"),
        by="" if reading is None else clipped(reading.by, 100),
        regions=tuple(
            (
                *look.region,
                clipped(turn.seat, 60),
                None if look.reading is None else texts.add(look.reading.text or "(no words were found)"),
            )
            for turn, look in looks[:_MOST_REGIONS]
        ),
    )
