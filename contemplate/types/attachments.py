"""Pictures, pages, sound and film that a question comes with, and what programs read in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from os import PathLike
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from contemplate.errors import InvalidValueError
from contemplate.types.base import Json, Value
from contemplate.types.messages import Blob
from contemplate.types.privacy import Privacy

if TYPE_CHECKING:
    from contemplate.attachments import GivenFile, Looked, Picture

View = Literal["itself", "reading"]
"""How an agent was shown an attachment: it, or what a program read in it."""
Percent = Annotated[float, Field(ge=0, le=100)]


class Reading(Value):
    """What a program read in a part.

    Attributes:
        text: the words; empty where it found none, which does not say that there are none.
        by: the program, as "RapidOCR 3.10.0"; "the file" for words that stand in a PDF as text.
    """

    text: str
    by: str


class AttachedPart(Value):
    """A part of an attachment, as it is kept and sent: a picture, or sound.

    Attributes:
        blob: its bytes, which the ledger keeps.
        where: which part it is, as "page 3"; empty where there is one.
        reading: for models that are not sent it; None as long as nobody needed one.
        thumbnail: a small picture as a `data:` URL, for people.
    """

    blob: Blob
    where: str = ""
    reading: Reading | None = None
    thumbnail: Annotated[str, Field(pattern="^(data:image/jpeg;base64,[A-Za-z0-9+/=]*)?$", max_length=24_000, repr=False)] = ""

    @model_serializer(mode="wrap")
    def _only_what_there_is(self, write: SerializerFunctionWrapHandler) -> Json:
        row: Json = write(self)
        return {name: value for name, value in row.items() if value not in ("", None)}


class Attachment(Value):
    """A picture, a PDF, sound or a film that a question comes with.

    Attributes:
        name: what it is called, as "chart.png".
        media_type: what it is, as its bytes say.
        sha256: of the file's bytes, in hex.
        size: of the file, in bytes.
        parts: what models are sent of it: one picture, a picture for each page or frame, or one sound. None before the run that
            it is for begins.
        privacy: how far it may go.
        content: the file's bytes, until it is opened; in no JSON.
    """

    name: Annotated[str, Field(min_length=1, max_length=200)]
    media_type: Annotated[str, Field(pattern=r"^[\w.+-]+/[\w.+-]+$")]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=1)]
    parts: tuple[AttachedPart, ...] = ()
    privacy: Privacy = "any"
    content: bytes | None = Field(default=None, exclude=True, repr=False)

    @model_serializer(mode="wrap")
    def _only_what_there_is(self, write: SerializerFunctionWrapHandler) -> Json:
        row: Json = write(self)
        return row if self.privacy != "any" else {name: value for name, value in row.items() if name != "privacy"}

    @classmethod
    def from_file(cls, file: str | PathLike[str], privacy: Privacy = "any") -> Attachment:
        """The attachment in a file: PNG, JPEG, WebP, GIF, PDF, WAV, MP3, OGG, M4A, MP4, WebM or AVI.

        Raises:
            InputError: it can't be read, is too long, or is none of these.
        """
        from contemplate.attachments import from_path

        return cls._of(from_path(file), privacy)

    @classmethod
    def from_bytes(cls, content: bytes, name: str = "", privacy: Privacy = "any") -> Attachment:
        """The attachment that these bytes are.

        Raises:
            InputError: as for `from_file`.
        """
        from contemplate.attachments import from_bytes

        return cls._of(from_bytes(content, name), privacy)

    @classmethod
    def from_url(cls, url: str, hosts: Collection[str] = (), privacy: Privacy = "any") -> Attachment:
        """The attachment in a `data:` URL, or at an address on one of `hosts`.

        Raises:
            InputError: the host is none of those; or as for `from_file`.
        """
        from contemplate.attachments import from_address, from_data_url, is_address

        return cls._of(from_address(url, hosts) if is_address(url) else from_data_url(url), privacy)

    @classmethod
    def _of(cls, file: GivenFile, privacy: Privacy) -> Attachment:
        return cls(
            name=file.name,
            media_type=file.media_type,
            sha256=file.sha256,
            size=len(file.content),
            privacy=privacy,
            content=file.content,
        )

    @property
    def hashes(self) -> frozenset[str]:
        """The SHA-256 of each of its parts."""
        return frozenset(part.blob.sha256 for part in self.parts)


class AttachmentView(Value):
    """How an agent was shown an attachment.

    Attributes:
        name: of the attachment.
        sha256: of its file.
        view: "itself", or "reading" for what a program read in it.
    """

    name: str
    sha256: str
    view: View


class Look(Value):
    """A look at a region of a picture, as an agent took it.

    Attributes:
        sha256: of the part that was looked at.
        region: left, top, right and bottom, in percent of its width and height.
        rotate: degrees by which it was turned to the left.
        zoom: how many times it was made larger.
        reading: what a program read there, if one did; None where the agent saw the picture itself.
    """

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    region: tuple[Percent, Percent, Percent, Percent] = (0.0, 0.0, 100.0, 100.0)
    rotate: Annotated[int, Field(ge=0, lt=360)] = 0
    zoom: Annotated[float, Field(gt=0)] = 1.0
    reading: Reading | None = None

    @classmethod
    def of(cls, looked: Looked) -> Look:
        """What the trace keeps of a look that was taken."""
        region, read = looked.region, looked.reading
        return cls(
            sha256=looked.picture.sha256,
            region=(region.left, region.top, region.right, region.bottom),
            rotate=looked.rotate,
            zoom=looked.zoom,
            reading=None if read is None else Reading(text=read.text, by=read.by),
        )


def pictures_in(attachments: Sequence[Attachment]) -> tuple[Picture, ...]:
    """The pictures of a question, for `contemplate.attachments.Looker`."""
    from contemplate.attachments import Picture

    return tuple(
        Picture(number, place, f"{attachment.name} {part.where}".strip(), part.blob.sha256)
        for number, attachment in enumerate(attachments, 1)
        for place, part in enumerate(attachment.parts, 1)
        if part.blob.modality == "image"
    )


def attachments_of(given: object) -> object:
    """The attachments that were given, for a validator: bytes, paths and `data:` URLs are read.

    A text is taken for a `data:` URL and never for a path, since texts come from files and clients, too.

    Raises:
        InputError: one can't be read.
    """
    if isinstance(given, str | bytes | PathLike) or not isinstance(given, Iterable):
        raise InvalidValueError("attachments are a list: Attachments, paths, bytes and data: URLs")
    return tuple(_attachment_of(one) for one in given)


def _attachment_of(given: object) -> object:
    if isinstance(given, bytes | bytearray):
        return Attachment.from_bytes(bytes(given))
    if isinstance(given, PurePath) or (isinstance(given, PathLike) and not isinstance(given, str)):
        return Attachment.from_file(given)
    if isinstance(given, str):
        if not given.startswith("data:"):
            raise InvalidValueError("a text is taken for a data: URL; for a file give Path(...) or Attachment.from_file(...)")
        return Attachment.from_url(given)
    return given
