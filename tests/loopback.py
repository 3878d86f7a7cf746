"""A real OpenAI-compatible server on loopback, that answers as it is told to and remembers what it saw.

In tests it is the fixture `loopback`, and runs in a thread with a loop of its own. As a script it is a process of its
own, for tests that kill their client and for benchmarks::

    python tests/loopback.py --port 0 --delay 0.05 --log finished.jsonl
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from aiohttp import web

Mode = Literal["takes", "ignores", "refuses"]

DEFAULT_TEXT = "Both numbers add up.\nThe answer is 42."


@dataclass(frozen=True)
class Seen:
    """One request as it arrived. `place` counts from 0 in order of arrival.

    Where several samples are asked for and given, a script that is a function is called for each, with its `sample` from 0.
    """

    place: int
    method: str
    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    sample: int = 0

    @property
    def key(self) -> str:
        """The bearer token sent along; "" for none."""
        return self.headers.get("Authorization", "").removeprefix("Bearer ")


@dataclass(frozen=True)
class Reply:
    """How to answer one request; made by `Loopback.reply`.

    Attributes:
        text: the content of the message; None leaves it null.
        message: more fields of the message, as `refusal`.
        usage: None leaves it out; "count" counts words.
        body: what to send instead of a chat completion, as it stands.
        delay: seconds to sleep first; None for the server's own.
        hang: never answer.
        drop: send half the body, and break the connection off.
    """

    text: str | list[dict[str, str]] | None = DEFAULT_TEXT
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    message: Mapping[str, Any] = field(default_factory=dict)
    finish: str | None = "stop"
    usage: dict[str, Any] | str | None = "count"
    choices: list[Any] | None = None
    body: bytes | None = None
    content_type: str = "application/json"
    delay: float | None = None
    hang: bool = False
    drop: bool = False


Script = Callable[[Seen], Reply | str] | Sequence[Reply | str] | Reply | str


class Loopback:
    """The server.

    Attributes:
        url: its base URL.
        script: how to answer: one text or reply for everything, a list to use up, or a function of what was seen.
        delay: seconds before each answer.
        modes: what it does with `n`, `logprobs` and `response_format`: takes them, ignores them (by default), or refuses
            them with a 400 that names them. `stream` and `stream_options` it takes by default.
        most_samples: the most samples that it gives for one request.
        seen: the calls so far, in order of arrival.
        pings: requests for the list of models.
        listing: the list of models that it gives, or the status that it gives instead.
        list_key: the bearer token that it wants before it gives the list; "" for none.
        finished: calls that were answered in full.
        peak: the most calls in flight at once.
        took: seconds from the arrival of each call until its answer was sent, by its place.
        connections: the most connections that were open at once.
        opened: when connections were opened, in seconds of a clock of its own.
    """

    reply = Reply

    def __init__(self, script: Script = DEFAULT_TEXT, *, delay: float = 0.0, port: int = 0, log: Path | None = None) -> None:
        self.script = script
        self.delay = delay
        self.modes: dict[str, Mode] = {"n": "ignores", "logprobs": "ignores", "response_format": "ignores"}
        self.modes |= {"stream": "takes", "stream_options": "takes"}
        self.most_samples = 128
        self.url = ""
        self.seen: list[Seen] = []
        self.pings = 0
        self.listing: Any = {"object": "list", "data": [{"id": "any", "object": "model"}]}
        self.list_key = ""
        self.finished = 0
        self.in_flight = 0
        self.peak = 0
        self.took: dict[int, float] = {}
        self.connections = 0
        self.opened: list[float] = []
        self._peers: set[object] = set()
        self._server: web.Server | None = None
        self._port = port
        self._log = log.open("a", encoding="utf-8") if log else None
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait(timeout=10)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=10)
        if self._log:
            self._log.close()

    def wait(self) -> None:
        """Serve until the process is ended."""
        while self._thread.is_alive():
            self._thread.join(timeout=1)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/counted", self._counted)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        self._server = runner.server
        await web.TCPSite(runner, "127.0.0.1", self._port, backlog=4096).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        self._started.set()
        await self._stop.wait()
        await runner.cleanup()

    async def _counted(self, request: web.Request) -> web.Response:
        """What came since this was asked last, for benchmarks: calls, and the most at once; with `?took` what each call took.

        Of connections: how many were opened, the most that were open, and the most that were opened within a tenth of a second.
        """
        counted: dict[str, Any] = {"calls": len(self.seen), "peak": self.peak, "connections": self.connections}
        counted |= {"opened": len(self.opened), "burst": most_within(0.1, self.opened)}
        if "took" in request.query:
            counted["took"] = self.took
        self.seen, self.peak, self.took = [], self.in_flight, {}
        self.connections, self.opened, self._peers = 0, [], set()
        return web.json_response(counted)

    def _note_connection(self, request: web.Request) -> None:
        """Count the connection of a request, if it is its first one."""
        peer = request.transport.get_extra_info("peername") if request.transport is not None else None
        if peer is not None and peer not in self._peers:
            self._peers.add(peer)
            self.opened.append(time.monotonic())
            assert self._server is not None
            self.connections = max(self.connections, len(self._server.connections))

    async def _models(self, request: web.Request) -> web.Response:
        self.pings += 1
        if self.list_key and request.headers.get("Authorization") != f"Bearer {self.list_key}":
            return web.Response(status=401)
        if isinstance(self.listing, int):
            return web.Response(status=self.listing)
        return web.json_response(self.listing)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        began = time.monotonic()
        self._note_connection(request)
        seen = Seen(len(self.seen), request.method, request.path, dict(request.headers), json.loads(await request.read()))
        self.seen.append(seen)
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        try:
            reply = self._refusal(seen) or self._choose(seen)
            await asyncio.sleep(self.delay if reply.delay is None else reply.delay)
            if reply.hang:
                await self._stop.wait()
            if request.transport is None or request.transport.is_closing():
                return web.Response()  # nobody is there any more
            self.took[seen.place] = time.monotonic() - began
            return await self._send(request, seen, reply)
        finally:
            self.in_flight -= 1

    def takes(self, seen: Seen, name: str) -> bool:
        """Whether a request has the field of that `name`, and gets what it asks for."""
        return bool(seen.body.get(name)) and self.modes[name] == "takes"

    def _refusal(self, seen: Seen) -> Reply | None:
        for name, mode in self.modes.items():
            if mode == "refuses" and name in seen.body:
                error = {"message": f"Unsupported parameter: '{name}'", "type": "invalid_request_error", "param": name}
                return Reply(status=400, body=json.dumps({"error": error}).encode())
        return None

    def _choose(self, seen: Seen) -> Reply:
        script = self.script
        if isinstance(script, str | Reply):
            chosen: Reply | str = script
        elif callable(script):
            chosen = script(seen)
        elif seen.place < len(script):
            chosen = script[seen.place]
        else:
            chosen = Reply(status=400, body=b'{"error": {"message": "the script of the loopback server ran dry"}}')
        return Reply(text=chosen) if isinstance(chosen, str) else chosen

    async def _send(self, request: web.Request, seen: Seen, reply: Reply) -> web.StreamResponse:
        body = self._completion(seen, reply) if reply.body is None else reply.body
        content_type = reply.content_type
        if reply.body is None and self.takes(seen, "stream"):
            body, content_type = _in_pieces(json.loads(body), usage=self.takes(seen, "stream_options")), "text/event-stream"
        headers = {"Content-Type": content_type, "Content-Length": str(len(body)), **reply.headers}
        response = web.StreamResponse(status=reply.status, headers=headers)
        await response.prepare(request)
        await response.write(body[: len(body) // 2] if reply.drop else body)
        if reply.drop:
            assert request.transport is not None
            request.transport.close()
            return response
        await response.write_eof()
        if request.transport is not None and not request.transport.is_closing():
            self.finished += 1
            self._write_log(seen, reply)
        return response

    def _completion(self, seen: Seen, reply: Reply) -> bytes:
        samples = min(seen.body["n"], self.most_samples) if self.takes(seen, "n") else 1
        replies = [reply, *(self._choose(replace(seen, sample=sample)) for sample in range(1, samples))]
        payload: dict[str, Any] = {
            "id": f"chatcmpl-{seen.place}",
            "object": "chat.completion",
            "created": 1,
            "model": seen.body.get("model", ""),
            "choices": [self._choice(seen, said, place) for place, said in enumerate(replies)],
        }
        if reply.choices is not None:
            payload["choices"] = reply.choices
        if reply.usage == "count":
            prompt = sum(len(str(said.get("content")).split()) for said in seen.body.get("messages", [])) + 5
            completion = sum(len(str(said.text or "").split()) for said in replies)
            payload["usage"] = {
                "prompt_tokens": prompt,
                "completion_tokens": completion,
                "total_tokens": prompt + completion,
            }
        elif reply.usage is not None:
            payload["usage"] = reply.usage
        return json.dumps(payload).encode()

    def _choice(self, seen: Seen, reply: Reply, place: int) -> dict[str, Any]:
        text = reply.text
        if isinstance(text, str) and self.takes(seen, "response_format"):
            text = _held_to(seen.body["response_format"]["json_schema"]["schema"], text)
        message = {"role": "assistant", "content": text, **reply.message}
        choice: dict[str, Any] = {"index": place, "message": message, "finish_reason": reply.finish}
        if self.takes(seen, "logprobs"):
            choice["logprobs"] = _logprobs(str(text), seen.body.get("top_logprobs", 0))
        return choice

    def _write_log(self, seen: Seen, reply: Reply) -> None:
        if self._log:
            self._log.write(json.dumps({"place": seen.place, "status": reply.status, "body": seen.body}) + "\n")
            self._log.flush()


def most_within(seconds: float, times: Sequence[float]) -> int:
    """The most of `times`, which are in order, that lie within so many seconds of each other."""
    most = first = 0
    for last, time_ in enumerate(times):
        while time_ - times[first] > seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def varying(text: str, median: float, sigma: float, seed: int) -> Callable[[Seen], Reply]:
    """A script whose replies tell their place, and take times that are drawn from a lognormal distribution, by place."""

    def say(seen: Seen) -> Reply:
        delay = median * math.exp(sigma * random.Random(f"{seed}/{seen.place}").gauss(0.0, 1.0))
        return Reply(text=f"This is reply {seen.place}.\n{text}", delay=delay)

    return say


def raise_open_files() -> tuple[int, int]:
    """Let this process have as many files and connections open as it may: how many that are, before and now."""
    import resource  # not on Windows

    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before != most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return before, resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _in_pieces(payload: dict[str, Any], *, usage: bool) -> bytes:
    """A completion as a stream of events, a piece for each word of the first choice."""
    (choice, *_), head = payload["choices"], {name: payload[name] for name in ("id", "model")}
    said = choice["message"].pop("content") or ""
    pieces = [{"role": "assistant", **choice["message"]}, *({"content": word} for word in re.findall(r"\s*\S+|\s+$", said))]
    chunks = [{**head, "choices": [{"index": 0, "delta": piece, "finish_reason": None}]} for piece in pieces]
    chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]})
    if usage and "usage" in payload:
        chunks.append({**head, "choices": [], "usage": payload["usage"]})
    return "".join(f"data: {one}\n\n" for one in (*map(json.dumps, chunks), "[DONE]")).encode()


def _logprobs(text: str, likeliest: int) -> dict[str, Any]:
    """Each word is a token of log-probability -0.5, and the others at its place are a half less likely each."""

    def rows(word: str) -> list[dict[str, Any]]:
        return [{"token": f"{word}{'~' * rank}", "logprob": -0.5 * (rank + 1)} for rank in range(likeliest)]

    return {"content": [{"token": word, "logprob": -0.5, "top_logprobs": rows(word)} for word in text.split()]}


def _held_to(schema: dict[str, Any], text: str) -> str:
    """`text` if it is JSON, else JSON that satisfies `schema`."""
    try:
        json.loads(text)
    except ValueError:
        return json.dumps(_instance(schema, text))
    return text


def _instance(schema: dict[str, Any], text: str) -> Any:
    """The simplest value that satisfies `schema`, with `text` for each string that is free."""
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: _instance(rule, text) for name, rule in schema.get("properties", {}).items()}
        case "array":
            return [_instance(schema.get("items", {}), text)]
        case "number" | "integer":
            return schema.get("minimum", 0)
        case "boolean":
            return True
        case _:
            return text


def main() -> None:
    """Serve until the process is ended; print the base URL first."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--log", type=Path, help="append one JSON line for each request answered in full")
    parser.add_argument("--text", default=DEFAULT_TEXT, help="what every answer says")
    parser.add_argument("--lognormal", nargs=3, type=float, metavar=("MEDIAN", "SIGMA", "SEED"), help="delays that vary, drawn")
    given = parser.parse_args()
    raise_open_files()
    script: Script = given.text if given.lognormal is None else varying(given.text, *given.lognormal)
    with Loopback(script, delay=given.delay, port=given.port, log=given.log) as server:
        print(server.url, flush=True)
        server.wait()


if __name__ == "__main__":
    main()
