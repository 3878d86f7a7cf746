"""Listening: uvicorn on one event loop, and an end in which every run finishes or is stored."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn

from contemplate.concurrency import task_group
from contemplate.errors import InputError
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.server.app import build
from contemplate.server.engine import Engine
from contemplate.server.settings import ServerSettings

_BACKLOG = 1024
_AFTER = 5.0
"""So many seconds connections have to end once their runs have."""


class _Uvicorn(uvicorn.Server):
    """A server whose signals are ours, and that says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], object]) -> None:
        """Serve, and call `ready` once it listens."""
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class Serving:
    """A server that listens.

    Attributes:
        url: its address, as "http://127.0.0.1:8642".
    """

    def __init__(self, engine: Engine, sock: socket.socket, ready: Callable[[Serving], object]) -> None:
        """Serve `engine` at `sock`, which is bound; `ready` is told once it listens."""
        settings = engine.settings
        host, port = sock.getsockname()[:2]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        self._engine, self._sock, self._asked = engine, sock, 0
        config = uvicorn.Config(
            build(engine),
            lifespan="off",
            ws="none",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=64 * 1024,
            timeout_graceful_shutdown=int(settings.drain + _AFTER) + 1,
        )
        self._server = _Uvicorn(config, lambda: ready(self))

    async def serve(self) -> None:
        """Serve until `stop`; then runs under way have their time, and are stored if that does not suffice."""
        await self._server.serve(sockets=[self._sock])
        self._engine.drain()
        await self._engine.slots.emptied()

    def stop(self) -> None:
        """Let nobody in any more, and end when all runs have; asked once more, store them at once."""
        self._asked += 1
        self._engine.drain()
        if self._asked > 1:
            self._engine.store_now()
        self._server.should_exit = True


def bound(settings: ServerSettings) -> socket.socket:
    """The socket to listen at.

    Raises:
        InputError: it can't be had.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    sock = socket.socket(family)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((settings.host, settings.port))
        sock.listen(_BACKLOG)
    except OSError as error:
        sock.close()
        why = error.strerror or str(error)
        raise InputError(f"can't listen at {settings.host} port {settings.port} ({why}); --port names another one") from None
    sock.setblocking(False)  # noqa: FBT003 - the library's
    return sock


async def serve(
    orchestrator: Orchestrator,
    settings: ServerSettings,
    ready: Callable[[Serving], object] = lambda _: None,
    *,
    signals: bool = False,
) -> None:
    """Open an orchestrator, and serve with it until the server is told to stop.

    Args:
        orchestrator: not open yet.
        settings: how to serve.
        ready: told the server once it listens.
        signals: SIGTERM and SIGINT tell it to stop, gently; a second one, at once.

    Raises:
        InputError: it can't listen there, or the ledger can't be opened.
    """
    sock = bound(settings)
    try:
        async with orchestrator, task_group() as tasks:
            await orchestrator.find_model()
            engine = Engine(orchestrator, settings, tasks)
            tasks.start_soon(engine.warm_up)
            serving = Serving(engine, sock, ready)
            with _signals(serving.stop) if signals else contextlib.nullcontext():
                await serving.serve()
            tasks.cancel_scope.cancel()
    finally:
        sock.close()


@contextlib.contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """Have SIGTERM and SIGINT call `stop`, for as long as the block lasts."""
    loop, before = asyncio.get_running_loop(), dict[signal.Signals, Any]()
    for number in (signal.SIGTERM, signal.SIGINT):
        before[number] = signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
