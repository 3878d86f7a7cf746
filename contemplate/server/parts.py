"""The parts that messages of clients are made of: words, files, pictures, and what can't be taken."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import anyio.to_thread
from pydantic import BaseModel, ConfigDict, Field

from contemplate.attachments import media_type_of
from contemplate.errors import InputError
from contemplate.server.refused import RefusedError
from contemplate.text import one_line
from contemplate.types import Attachment, Document, Privacy

_TEXTS = {"text", "input_text", "output_text", "refusal"}
_FILES = {"file", "input_file"}
_PICTURES = {"image_url", "input_image"}
_DATA_URL = re.compile(r"data:[\w.+/;= -]*;base64,", re.ASCII)


class FileBody(BaseModel):
    """A file that a question comes with.

    Attributes:
        name: what it is called, without a folder.
        text: its words; or
        data: its bytes in base64, as of a PDF file or a picture, or a `data:` URL.
        privacy: how far its words may go.
    """

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200)]
    text: str | None = None
    data: str | None = None
    privacy: Privacy = "any"


def read_content(content: str | Sequence[Any] | None, where: str) -> tuple[str, list[FileBody]]:
    """The words of a message and the files in it.

    Args:
        content: a text, or parts.
        where: its field in the request, for errors.

    Raises:
        RefusedError: a part is not what can be taken.
    """
    if content is None or isinstance(content, str):
        return content or "", []
    words, files = [], []
    for number, part in enumerate(content):
        here = f"{where}.{number}"
        if not isinstance(part, dict) or not isinstance(part.get("type"), str):
            raise RefusedError(f"{here}: a part of a message is an object with a type", param=here)
        if part["type"] in _TEXTS:
            words.append(_words(part, here))
        elif part["type"] in _FILES:
            files.append(_file(part, here))
        elif part["type"] in _PICTURES:
            files.append(_picture(part, here))
        else:
            raise not_taken(part["type"], here)
    return "\n\n".join(words), files


def not_taken(kind: str, where: str) -> RefusedError:
    """The error for a part that no panel takes: sounds, films, calls of tools."""
    return RefusedError(
        f"{where}: parts of type {one_line(kind, 40)!r} are not taken here; text, pictures, and text, Markdown or PDF files are",
        code="unsupported_content",
        param=where,
    )


@dataclass(frozen=True)
class Files:
    """The files of a question, as it holds them: documents are quoted, pictures are looked at."""

    documents: tuple[Document, ...] = ()
    attachments: tuple[Attachment, ...] = ()


async def read_files(files: Sequence[FileBody]) -> Files:
    """The documents and pictures that files are.

    Raises:
        RefusedError: one is neither text, Markdown, PDF nor a picture, or can't be read.
    """
    if all(file.data is None for file in files):
        return _sorted([_of_text(file) for file in files])
    return _sorted(await anyio.to_thread.run_sync(_read_all, files))


def _sorted(read: Sequence[Document | Attachment]) -> Files:
    documents = tuple(one for one in read if isinstance(one, Document))
    return Files(documents, tuple(one for one in read if isinstance(one, Attachment)))


def _of_text(file: FileBody) -> Document:
    if file.text is None:
        raise RefusedError(
            f"document {one_line(file.name, 100)!r}: give its text, or its bytes in base64 as data", param="documents"
        )
    kind = "text/markdown" if file.name.lower().endswith((".md", ".markdown")) else "text/plain"
    return Document(name=_name(file), text=file.text, media_type=kind, privacy=file.privacy)


def _read_all(files: Sequence[FileBody]) -> list[Document | Attachment]:
    """What the files are, by way of files for the bytes of documents: which kind each is is seen from these."""
    with TemporaryDirectory(prefix="contemplate-") as folder:
        return [_of_text(file) if file.data is None else _of_bytes(file, Path(folder)) for file in files]


def _of_bytes(file: FileBody, folder: Path) -> Document | Attachment:
    name = _name(file)
    try:
        content = base64.b64decode(_DATA_URL.sub("", file.data or "", count=1), validate=True)
    except (binascii.Error, ValueError):
        raise RefusedError(f"document {name!r}: its data is no base64", param="documents") from None
    if (media_type_of(content) or "").startswith("image/"):
        return _attached(content, file, name)
    return _quoted(content, file, name, folder)


def _attached(content: bytes, file: FileBody, name: str) -> Attachment:
    try:
        return Attachment.from_bytes(content, name, file.privacy)
    except InputError as error:
        raise RefusedError(str(error), code="unsupported_file", param="documents") from None


def _quoted(content: bytes, file: FileBody, name: str, folder: Path) -> Document:
    path = folder / f"document{Path(name).suffix[:10] if Path(name).suffix[1:].isalnum() else ''}"
    path.write_bytes(content)
    try:
        document = Document.from_file(path)
    except InputError as error:
        said = str(error).replace(str(path), name)
        raise RefusedError(f"document {said}", code="unsupported_file", param="documents") from None
    return document.model_copy(update={"name": name, "privacy": file.privacy})


def _name(file: FileBody) -> str:
    return one_line(re.split(r"[/\\]", file.name)[-1], 200) or "document"


def _words(part: dict[str, Any], where: str) -> str:
    words = part.get("text", part.get("refusal"))
    if not isinstance(words, str):
        raise RefusedError(f"{where}.text: a text was expected", param=f"{where}.text")
    return words


def _file(part: dict[str, Any], where: str) -> FileBody:
    inner = part.get("file") if part["type"] == "file" else part
    data = inner.get("file_data") if isinstance(inner, dict) else None
    if not isinstance(inner, dict) or not isinstance(data, str):
        raise RefusedError(
            f"{where}: a file comes with its bytes, as file_data; names of files elsewhere are not followed", param=where
        )
    return FileBody(name=one_line(str(inner.get("filename") or "document"), 200), data=data)


def _picture(part: dict[str, Any], where: str) -> FileBody:
    inner = part.get("image_url")
    url = inner.get("url") if isinstance(inner, dict) else inner
    if not isinstance(url, str) or _DATA_URL.match(url[:200]) is None:
        raise RefusedError(
            f"{where}: a picture comes with its bytes, as data:image/png;base64,...; addresses of pictures are not followed",
            code="unsupported_content",
            param=where,
        )
    return FileBody(name="picture", data=url)
