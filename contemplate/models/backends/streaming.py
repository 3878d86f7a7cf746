"""Replies that come piece by piece: server-sent events of the chat completions protocol, put together to the whole reply.

The whole is read by the code that reads replies which come at once (`contemplate.models.backends.reply`), so that it makes no
difference to the ledger how a reply came.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from contemplate.types import Json

OnText = Callable[[str], None]
"""Is told each piece of a reply's text as it comes."""

END = "[DONE]"

_MOST_CALLS = 128
_LOOKED_AT = 1_000
_FEW = 4


class Events:
    """Server-sent events, read from bytes as they come.

    Only what chat completions use is read: the `data` of each event. Lines end in LF, CR or CRLF, as the standard has it.
    """

    def __init__(self) -> None:
        """Start with nothing read."""
        self._left = b""
        self._data: list[str] = []

    def feed(self, piece: bytes) -> Iterator[str]:
        """The data of the events that are whole now."""
        text = self._left + piece
        if text.endswith(b"\r"):  # perhaps half of a CRLF
            whole, self._left = b"", text
        else:
            *lines, self._left = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
            whole = b"\n".join(lines) + b"\n" if lines else b""
        for line in whole.split(b"\n")[:-1]:
            if not line:
                if self._data:
                    yield "\n".join(self._data)
                self._data = []
            elif line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" ").decode("utf-8", "replace"))

    def rest(self) -> Iterator[str]:
        """The data of an event that was not closed by an empty line before the stream ended."""
        yield from self.feed(b"\n\n")


@dataclass
class _Choice:
    """One reply of a stream, as far as it has come."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    parts: list[object] = field(default_factory=list)
    calls: dict[int, Json] = field(default_factory=dict)
    finish: object = None
    tokens: list[object] = field(default_factory=list)
    late: bool = False

    def take(self, given: Json) -> str:
        """Take in a piece; its text, if it has any."""
        delta = given.get("delta") or given.get("message")
        said = ""
        for name, value in (delta if isinstance(delta, dict) else {}).items():
            if isinstance(value, str) and name != "role":
                self.texts.setdefault(name, []).append(value)
                said += value if name == "content" else ""
            elif isinstance(value, list) and name == "content":
                self.parts += value
            elif isinstance(value, list) and name == "tool_calls":
                self._take_calls(value)
        self.late = self.late or bool(said and isinstance(self.finish, str) and self.finish)
        if given.get("finish_reason") is not None:
            self.finish = given["finish_reason"]
        logprobs = given.get("logprobs")
        if isinstance(logprobs, dict) and isinstance(tokens := logprobs.get("content"), list):
            self.tokens += tokens
        return said

    def _take_calls(self, pieces: list[object]) -> None:
        """Put the pieces of tool calls together, by `index`: the first one names a call, the others go on with its arguments."""
        for place, piece in enumerate(pieces):
            if not isinstance(piece, dict):
                continue
            given, function = piece.get("index"), piece.get("function")
            index = given if isinstance(given, int) else place
            if index not in self.calls and len(self.calls) >= _MOST_CALLS:
                continue
            call = self.calls.setdefault(index, {"id": "", "function": {"name": "", "arguments": ""}})
            call["id"] = call["id"] or piece.get("id") or ""
            for name, value in (function if isinstance(function, dict) else {}).items():
                known = call["function"].get(name)
                if isinstance(value, str) and isinstance(known, str):
                    call["function"][name] = known or value if name == "name" else known + value
                elif name == "arguments" and isinstance(value, dict) and not known:
                    call["function"][name] = value

    def whole(self, index: int) -> Json:
        """The choice as it would have come at once."""
        message: Json = {"role": "assistant", **{name: "".join(texts) for name, texts in self.texts.items()}}
        if self.parts:
            text = message.get("content")
            message["content"] = [*self.parts, *([{"type": "text", "text": text}] if text else [])]
        if self.calls:
            message["tool_calls"] = [call for _, call in sorted(self.calls.items())]
        choice: Json = {"index": index, "message": message, "finish_reason": self.finish}
        if self.tokens:
            choice["logprobs"] = {"content": self.tokens}
        return choice


@dataclass
class Assembled:
    """The whole reply, as far as it has come; several, where several samples are streamed.

    Attributes:
        on_text: is told each piece of the text of the first one.
    """

    on_text: OnText
    _over: bool = False
    _head: Json = field(default_factory=dict)
    _choices: dict[int, _Choice] = field(default_factory=dict)
    _latest: str = ""
    _again: bool = False
    _pieces: int = 0
    _twice: int = 0

    @property
    def garbled(self) -> str:
        """How it can be seen that pieces came twice or out of order; empty if it can't.

        Pieces have no numbers: what comes out of order before the end looks like an honest reply. That a piece came twice shows
        where there are more of them than the server counted tokens, or where most did.
        """
        if any(choice.late for choice in self._choices.values()):
            return "text came behind its end"
        usage = self._head.get("usage")
        counted = usage.get("completion_tokens") if isinstance(usage, dict) else None
        most = self._twice >= _FEW and 2 * self._twice >= self._pieces
        more = self._twice and isinstance(counted, int) and 0 < counted < self._pieces
        return "pieces of it came twice" if more or most else ""

    @property
    def ended(self) -> bool:
        """Whether the stream said that it is over, or of each reply why that is."""
        return self._over or (bool(self._choices) and all(choice.finish is not None for choice in self._choices.values()))

    def take(self, data: str) -> None:
        """Take in the data of one event; what is no piece of a reply is left out."""
        if data.strip() == END:
            self._over = True
            return
        self._again, self._latest = data == self._latest, data
        try:
            chunk = json.loads(data)
        except (ValueError, RecursionError):
            return
        if not isinstance(chunk, dict):
            return
        self._head |= {name: value for name, value in chunk.items() if name != "choices" and value is not None}
        choices = chunk.get("choices")
        for place, choice in enumerate(choices if isinstance(choices, list) else []):
            if isinstance(choice, dict):
                self._take_choice(choice, place)

    def _take_choice(self, choice: Json, place: int) -> None:
        given = choice.get("index")
        index = given if isinstance(given, int) else place
        if index not in self._choices and len(self._choices) >= _MOST_CALLS:
            return
        text = self._choices.setdefault(index, _Choice()).take(choice)
        self._pieces += bool(text)
        self._twice += bool(text) and self._again
        if text and index == 0:
            self.on_text(text)
        if choice.get("error"):
            self._head.setdefault("error", choice["error"])

    @property
    def payload(self) -> Json:
        """The body that the endpoint would have sent at once; an error in mid-stream stands in it as `error`."""
        if "error" in self._head and not self.ended:
            return self._head
        choices = sorted((self._choices or {0: _Choice()}).items())
        return {**self._head, "choices": [choice.whole(index) for index, choice in choices]}


def folded(content: bytes) -> Assembled | None:
    """The reply in a body that is a stream of events, whatever its type says; None if it is none."""
    if not content[:_LOOKED_AT].lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"data:", b"event:", b"id:", b"retry:", b":")):
        return None
    events, whole = Events(), Assembled(lambda _: None)
    for data in (*events.feed(content), *events.rest()):
        whole.take(data)
    return whole
