"""The attachments of a page: small pictures inside of the file, regions that were looked at, a policy to fit."""

from __future__ import annotations

import json
import re

from contemplate.types import AttachedPart, Attachment, AttachmentView, Blob, Look, Reading
from contemplate.viewer import page, page_model
from viewed import Viewed

THUMBNAIL = "data:image/jpeg;base64,/9j/4AAQ"
PART = AttachedPart(
    blob=Blob(sha256="a" * 64, mime="image/png", size=9, width=80, height=40),
    reading=Reading(text="seven <img src=x>", by="RapidOCR 3"),
    thumbnail=THUMBNAIL,
)
ATTACHMENT = Attachment(name="chart.png", media_type="image/png", sha256="b" * 64, size=9, parts=(PART,))


def test_pictures_regions_and_who_saw_them(viewed: Viewed) -> None:
    """What was read stands as text, never as markup."""
    run = viewed.runs["debate"]
    (first, sees), *others = run.turns
    look = Look(sha256=PART.blob.sha256, region=(10, 20, 50, 60), reading=Reading(text="7", by="RapidOCR 3"))
    seen = AttachmentView(name="chart.png", sha256=ATTACHMENT.sha256, view="itself")
    turn = first.model_copy(update={"views": (seen,), "looks": (look,)})
    question = run.head.question.model_copy(update={"attachments": (ATTACHMENT,)})
    shown = type(run)(
        **{**vars(run), "head": run.head.model_copy(update={"question": question}), "turns": [(turn, sees), *others]}
    )

    model = page_model(shown)
    (attachment,) = model.attachments
    (part,) = attachment.parts

    assert attachment.seen == (f"seen by {turn.seat} ({turn.model})",)
    assert (part.thumbnail, part.by, part.regions[0][:5]) == (THUMBNAIL, "RapidOCR 3", (10, 20, 50, 60, turn.seat))
    written = page(model)
    assert "img-src data:;" in written
    data = json.loads(re.findall(r'<script type="application/json" id="data">(.*?)</script>', written, re.DOTALL)[0])
    assert data["texts"][part.read or 0] == "seven <img src=x>"
    assert "<img src=x>" not in written


def test_a_page_without_them_allows_no_pictures(viewed: Viewed) -> None:
    """Its policy is what it was."""
    written = page(page_model(viewed.runs["debate"]))

    assert "img-src" not in written
    assert '"attachments":[]' in written
