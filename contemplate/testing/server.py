"""The server: it speaks OpenAI's chat completions on loopback, in a thread of its own, and fails as it is told to."""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from email.utils import formatdate
from types import TracebackType
from typing import Self

from aiohttp import web

from contemplate.testing import bodies
from contemplate.testing.faults import Fault, Faults, Latency
from contemplate.testing.rates import Enforced, Rate
from contemplate.types import Json

_START_SECONDS = 10.0
_PIECES = 20
"""Into so many pieces a slow body is cut."""
_NO_LINGER = struct.pack("ii", 1, 0)
"""A socket that is closed like this sends a reset."""
_WORDS = {429: "rate_limit_exceeded", 529: "overloaded_error"}

Answers = str | Callable[[Json], str]
"""What is replied: one text, or a function of the body of the request."""


class FaultServer:
    """A provider on this machine whose faults, speed and limits are chosen; a context manager.

    What happens is the same each time, from `Faults.seed`: a rerun of a test sees the same faults.

    Attributes:
        url: its base URL, once it is started.
        calls: how many calls arrived.
        answered: how many of them were sent a whole completion, which a provider would bill.
        tokens: prompt and completion tokens of those completions, which is what an honest usage says; a reply that is held back,
            cut off or empty was generated all the same.
        counts: how often each thing happened: "ok", the name of a fault ("503", "hang", ...), "rate-limited" for a 429 of the
            limits. A connection that is refused is not counted: nobody sees it.
        arrivals: when each call arrived, in seconds since the start.
        peak: the most calls that were in the server at once.

    Example:
        >>> with FaultServer("Answer: 42", faults=Faults(at={0: Fault(kind="status", status=503)})) as server:
        ...     server.url.startswith("http://127.0.0.1:")
        True
    """

    def __init__(
        self,
        answers: Answers = "Answer: 42",
        *,
        faults: Faults | Fault | None = None,
        latency: Latency | None = None,
        rate: Rate | None = None,
    ) -> None:
        """Remember what to do; nothing listens yet.

        Args:
            answers: what honest replies say.
            faults: when which fault happens; one fault alone happens to every call.
            latency: how long replies take; those of a fault's own (a refusal, a reset) too.
            rate: what is allowed in a minute.
        """
        self.answers = answers
        self.faults = Faults.always(faults) if isinstance(faults, Fault) else faults or Faults()
        self.latency = latency or Latency()
        self.rate = rate
        self.url = ""
        self.calls = self.answered = self.tokens = self.in_flight = self.peak = 0
        self.counts: Counter[str] = Counter()
        self.arrivals: list[float] = []
        self._asked: Counter[str] = Counter()
        self._port = 0
        self._loop = asyncio.new_event_loop()
        self._started, self._stop = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="fault server")

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._started.wait(_START_SECONDS):
            raise RuntimeError("the fault server did not start")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(_START_SECONDS)

    @property
    def seconds(self) -> float:
        """The time from the first arrival to the last."""
        return self.arrivals[-1] - self.arrivals[0] if self.arrivals else 0.0

    @property
    def goodput(self) -> float:
        """Honest completions a second, from the first arrival to the last."""
        return self.counts["ok"] / self.seconds if self.seconds else 0.0

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._models)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await self._listen()
        self.url = f"http://127.0.0.1:{self._port}/v1"
        self._began = time.monotonic()
        self._limits = None if self.rate is None else Enforced(self.rate, 0.0)
        self._started.set()
        await self._stop.wait()
        await self._runner.cleanup()

    async def _listen(self) -> None:
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port, backlog=4096, reuse_address=True)
        await self._site.start()
        self._port = self._runner.addresses[0][1]

    async def _models(self, _: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "any", "object": "model"}]})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        now, content = self._now(), await request.read()
        body: Json = json.loads(content)
        asked = hashlib.sha256(content).hexdigest()
        before, number = self._asked[asked], self.calls
        self._asked[asked] += 1
        self.calls += 1
        self.arrivals.append(now)
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        try:
            if self._limits is not None:
                wait = self._limits.admit(now, bodies.prompt_tokens(body) + bodies.max_tokens(body))
                if wait > 0:
                    return self._limited(wait)
            fault = self.faults.of(number, asked, before)
            self.counts[fault.name if fault else "ok"] += 1
            await asyncio.sleep(self.latency.draw(self.faults.seed, asked, before))
            if fault is not None and fault.kind == "hang":
                await self._stop.wait()
            if request.transport is None or request.transport.is_closing():
                return web.Response()  # nobody is there any more
            return await self._answer(request, body, number, fault)
        finally:
            self.in_flight -= 1

    def _now(self) -> float:
        return time.monotonic() - self._began

    def _limited(self, wait: float) -> web.Response:
        """The refusal of a call that came too early."""
        self.counts["rate-limited"] += 1
        assert self._limits is not None  # noqa: S101 - else nobody was refused
        said = bodies.error("Rate limit reached, slow down.", "rate_limit_exceeded", "rate_limit_exceeded")
        return web.Response(status=429, body=said, content_type="application/json", headers=self._limits.headers(wait))

    async def _answer(self, request: web.Request, body: Json, number: int, fault: Fault | None) -> web.StreamResponse:
        kind = None if fault is None else fault.kind
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if fault is not None:
            match kind:
                case "reset-before":
                    return self._reset(request)
                case "down":
                    self._loop.create_task(self._be_down(fault.seconds))
                    return self._reset(request)
            if (refusal := _refusal(fault, key)) is not None:
                return refusal
        samples = 1 if kind == "n-ignored" else int(body.get("n") or 1)
        texts = [self.answers if isinstance(self.answers, str) else self.answers(body) for _ in range(samples)]
        tokens = bodies.prompt_tokens(body) + sum(map(bodies.counted, texts))
        if self._limits is not None:
            self._limits.used(self._now(), tokens)
        response = await self._send(request, body, bodies.completion(number, body, texts, fault, key), fault)
        if kind != "reset-within":
            self.answered += 1
            self.tokens += tokens
        return response

    async def _send(self, request: web.Request, body: Json, payload: Json, fault: Fault | None) -> web.StreamResponse:
        kind = None if fault is None else fault.kind
        if body.get("stream"):
            usage = bool((body.get("stream_options") or {}).get("include_usage"))
            content, content_type = bodies.in_pieces(payload, fault, usage=usage), "text/event-stream"
        else:
            content, content_type = json.dumps(payload, ensure_ascii=False).encode(), "application/json"
        if kind == "truncated-json":
            content = content[: len(content) * 2 // 3]
        elif kind == "wrong-encoding":
            content = content.replace(b'"content": "', b'"content": "caf\xe9 \xff ').replace(b"Answer", b"R\xe9ponse")
        headers = self._limits.headers() if self._limits is not None else {}
        response = web.StreamResponse(headers={"Content-Type": content_type, "Content-Length": str(len(content)), **headers})
        await response.prepare(request)
        if fault is not None and kind == "drip":
            await _drip(response, content, fault.seconds)
        elif kind == "reset-within":
            await response.write(content[: len(content) // 2])
            return self._reset(request, response)
        else:
            await response.write(content)
        if kind == "reset-after":
            return self._reset(request, response)
        await response.write_eof()
        return response

    def _reset(self, request: web.Request, response: web.StreamResponse | None = None) -> web.StreamResponse:
        """Break the connection off, with a reset; what was written before that is on its way."""
        if (transport := request.transport) is not None:
            sock: socket.socket = transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            transport.abort()
        return response if response is not None else web.Response()

    async def _be_down(self, seconds: float) -> None:
        """Listen no longer, for a while."""
        await self._site.stop()
        await asyncio.sleep(seconds)
        await self._listen()


def _refusal(fault: Fault, key: str) -> web.Response | None:
    """The answer of the kinds that have no completion; None for the others."""
    match fault.kind:
        case "status":
            words = fault.message or f"this is a fault, of status {fault.status}"
            said = bodies.error(words, _WORDS.get(fault.status, "server_error"), fault.status)
            return web.Response(status=fault.status, body=said, content_type="application/json", headers=_retry_after(fault))
        case "key-in-error":
            said = bodies.error(f"Incorrect API key provided: {key}.", "invalid_request_error", "invalid_api_key")
            return web.Response(status=401, body=said, content_type="application/json")
        case "html":
            return web.Response(text="<html><body><h1>Welcome to nginx!</h1></body></html>", content_type="text/html")
    return None


def _retry_after(fault: Fault) -> dict[str, str]:
    if fault.retry_after is None:
        return {}
    return {
        "Retry-After": formatdate(time.time() + fault.retry_after, usegmt=True) if fault.as_date else f"{fault.retry_after:g}"
    }


async def _drip(response: web.StreamResponse, content: bytes, seconds: float) -> None:
    size = max(len(content) // _PIECES, 1)
    pieces = [content[begin : begin + size] for begin in range(0, len(content), size)]
    for piece in pieces:
        await response.write(piece)
        await asyncio.sleep(seconds / len(pieces))
