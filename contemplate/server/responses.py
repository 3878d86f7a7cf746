"""`/v1/responses`: what a client sends, and how it is answered. Text only; a response can follow an earlier one."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from contemplate.server.asking import Asked, Said, named, sampling_of, schema_of, split
from contemplate.server.chat import in_pieces
from contemplate.server.engine import Engine, Job
from contemplate.server.extras import Body, Extras
from contemplate.server.feed import Feed
from contemplate.server.live_answer import LiveAnswer, answers_alone
from contemplate.server.narration import Narrator
from contemplate.server.parts import FileBody, read_content
from contemplate.server.problems import body_of
from contemplate.server.refused import RefusedError
from contemplate.server.settings import Reasoning
from contemplate.server.usage import response_usage, told_of
from contemplate.trace.events import Event
from contemplate.types import Json

_ROLES = {"system", "developer", "user", "assistant"}
_PREFIX = "resp_"


class TextBody(Body):
    """How the answer is written."""

    format: dict[str, Any] | None = None


class ResponseBody(Body):
    """The body of a request. What is not named here is read by nobody."""

    model: Annotated[str, Field(max_length=2000)]
    input: str | Annotated[list[dict[str, Any]], Field(min_length=1)]
    instructions: str | None = None
    stream: bool | None = None
    max_output_tokens: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    text: TextBody | None = None
    previous_response_id: Annotated[str, Field(max_length=300)] | None = None
    seed: int | None = None
    user: Annotated[str, Field(max_length=1000)] | None = None
    background: bool | None = None
    tools: list[Any] | None = None
    contemplate: Extras | None = None


async def read_response(body: ResponseBody, engine: Engine) -> Asked:
    """The question in a body.

    Raises:
        RefusedError: something in it is wrong, or more than is taken.
    """
    strategy, models = named(engine.names, body.model)
    if body.tools:
        raise RefusedError("tools: a panel calls no tools of a client; text.format asks for an object", param="tools")
    if body.background:
        raise RefusedError(
            "background: a response is waited for here; POST /api/runs begins a run on its own", param="background"
        )
    said, files = _messages(body.input, engine.settings.max_messages)
    system, history, text = split([*([Said("system", body.instructions)] if body.instructions else []), *said], "input")
    asked = Asked(
        model=body.model,
        strategy=strategy,
        models=models,
        text=text,
        history=history,
        system=system,
        files=tuple(files),
        schema=schema_of(None if body.text is None else body.text.format, "text.format"),
        sampling=sampling_of(max_tokens=body.max_output_tokens, temperature=body.temperature, top_p=body.top_p),
        seed=body.seed,
        user=body.user,
        extras=body.contemplate or Extras(),
    )
    if body.previous_response_id is None:
        return asked
    before = await engine.said_until(body.previous_response_id.removeprefix(_PREFIX), "previous_response_id")
    return replace(asked, history=(*before, *history))


def _messages(given: str | list[dict[str, Any]], most: int) -> tuple[list[Said], list[FileBody]]:
    if isinstance(given, str):
        return [Said("user", given)], []
    if len(given) > most:
        raise RefusedError(f"input: there are {len(given)} items; at most {most} are taken", param="input")
    said, files = [], []
    for number, item in enumerate(given):
        where = f"input.{number}"
        if item.get("type") == "reasoning":
            continue
        role = item.get("role")
        if item.get("type", "message") != "message" or role not in _ROLES:
            raise RefusedError(f"{where}: messages of a user, an assistant, a developer or the system are taken", param=where)
        content = item.get("content")
        if not isinstance(content, str | list):
            raise RefusedError(f"{where}.content: a text or a list of parts was expected", param=f"{where}.content")
        text, inside = read_content(content, f"{where}.content")
        said.append(Said(str(role), text))
        files += inside
    return said, files


class ResponseWriter:
    """Says in the words of the Responses protocol what comes of a run.

    Clients go by `type` in the data, want `response.created` first, take the text of the whole from `response.completed`, and
    raise nothing where a stream breaks off: so each stream ends with `response.completed` or `response.failed`, and is whole.
    """

    def __init__(self, asked: Asked, jobs: Sequence[Job], reasoning: Reasoning) -> None:
        """Write for one request, which makes one run."""
        run = jobs[0].feed.run
        self._asked, self._reasoning, self._number = asked, reasoning, 0
        self._id, self._created = f"{_PREFIX}{run}", int(time.time())
        self._narrator = Narrator()
        self._live = LiveAnswer(wanted=jobs[0].deltas and answers_alone(jobs[0].spec))
        self._items: list[Json] = []
        self._thoughts, self._open = "", ""

    def opening(self) -> bytes:
        """The response as it begins."""
        head = self._response("in_progress")
        return self._event("response.created", response=head) + self._event("response.in_progress", response=head)

    def event(self, number: int, event: Event) -> bytes:  # noqa: ARG002 - there is one
        """A piece of reasoning, or of an answer that is being written."""
        if self._live.takes(event):
            return self._answered(self._live.piece(event))  # type: ignore[arg-type]  # it takes nothing else
        if self._reasoning == "off" or self._open == "message" or not (text := self._narrator.told(event)):
            return b""
        begins = self._begin_thinking() if self._open != "reasoning" else b""
        self._thoughts += text
        return begins + self._event("response.reasoning_summary_text.delta", **self._at(), summary_index=0, delta=text)

    def closing(self, number: int, feed: Feed, problem: RefusedError | None) -> bytes:  # noqa: ARG002
        """The answer, or what is left of it, and the whole response; or why it failed."""
        if problem is not None or feed.outcome is None:
            error = body_of(problem or RefusedError("the run was stopped", 409))["error"]
            failed = {**self._response("failed", feed), "error": {"code": "server_error", "message": error["message"]}}
            return self._end_thinking() + self._event("response.failed", response=failed)
        answer = feed.outcome.answer or ""
        rest = self._live.rest(answer)
        pieces = b"".join(map(self._answered, in_pieces(rest)))
        told = self._live.sent + rest
        item = _message(self._id, told, "completed")
        done = [
            self._event("response.output_text.done", **self._at(), content_index=0, text=told, logprobs=[]),
            self._event("response.content_part.done", **self._at(), content_index=0, part=_part(told)),
            self._event("response.output_item.done", output_index=self._at()["output_index"], item=item),
        ]
        self._items.append(item)
        whole = {**self._response("completed", feed), "output": self._items}
        return pieces + b"".join(done) + self._event("response.completed", response=whole)

    def end(self, feeds: Sequence[Feed]) -> bytes:  # noqa: ARG002
        """Nothing: the last event says that it is the last."""
        return b""

    def whole(self, feeds: Sequence[Feed]) -> Json:
        """A response."""
        feed = feeds[0]
        answer = "" if feed.outcome is None else feed.outcome.answer or ""
        return {**self._response("completed", feed), "output": [_message(self._id, answer, "completed")]}

    def _response(self, status: str, feed: Feed | None = None) -> Json:
        outcomes = [] if feed is None or feed.outcome is None else [feed.outcome]
        return {
            "id": self._id,
            "object": "response",
            "created_at": self._created,
            "status": status,
            "model": self._asked.model,
            "output": [],
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "metadata": {},
            "parallel_tool_calls": False,
            "tool_choice": "none",
            "tools": [],
            "usage": response_usage(outcomes) if outcomes else None,
            **({"contemplate": told_of(outcomes)} if outcomes else {}),
        }

    def _answered(self, text: str) -> bytes:
        if not text:
            return b""
        begins = self._begin_answer() if self._open != "message" else b""
        return begins + self._event("response.output_text.delta", **self._at(), content_index=0, delta=text, logprobs=[])

    def _begin_thinking(self) -> bytes:
        self._open = "reasoning"
        item = {"id": f"rs_{self._id}", "type": "reasoning", "summary": [], "status": "in_progress"}
        part = {"type": "summary_text", "text": ""}
        added = self._event("response.output_item.added", output_index=0, item=item)
        return added + self._event("response.reasoning_summary_part.added", **self._at(), summary_index=0, part=part)

    def _end_thinking(self) -> bytes:
        if self._open != "reasoning":
            return b""
        part = {"type": "summary_text", "text": self._thoughts}
        item = {"id": f"rs_{self._id}", "type": "reasoning", "summary": [part], "status": "completed"}
        self._items.append(item)
        done = [
            self._event("response.reasoning_summary_text.done", **self._at(), summary_index=0, text=self._thoughts),
            self._event("response.reasoning_summary_part.done", **self._at(), summary_index=0, part=part),
            self._event("response.output_item.done", output_index=0, item=item),
        ]
        self._open = ""
        return b"".join(done)

    def _begin_answer(self) -> bytes:
        ended = self._end_thinking()
        self._open = "message"
        item = _message(self._id, None, "in_progress")
        added = self._event("response.output_item.added", output_index=self._at()["output_index"], item=item)
        return ended + added + self._event("response.content_part.added", **self._at(), content_index=0, part=_part(""))

    def _at(self) -> Json:
        """The item that is being written, and its place."""
        if self._open == "reasoning":
            return {"item_id": f"rs_{self._id}", "output_index": 0}
        return {"item_id": f"msg_{self._id}", "output_index": len(self._items)}

    def _event(self, kind: str, **fields: Any) -> bytes:  # noqa: ANN401 - JSON values
        data = json.dumps({"type": kind, "sequence_number": self._number, **fields}, ensure_ascii=True, separators=(",", ":"))
        self._number += 1
        return f"event: {kind}\ndata: {data}\n\n".encode()


def _part(text: str) -> Json:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _message(response: str, text: str | None, status: str) -> Json:
    content = [] if text is None else [_part(text)]
    return {"id": f"msg_{response}", "type": "message", "role": "assistant", "status": status, "content": content}
