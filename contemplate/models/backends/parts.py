"""The parts of messages in the form of OpenAI's protocol: how they are sent, how they come back, and who can't be sent which.

Text, pictures, sound, tool calls and tool results have a form there. The bytes of pictures and sound stand in no stored request:
they are filled in from the ledger when it is sent.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from contemplate.errors import InputError, UnsupportedError
from contemplate.models.backends.logprobs import sound
from contemplate.text import token_bound
from contemplate.types import Blob, Json, Message, Part, Request, Text, ToolCall, ToolResult, canonical_json

_TOKENS_PER_MESSAGE = 16
_PATCH = 16
"""The side of the smallest square of pixels that is a token; most models take larger ones, and make large pictures smaller."""
_TOKENS_PER_SECOND = 50
"""The most tokens that a second of sound is."""
_TOKENS_PER_BLOB = 512
_MOST_CALLS = 128

SPOKEN: tuple[type[Part], ...] = (Text, ToolCall, ToolResult)
"""The kinds of parts that are words, which every backend of OpenAI's protocol sends."""
SENT: tuple[type[Part], ...] = (*SPOKEN, Blob)
"""Those, and pictures and sound."""

_NAMES = {Text: "text in parts", Blob: "bytes", ToolCall: "tool calls", ToolResult: "results of tools"}


def unsendable(request: Request, who: str, sends: tuple[type[Part], ...] = (Text,)) -> UnsupportedError | None:
    """The error for the first part of a request that its backend does not send, or None.

    Args:
        request: what is asked.
        who: the endpoint and the model, for the message.
        sends: the kinds of parts that the backend sends.
    """
    if not request.has_parts:
        return None
    parts = (part for message in request.messages if isinstance(message.content, tuple) for part in message.content)
    kind = next((type(part) for part in parts if not isinstance(part, sends)), None)
    if kind is None:
        return None
    return UnsupportedError(
        f"{who} can't be sent {_NAMES[kind]} in a message; name another model, or leave them out", what="parts"
    )


def message_bound(message: Message) -> int:
    """The most tokens that a message can take in a prompt, with what a chat template may add."""
    if isinstance(message.content, str):
        return token_bound(message.content) + _TOKENS_PER_MESSAGE
    return sum(map(part_bound, message.content)) + _TOKENS_PER_MESSAGE


def part_bound(part: Part) -> int:
    """The most tokens that a part of a message can take in a prompt."""
    match part:
        case Text():
            return token_bound(part.text)
        case ToolCall():
            return sum(map(_escaped_bound, (part.id, part.name, part.arguments))) + _TOKENS_PER_MESSAGE
        case ToolResult():
            return sum(map(_escaped_bound, (part.call, part.text))) + _TOKENS_PER_MESSAGE
        case Blob():
            patches = -(-part.width // _PATCH) * -(-part.height // _PATCH)
            return patches + int(part.seconds * _TOKENS_PER_SECOND) + _TOKENS_PER_BLOB


def _escaped_bound(text: str) -> int:
    """The bound of a text that a chat template may write as JSON."""
    return token_bound(canonical_json(text))


def as_sent(message: Message) -> list[Json]:
    """A message as the protocol has it, in one or, for several results of tools, in several."""
    content = message.content
    if isinstance(content, str):
        return [{"role": message.role, "content": content}]
    if message.role == "tool":
        results = [part for part in content if isinstance(part, ToolResult)]
        return [{"role": "tool", "tool_call_id": result.call, "content": result.text} for result in results]
    calls = [_call_as_sent(part) for part in content if isinstance(part, ToolCall)]
    if calls:
        return [{"role": message.role, "content": message.text or None, "tool_calls": calls}]
    return [{"role": message.role, "content": [_part_as_sent(part) for part in content if isinstance(part, Text | Blob)]}]


def _part_as_sent(part: Text | Blob) -> Json:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    if part.content is None:
        raise InputError(f"the bytes of an attachment are missing ({part.mime}, SHA-256 {part.sha256[:12]})")
    written = base64.b64encode(part.content).decode()
    if part.modality == "audio":
        return {"type": "input_audio", "input_audio": {"data": written, "format": part.mime.partition("/")[2]}}
    return {"type": "image_url", "image_url": {"url": f"data:{part.mime};base64,{written}"}}


def filled(request: Request, contents: Mapping[str, bytes]) -> Request:
    """A request with the bytes of its pictures and sound, by their SHA-256; its key is the same."""
    messages = tuple(
        message
        if isinstance(message.content, str)
        else Message(role=message.role, content=tuple(_with_bytes(part, contents) for part in message.content))
        for message in request.messages
    )
    return Request(**{**{name: getattr(request, name) for name in Request.model_fields}, "messages": messages})


def _with_bytes(part: Part, contents: Mapping[str, bytes]) -> Part:
    return part.model_copy(update={"content": contents[part.sha256]}) if isinstance(part, Blob) else part


def _call_as_sent(call: ToolCall) -> Json:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def read_tool_calls(message: Json) -> tuple[ToolCall, ...]:
    """The tool calls in the message of a reply, at most 128; one without a name is none, one without an id gets one."""
    given = message.get("tool_calls")
    entries = given[:_MOST_CALLS] if isinstance(given, list) else []
    calls = (_read_call(entry, index) for index, entry in enumerate(entries))
    return tuple(call for call in calls if call is not None)


def _read_call(entry: object, index: int) -> ToolCall | None:
    function = entry.get("function") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(function, dict):
        return None
    name, given, arguments = function.get("name"), entry.get("id"), function.get("arguments")
    if not isinstance(name, str) or not name:
        return None
    # Some servers send the arguments as an object, where the protocol has its text.
    written = arguments if isinstance(arguments, str) else json.dumps(arguments or {}, ensure_ascii=False)
    call = given if isinstance(given, str) and given else f"call-{index + 1}"
    return ToolCall(id=sound(call), name=sound(name), arguments=sound(written))
