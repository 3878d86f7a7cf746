"""The bodies that a server answers with: chat completions, whole or as a stream of events, and what faults make of them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from contemplate.testing.faults import Fault
from contemplate.types import Json

ABSURD = 10**15
"""Tokens that no call takes."""
_UNASKED = {"id": "call-1", "type": "function", "function": {"name": "delete_everything", "arguments": '{"path": "/"}'}}


def counted(text: str) -> int:
    """The tokens of a text, as the server counts them: its words."""
    return len(text.split())


def prompt_tokens(body: Json) -> int:
    """The tokens of what is asked."""
    return sum(counted(str(message.get("content", ""))) for message in body.get("messages", [])) + 5


def max_tokens(body: Json) -> int:
    """The most tokens that may be replied."""
    given = body.get("max_tokens") or body.get("max_completion_tokens") or 0
    return given if isinstance(given, int) else 0


def completion(number: int, body: Json, texts: Sequence[str], fault: Fault | None, key: str) -> Json:
    """The chat completion that answers a call, with what `fault` makes of it.

    Args:
        number: of the call.
        body: what was asked.
        texts: the replies, one for each sample.
        fault: a kind that is a matter of what stands in the body changes it; the others leave it as it is.
        key: the key that came with the call.
    """
    kind = None if fault is None else fault.kind
    choices = [_choice(place, text, kind, key) for place, text in enumerate(texts)]
    prompt, replied = prompt_tokens(body), sum(map(counted, texts))
    whole: Json = {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": 1,
        "model": body.get("model", ""),
        "choices": [] if kind == "no-choices" else choices,
        "usage": {"prompt_tokens": prompt, "completion_tokens": replied, "total_tokens": prompt + replied},
    }
    if kind == "no-usage":
        del whole["usage"]
    elif kind in {"zero-usage", "absurd-usage"}:
        whole["usage"] = dict.fromkeys(whole["usage"], 0 if kind == "zero-usage" else ABSURD)
    return whole


def _choice(place: int, text: str, kind: str | None, key: str) -> Json:
    message: Json = {"role": "assistant", "content": text}
    finish: str | None = "stop"
    match kind:
        case "null-content":
            message["content"] = None
        case "empty-content":
            message["content"] = ""
        case "refusal":
            message |= {"content": None, "refusal": "I can't help with that."}
        case "content-filter":
            message["content"], finish = "", "content_filter"
        case "no-finish-reason":
            finish = None
        case "length":
            message["content"], finish = text[: len(text) // 2], "length"
        case "tool-calls":
            message |= {"content": None, "tool_calls": [_UNASKED]}
            finish = "tool_calls"
        case "key-in-reply":
            message["content"] = f"You sent {key}.\n{text}"
    return {"index": place, "message": message, "finish_reason": finish}


def error(message: str, kind: str, code: int | str) -> bytes:
    """The body of a refusal."""
    return json.dumps({"error": {"message": message, "type": kind, "code": code}}).encode()


def in_pieces(payload: Json, fault: Fault | None, *, usage: bool) -> bytes:
    """A completion as a stream of events, a piece for each word.

    Args:
        payload: the completion.
        fault: of the kinds about chunks.
        usage: whether the tokens are told in a last event.
    """
    head = {name: payload[name] for name in ("id", "created", "model")}
    chunks: list[Json] = []
    for choice in payload["choices"]:
        message = dict(choice["message"])
        said = message.pop("content") or ""
        pieces = [message, *({"content": word} for word in re.findall(r"\s*\S+|\s+$", said)), {}]
        told = _disturbed(pieces, fault)
        for piece in told:
            finish = None if piece else choice["finish_reason"]
            chunks.append({**head, "choices": [{"index": choice["index"], "delta": piece, "finish_reason": finish}]})
    if usage and "usage" in payload:
        chunks.append({**head, "choices": [], "usage": payload["usage"]})
    return "".join(f"data: {one}\n\n" for one in (*map(json.dumps, chunks), "[DONE]")).encode()


def _disturbed(pieces: list[Json], fault: Fault | None) -> list[Json]:
    """The pieces twice each, or the last word behind the end; else as they are."""
    kind = None if fault is None else fault.kind
    if kind == "chunks-twice":
        return [piece for piece in pieces for _ in range(2)]
    if kind == "chunks-out-of-order":
        return [*pieces[:-2], pieces[-1], pieces[-2]]
    return pieces
