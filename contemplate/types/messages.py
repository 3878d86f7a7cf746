"""Messages, and the parts that they are made of: text, bytes kept elsewhere, calls of tools and what tools returned."""

from __future__ import annotations

import hashlib
import json
from json.encoder import encode_basestring
from typing import Annotated, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from contemplate.types.base import Json, Value, canonical_json, once

Role = Literal["system", "user", "assistant", "tool"]
Modality = Literal["text", "image", "audio", "file"]
"""What a message may hold, as models differ in it."""


class Text(Value):
    """Words."""

    type: Literal["text"] = "text"
    text: str


class Blob(Value):
    """Bytes that are kept elsewhere, as an image or a sound.

    Attributes:
        sha256: the SHA-256 of the bytes, in hex.
        mime: what they are, as "image/png".
        size: in bytes.
        width, height: of a picture, in pixels; left out of the JSON where it is none.
        seconds: of sound; left out where it is none.
        content: the bytes, only while they are sent; in no JSON.
    """

    type: Literal["blob"] = "blob"
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    mime: str
    size: Annotated[int, Field(ge=0)]
    width: Annotated[int, Field(ge=0)] = 0
    height: Annotated[int, Field(ge=0)] = 0
    seconds: Annotated[float, Field(ge=0)] = 0.0
    content: bytes | None = Field(default=None, exclude=True, repr=False)

    @model_serializer(mode="wrap")
    def _only_what_there_is(self, write: SerializerFunctionWrapHandler) -> Json:
        row: Json = write(self)
        return {name: value for name, value in row.items() if value or name not in {"width", "height", "seconds"}}

    @property
    def modality(self) -> Modality:
        """What a model has to take to be sent it."""
        begins = self.mime.partition("/")[0]
        return "image" if begins == "image" else "audio" if begins == "audio" else "file"


class ToolCall(Value):
    """A call of a tool that a model asks for.

    Attributes:
        id: what its result names it by.
        name: of the tool.
        arguments: as the model wrote them: the JSON text of an object, if it kept to the form.
    """

    type: Literal["tool_call"] = "tool_call"
    id: str
    name: str
    arguments: str

    def parsed(self) -> Json | None:
        """The arguments as an object; None if they are none."""
        try:
            value = json.loads(self.arguments)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None


class ToolResult(Value):
    """The result that a tool returned.

    Attributes:
        call: the id of the call that it answers.
        text: what the model is shown of it.
    """

    type: Literal["tool_result"] = "tool_result"
    call: str
    text: str


Part = Annotated[Text | Blob | ToolCall | ToolResult, Field(discriminator="type")]


class Message(Value):
    """One message of a chat.

    Attributes:
        role: whose it is. An assistant alone calls tools, and a message of role "tool" holds results and nothing else.
        content: plain text, or parts.
    """

    role: Role
    content: str | tuple[Part, ...]

    @once
    def canonical(self) -> str:
        """Its canonical JSON."""
        if isinstance(self.content, str):
            return f'{{"content":{encode_basestring(self.content)},"role":"{self.role}"}}'
        return canonical_json(self.model_dump(mode="json"))

    @once
    def digest(self) -> str:
        """The SHA-256 of its canonical JSON, in hex."""
        return hashlib.sha256(self.canonical.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """The bytes in it, in order."""
        return () if isinstance(self.content, str) else tuple(part for part in self.content if isinstance(part, Blob))

    @property
    def text(self) -> str:
        """The words in it: plain text as it stands, of parts each text and each result of a tool, apart by a line break."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content if isinstance(part, Text | ToolResult))

    @property
    def told(self) -> str:
        """All of it in words for people, bytes and calls of tools named."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(_told(part) for part in self.content)

    @model_validator(mode="after")
    def _parts_fit_the_role(self) -> Message:
        kinds = {type(part) for part in self.content} if isinstance(self.content, tuple) else {Text}
        if ToolCall in kinds and self.role != "assistant":
            msg = f"a message of role {self.role!r} can't hold a tool call; an assistant's can"
            raise ValueError(msg)
        if (ToolResult in kinds or self.role == "tool") and (self.role != "tool" or kinds != {ToolResult}):
            msg = "a message of role 'tool' holds results of tools and nothing else, and no other message holds any"
            raise ValueError(msg)
        return self


def _told(part: Part) -> str:
    match part:
        case Blob():
            size = f", {part.width} x {part.height} pixels" if part.width else f", {part.seconds:g} s" if part.seconds else ""
            return f"[{part.mime}, {part.size:,} bytes{size}]"
        case ToolCall():
            return f"[calls {part.name}: {part.arguments}]"
        case _:
            return part.text
