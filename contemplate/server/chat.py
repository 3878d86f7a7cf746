"""`/v1/chat/completions`: what a client sends, and how it is answered."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from contemplate.server.asking import Asked, Said, named, sampling_of, schema_of, split
from contemplate.server.engine import Job
from contemplate.server.extras import Body, Extras
from contemplate.server.feed import Feed
from contemplate.server.live_answer import LiveAnswer, answers_alone
from contemplate.server.naming import Names
from contemplate.server.narration import Narrator
from contemplate.server.parts import FileBody, read_content
from contemplate.server.problems import body_of
from contemplate.server.refused import RefusedError
from contemplate.server.settings import Reasoning, ServerSettings
from contemplate.server.usage import chat_usage, outcomes_of, told_of
from contemplate.trace.events import Event
from contemplate.trace.outcome import Outcome
from contemplate.types import Json

_TAG = re.compile(r"<(?=/?think\b)", re.IGNORECASE)
_PIECE = re.compile(r"\S*\s*(?:\S+\s+){0,11}(?:\S+\Z)?", re.DOTALL)
"""An answer goes out a dozen words at a time."""
_ROLES = {"system", "developer", "user", "assistant"}
_UNTAKEN = ("tools", "functions")


class ChatMessage(Body):
    """A message of a client."""

    role: str
    content: str | list[Any] | None = None


class StreamOptions(Body):
    """Whether a stream says what it took."""

    include_usage: bool = False


class ChatBody(Body):
    """The body of a request. What is not named here, as `api_base` or `api_key`, is read by nobody."""

    model: Annotated[str, Field(max_length=2000)]
    messages: Annotated[list[ChatMessage], Field(min_length=1)]
    n: Annotated[int, Field(ge=1)] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    stop: Annotated[str, Field(max_length=1000)] | Annotated[list[str], Field(max_length=16)] | None = None
    seed: int | None = None
    user: Annotated[str, Field(max_length=1000)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    response_format: dict[str, Any] | None = None
    logprobs: bool | None = None
    tools: list[Any] | None = None
    functions: list[Any] | None = None
    contemplate: Extras | None = None


def read_chat(body: ChatBody, names: Names, settings: ServerSettings) -> Asked:
    """The question in a body.

    Raises:
        RefusedError: something in it is wrong, or more than is taken.
    """
    strategy, models = named(names, body.model)
    for name in _UNTAKEN:
        if getattr(body, name):
            raise RefusedError(f"{name}: a panel calls no tools of a client; response_format asks for an object", param=name)
    if body.logprobs:
        raise RefusedError("logprobs: an answer that several agents came to has none", param="logprobs")
    samples = body.n or 1
    if samples > settings.max_samples:
        raise RefusedError(f"n: {samples} answers; at most {settings.max_samples} are given to one request", param="n")
    said, files = _messages(body.messages, settings)
    system, history, text = split(said)
    stop = (body.stop,) if isinstance(body.stop, str) else tuple(body.stop or ())
    return Asked(
        model=body.model,
        strategy=strategy,
        models=models,
        text=text,
        history=history,
        system=system,
        files=tuple(files),
        schema=schema_of(body.response_format, "response_format"),
        sampling=sampling_of(
            max_tokens=body.max_completion_tokens or body.max_tokens, temperature=body.temperature, top_p=body.top_p
        ),
        seed=body.seed,
        samples=samples,
        stop=tuple(filter(None, stop)),
        user=body.user,
        extras=body.contemplate or Extras(),
    )


def _messages(messages: Sequence[ChatMessage], settings: ServerSettings) -> tuple[list[Said], list[FileBody]]:
    if len(messages) > settings.max_messages:
        raise RefusedError(f"messages: there are {len(messages)}; at most {settings.max_messages} are taken", param="messages")
    said, files = [], []
    for number, message in enumerate(messages):
        where = f"messages.{number}"
        if message.role not in _ROLES:
            known = ", ".join(sorted(_ROLES))
            raise RefusedError(f"{where}.role: one of {known} is expected", param=f"{where}.role")
        text, inside = read_content(message.content, f"{where}.content")
        said.append(Said(message.role, text))
        files += inside
    return said, files


class ChatWriter:
    """Says in the words of chat completions what comes of runs."""

    def __init__(self, asked: Asked, jobs: Sequence[Job], reasoning: Reasoning, *, usage: bool) -> None:
        """Write for one request.

        Args:
            asked: the question.
            jobs: its runs.
            reasoning: how the deliberation goes out.
            usage: whether a stream says what it took.
        """
        self._asked, self._reasoning, self._usage = asked, reasoning, usage
        self._head = {"id": f"chatcmpl-{jobs[0].feed.run}", "created": int(time.time()), "model": asked.model}
        self._narrators = [Narrator() for _ in jobs]
        self._live = [LiveAnswer(wanted=job.deltas and not asked.stop and answers_alone(job.spec)) for job in jobs]
        self._thinking = [False for _ in jobs]
        self._lost = 0

    def opening(self) -> bytes:
        """The role of each choice."""
        return b"".join(self._chunk(number, {"role": "assistant", "content": ""}) for number in range(len(self._live)))

    def event(self, number: int, event: Event) -> bytes:
        """A piece of reasoning, or of an answer that is being written."""
        live = self._live[number]
        if live.takes(event):
            return self._content(number, live.piece(event))  # type: ignore[arg-type]  # it takes nothing else
        if self._reasoning == "off" or live.sent or not (text := self._narrators[number].told(event)):
            return b""
        if self._reasoning == "both":
            return self._chunk(number, {"reasoning_content": text, "reasoning": text})
        opening = b"" if self._thinking[number] else self._chunk(number, {"content": "<think>"})
        self._thinking[number] = True
        return opening + self._chunk(number, {"content": _TAG.sub("< ", text)})

    def closing(self, number: int, feed: Feed, problem: RefusedError | None) -> bytes:
        """The answer, or what is left of it, and why it ends; or an error, which ends the stream for a client."""
        if problem is not None or feed.outcome is None:
            return self._without(number, body_of(problem or RefusedError("the run was stopped", 409)))
        rest = self._live[number].rest(answer_of(feed.outcome, self._asked.stop))
        pieces = b"".join(self._content(number, piece) for piece in in_pieces(rest))
        extra = {} if number else {"contemplate": told_of([feed.outcome])}
        return pieces + self._closed(number) + self._chunk(number, {}, "stop", **extra)

    def _without(self, number: int, error: Json) -> bytes:
        """An end without an answer: clients take an error for that of the whole stream, so it is one where no choice is left."""
        self._lost += 1
        if self._lost < len(self._live):
            return self._closed(number) + self._chunk(number, {}, "stop", contemplate=error)
        return _data(error)

    def end(self, feeds: Sequence[Feed]) -> bytes:
        """What all of it took, where that is wanted, and the mark of the end."""
        outcomes = outcomes_of(feeds)
        if self._usage and outcomes:
            last = {**self._head, "object": "chat.completion.chunk", "choices": [], "usage": chat_usage(outcomes)}
            return _data({**last, "contemplate": told_of(outcomes)}) + b"data: [DONE]\n\n"
        return b"data: [DONE]\n\n"

    def whole(self, feeds: Sequence[Feed]) -> Json:
        """A chat completion. Runs without an answer are no choices in it."""
        outcomes = outcomes_of(feeds)
        answered = [feed.outcome for feed in feeds if feed.outcome is not None and feed.outcome.answer is not None]
        return {
            **self._head,
            "object": "chat.completion",
            "choices": [self._choice(number, outcome) for number, outcome in enumerate(answered)],
            "usage": chat_usage(outcomes),
            "contemplate": told_of(outcomes),
        }

    def _choice(self, number: int, outcome: Outcome) -> Json:
        message = {"role": "assistant", "content": answer_of(outcome, self._asked.stop), "refusal": None}
        return {"index": number, "message": message, "logprobs": None, "finish_reason": "stop"}

    def _content(self, number: int, text: str) -> bytes:
        return self._closed(number) + self._chunk(number, {"content": text}) if text else b""

    def _closed(self, number: int) -> bytes:
        """The mark at the end of the reasoning, where that is in the content: a chunk of its own."""
        if not self._thinking[number]:
            return b""
        self._thinking[number] = False
        return self._chunk(number, {"content": "</think>"})

    def _chunk(self, number: int, delta: Json, finish: str | None = None, **extra: Any) -> bytes:  # noqa: ANN401 - JSON values
        choice = {"index": number, "delta": delta, "finish_reason": finish}
        return _data({**self._head, "object": "chat.completion.chunk", "choices": [choice], **extra})


def answer_of(outcome: Outcome, stop: Sequence[str]) -> str:
    """The answer as a client gets it, cut off before the first of its stop texts."""
    text = outcome.answer or ""
    ends = [at for at in (text.find(one) for one in stop) if at >= 0]
    return text[: min(ends)] if ends else text


def in_pieces(text: str) -> list[str]:
    """A text in pieces of a dozen words; together they are the text."""
    pieces, at = [], 0
    while at < len(text):
        found = _PIECE.match(text, at)
        end = found.end() if found is not None and found.end() > at else len(text)
        pieces.append(text[at:end])
        at = end
    return pieces


def _data(value: Json) -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode() + b"\n\n"
