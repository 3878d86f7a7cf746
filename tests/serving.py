"""A server of contemplate on loopback, in this event loop or in a thread of its own, with scripted agents or real calls."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from contemplate import Orchestrator, ScriptedBackend, Settings
from contemplate.models.backends.base import Backend
from contemplate.models.retry import Retry
from contemplate.server.engine import Engine
from contemplate.server.serving import Serving, serve
from contemplate.server.settings import ServerSettings

MODEL = "a-model"
ONCE = Settings(retry=Retry(attempts=1))


@dataclass
class Client:
    """A client of a server that runs.

    Attributes:
        url: the server's address, without a path.
        serving: the server; `engine` is what it shares.
    """

    url: str
    serving: Serving
    session: aiohttp.ClientSession
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def engine(self) -> Engine:
        """What all requests share."""
        return self.serving._engine

    async def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any, Mapping[str, str]]:
        """Post a body: JSON of a value, or bytes as they are."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self.session.post(f"{self.url}{path}", data=data, headers={**self.headers, **headers}) as reply:
            return reply.status, read(await reply.read()), reply.headers

    async def get(self, path: str, **headers: str) -> tuple[int, Any, Mapping[str, str]]:
        """Get a path."""
        async with self.session.get(f"{self.url}{path}", headers={**self.headers, **headers}) as reply:
            return reply.status, read(await reply.read()), reply.headers

    async def stream(self, path: str, body: dict[str, Any], **headers: str) -> list[dict[str, Any]]:
        """The events of a stream, each as the value in its data; the mark of the end is left out, but must be there in chats."""
        async with self.session.post(f"{self.url}{path}", json=body, headers={**self.headers, **headers}) as reply:
            assert reply.status == 200, await reply.text()
            return events_in(await reply.text())


def events_in(text: str) -> list[dict[str, Any]]:
    """The values in the events of a stream."""
    data = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    return [json.loads(one) for one in data if one != "[DONE]"]


def read(content: bytes) -> Any:
    """A body as JSON, or as text where it is none."""
    try:
        return json.loads(content)
    except ValueError:
        return content.decode()


def asked(text: str, strategy: str = "single", **fields: Any) -> dict[str, Any]:
    """The body of a chat of one message."""
    return {"model": f"contemplate/{strategy}", "messages": [{"role": "user", "content": text}], **fields}


def made(backend: Backend | None, ledger: Path | str, *, calls: Settings = ONCE, **options: Any) -> Orchestrator:
    """The orchestrator of a server: with a backend that answers everything, or `base_url` for a path of calls."""
    return Orchestrator([MODEL], backend=backend, ledger=ledger, settings=calls, **options)


@asynccontextmanager
async def served(
    backend: Backend | None = None, *, ledger: Path | str = ":memory:", settings: dict[str, Any] | None = None, **options: Any
) -> AsyncIterator[Client]:
    """A server in this event loop, and a client; it is stopped when the block is left."""
    backend = backend if backend is not None or options else ScriptedBackend(lambda _: "Both add up.\nAnswer: 42")
    found: asyncio.Future[Serving] = asyncio.get_running_loop().create_future()
    given = ServerSettings(**{"port": 0, "drain": 5.0, **(settings or {})})
    task = asyncio.create_task(serve(made(backend, ledger, **options), given, found.set_result))
    done, _ = await asyncio.wait({task, found}, return_when=asyncio.FIRST_COMPLETED)
    if task in done:
        await task
    serving = found.result()
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            yield Client(serving.url, serving, session)
    finally:
        serving.stop()
        await asyncio.wait_for(task, 20)


@contextmanager
def served_apart(backend: Backend | None = None, settings: dict[str, Any] | None = None, **options: Any) -> Iterator[str]:
    """The address of a server in a thread of its own: for clients that are not async."""
    backend = backend or ScriptedBackend(lambda _: "Both add up.\nAnswer: 42")
    ready, started = threading.Event(), list[tuple[Serving, asyncio.AbstractEventLoop]]()

    async def work() -> None:
        def tell(serving: Serving) -> None:
            started.append((serving, asyncio.get_running_loop()))
            ready.set()

        given = ServerSettings(**{"port": 0, "drain": 5.0, **(settings or {})})
        await serve(made(backend, ":memory:", **options), given, tell)

    thread = threading.Thread(target=lambda: asyncio.run(work()), daemon=True)
    thread.start()
    assert ready.wait(20)
    ((serving, loop),) = started
    try:
        yield serving.url
    finally:
        loop.call_soon_threadsafe(serving.stop)
        thread.join(20)
        assert not thread.is_alive()
