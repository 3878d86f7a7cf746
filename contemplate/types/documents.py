"""Documents that a question comes with."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from os import PathLike
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from contemplate.types.base import Json, Value, digest
from contemplate.types.privacy import Privacy

if TYPE_CHECKING:
    from contemplate.documents import FileText


class Document(Value):
    """Words that a question comes with; agents are shown them as data.

    Attributes:
        name: what it is called, as "notes.md".
        text: its words.
        media_type: of the file that it was read from.
        sha256: of that file's bytes, in hex; of the text, as UTF-8, where there was none.
        pages: where each page begins in the text, in characters, ascending from 0; empty where there are no pages.
        privacy: how far its words may go; left out of the JSON where they may go anywhere.
    """

    name: Annotated[str, Field(min_length=1, max_length=200)]
    text: str
    media_type: Annotated[str, Field(pattern=r"^[\w.+-]+/[\w.+-]+$")] = "text/plain"
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] = ""
    pages: tuple[Annotated[int, Field(ge=0)], ...] = ()
    privacy: Privacy = "any"

    @model_serializer(mode="wrap")
    def _as_before(self, write: SerializerFunctionWrapHandler) -> Json:
        row: Json = write(self)
        return row if self.privacy != "any" else {name: value for name, value in row.items() if name != "privacy"}

    @classmethod
    def from_file(cls, file: str | PathLike[str]) -> Document:
        """The document in a text, Markdown or PDF file. PDF needs the extra `pdf`.

        Raises:
            InputError: it can't be read as one, or is too long.
        """
        from contemplate.documents import read_file

        return cls._of(read_file(file))

    @classmethod
    def from_files(cls, files: Sequence[str | PathLike[str]]) -> tuple[Document, ...]:
        """The documents in several files, in their order.

        Raises:
            InputError: one can't be read, or they are too many or too long together.
        """
        from contemplate.documents import read_files

        return tuple(map(cls._of, read_files(files)))

    @classmethod
    def _of(cls, file: FileText) -> Document:
        return cls(name=file.name, text=file.text, media_type=file.media_type, sha256=file.sha256, pages=file.pages)

    def page_at(self, place: int) -> int | None:
        """The number of the page, from 1, on which the character at `place` stands; None where there are no pages."""
        return bisect_right(self.pages, place) if self.pages else None

    @model_validator(mode="before")
    @classmethod
    def _with_digest(cls, data: object) -> object:
        if isinstance(data, dict) and not data.get("sha256") and isinstance(data.get("text"), str):
            filled: Json = {**data, "sha256": digest(data["text"])}
            return filled
        return data

    @model_validator(mode="after")
    def _pages_in_order(self) -> Document:
        rises = all(one <= other for one, other in zip(self.pages, self.pages[1:], strict=False))
        if self.pages and (self.pages[0] != 0 or not rises or self.pages[-1] > len(self.text)):
            msg = "pages begin at 0, ascend, and lie within the text"
            raise ValueError(msg)
        return self
