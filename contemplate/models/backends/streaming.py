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
class Assembled:
    """The whole reply, as far as it has come.

    Attributes:
        on_text: is told each piece of the text.
        ended: the stream said that it is over, or why the reply is.
    """

    on_text: OnText
    ended: bool = False
    _head: Json = field(default_factory=dict)
    _texts: dict[str, list[str]] = field(default_factory=dict)
    _finish: object = None
    _tokens: list[object] = field(default_factory=list)

    def take(self, data: str) -> None:
        """Take in the data of one event; what is no piece of a reply is left out."""
        if data.strip() == END:
            self.ended = True
            return
        try:
            chunk = json.loads(data)
        except (ValueError, RecursionError):
            return
        if not isinstance(chunk, dict):
            return
        self._head |= {name: value for name, value in chunk.items() if name != "choices" and value is not None}
        choices = chunk.get("choices")
        if isinstance(choices, list) and choices and isinstance(choices[0], dict):
            self._take_choice(choices[0])

    def _take_choice(self, choice: Json) -> None:
        delta = choice.get("delta")
        for name, text in (delta if isinstance(delta, dict) else {}).items():
            if isinstance(text, str) and name != "role":
                self._texts.setdefault(name, []).append(text)
                if name == "content" and text:
                    self.on_text(text)
        if choice.get("finish_reason") is not None:
            self._finish, self.ended = choice["finish_reason"], True
        logprobs = choice.get("logprobs")
        if isinstance(logprobs, dict) and isinstance(tokens := logprobs.get("content"), list):
            self._tokens += tokens

    @property
    def payload(self) -> Json:
        """The body that the endpoint would have sent at once; an error in mid-stream stands in it as `error`."""
        if "error" in self._head and not self.ended:
            return self._head
        message = {"role": "assistant", **{name: "".join(parts) for name, parts in self._texts.items()}}
        choice: Json = {"index": 0, "message": message, "finish_reason": self._finish}
        if self._tokens:
            choice["logprobs"] = {"content": self._tokens}
        return {**self._head, "choices": [choice]}
