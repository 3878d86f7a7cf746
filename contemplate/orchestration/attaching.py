"""Attachments before a run: they are opened once, kept in the ledger, and read where a model may need a reading."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from contemplate import log
from contemplate.attachments import OpenedPart, PartReading, Sense, opened, reader, readings, reads, remedy
from contemplate.errors import InputError, UnreachableError
from contemplate.ledger import Ledger
from contemplate.models.backends.progress import say
from contemplate.models.backends.routing import Router
from contemplate.orchestration.run_spec import RunSpec, every_model
from contemplate.text import one_line
from contemplate.types import AttachedPart, Attachment, Blob, Modality, Question, Reading

OF_THE_FILE = "the file"
"""Who has read words that stand in a PDF as text."""

_SENSES: dict[Modality, Sense] = {"image": "sight", "audio": "hearing"}


async def with_attachments(spec: RunSpec, ledger: Ledger, router: Router) -> RunSpec:
    """The spec with its attachments opened, their parts in the ledger, and read for models that may not take them.

    What was opened before stays as it is, so that a run that is done again has the same prompts.

    Raises:
        InputError: one can't be opened; or no model is known to take it, and what would read it is not installed.
        UnreachableError: the speech model can't be fetched, and some model can't hear.
    """
    question = spec.question
    if not question.attachments:
        return spec
    attachments = [one if one.parts else await _opened(one, ledger) for one in question.attachments]
    unsure, unable = await _in_need(spec, attachments, router)
    for modality, sense in _SENSES.items():
        if modality in unsure | unable:
            attachments = await _read(attachments, modality, sense, ledger, insist=modality in unable)
    changed = Question(**{**dict(question), "attachments": tuple(attachments)})
    return spec.model_copy(update={"question": changed})


async def _opened(attachment: Attachment, ledger: Ledger) -> Attachment:
    if attachment.content is None:
        raise InputError(f"attachment {one_line(attachment.name, 100)!r} has no bytes, as one from JSON: give its file")
    parts = await opened(attachment.content, attachment.media_type, attachment.name)
    for part in parts:
        await ledger.keep_blob(part.content)
    return attachment.model_copy(update={"parts": tuple(map(_part, parts)), "content": None})


def _part(part: OpenedPart) -> AttachedPart:
    blob = Blob(
        sha256=part.sha256,
        mime=part.media_type,
        size=len(part.content),
        width=part.width,
        height=part.height,
        seconds=part.seconds,
    )
    reading = Reading(text=part.text, by=OF_THE_FILE) if part.text else None
    return AttachedPart(blob=blob, where=part.where, reading=reading, thumbnail=part.thumbnail)


async def _in_need(spec: RunSpec, attachments: Collection[Attachment], router: Router) -> tuple[set[Modality], set[Modality]]:
    """What some model may not take, as nobody knows, and what some model is known not to take."""
    present: set[Modality] = {part.blob.modality for one in attachments for part in one.parts}
    unsure: set[Modality] = set()
    unable: set[Modality] = set()
    for model in every_model((*spec.models, *spec.changes.models.values()), spec.fallbacks, spec.cards):
        taken = await router.accepts(model)
        if taken is None:
            unsure |= present
        else:
            unable |= present - taken
    return unsure, unable


async def _read(
    attachments: list[Attachment], modality: Modality, sense: Sense, ledger: Ledger, *, insist: bool
) -> list[Attachment]:
    """The attachments with a reading of each part that needs one. Where nobody is known to need it, it may be missing."""
    waiting = list(dict.fromkeys(part.blob.sha256 for part in _unread(attachments, modality)))
    if not waiting:
        return attachments
    names = ", ".join(one_line(one.name, 60) for one in attachments if any(_unread([one], modality)))
    if not reads(sense):
        if insist:
            raise InputError(f"{names}: a model of this run takes no {modality}; {remedy(sense)}, or name a model that takes it")
        return attachments
    say(f"{names}: read by {reader(sense)}, once ...")
    contents = [content for sha256 in waiting if (content := await ledger.blob(sha256)) is not None]
    if len(contents) != len(waiting):
        raise InputError("the ledger has lost a part of an attachment: ask again with the file")
    model = await _speech_model(insist=insist) if sense == "hearing" else None
    if sense == "hearing" and model is None:
        return attachments
    came = dict(zip(waiting, await readings(contents, sense, model), strict=True))
    return [_with(one, came) for one in attachments]


async def _speech_model(*, insist: bool) -> Path | None:
    """The folder of the speech model; None where it can't be fetched, and nobody is known to need it."""
    from contemplate.models.backends.speech import speech_model

    try:
        return await speech_model()
    except UnreachableError as error:
        if insist:
            raise
        log.warning("sound is not read", why=str(error))
        return None


def _unread(attachments: Collection[Attachment], modality: Modality) -> Iterator[AttachedPart]:
    for attachment in attachments:
        yield from (part for part in attachment.parts if part.reading is None and part.blob.modality == modality)


def _with(attachment: Attachment, came: dict[str, PartReading]) -> Attachment:
    parts = tuple(
        part.model_copy(update={"reading": Reading(text=found.text, by=found.by)})
        if part.reading is None and (found := came.get(part.blob.sha256)) is not None
        else part
        for part in attachment.parts
    )
    return attachment.model_copy(update={"parts": parts})
