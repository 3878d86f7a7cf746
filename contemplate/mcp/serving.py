"""The transports of the server: the standard streams, or streamable HTTP. Safe unless told otherwise: loopback, or a token."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contemplate.errors import InputError
from contemplate.installed import library
from contemplate.mcp.desk import Desk

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer
    from mcp.server.transport_security import TransportSecuritySettings

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_LEAST_TOKEN = 16
_PATH = "/mcp"


@dataclass(frozen=True)
class Address:
    """Where the server listens.

    Attributes:
        host: a name or an address.
        port: 0 for any that is free.
        token: that whoever asks must send; None for none, which a host on loopback alone allows.
        names: further values that the header Host may have, as "panel.example.org".
    """

    host: str = "127.0.0.1"
    port: int = 8642
    token: str | None = None
    names: tuple[str, ...] = ()

    def checked(self) -> Address:
        """This address, if it is safe.

        Raises:
            InputError: it is open to others without a token, or the token is too short.
        """
        if self.token is None and self.host not in LOOPBACK:
            raise InputError(f"--host {self.host}: others can reach it, so it needs a token (--token-file FILE)")
        if self.token is not None and (
            len(self.token) < _LEAST_TOKEN or not self.token.isascii() or not self.token.isprintable()
        ):
            raise InputError(f"a token has at least {_LEAST_TOKEN} printable ASCII characters")
        return self


async def serve_stdio(desk: Desk) -> None:
    """Answer on the standard streams until they are closed.

    Raises:
        InputError: mcp is not installed.
    """
    await _server(desk).run_stdio_async()


def _server(desk: Desk) -> MCPServer:
    library("mcp", "mcp")
    from contemplate.mcp.server import make_server

    return make_server(desk)


async def serve_http(desk: Desk, address: Address, told: Callable[[str], None]) -> None:
    """Answer over streamable HTTP until the process is told to end.

    Args:
        desk: answers.
        address: where.
        told: is told the address once it is known.

    Raises:
        InputError: uvicorn is not installed, or the address is not safe or can't be had.
    """
    import socket

    uvicorn = library("uvicorn", "mcp")
    address = address.checked()
    app: App = _server(desk).streamable_http_app(streamable_http_path=_PATH, transport_security=_security(address))
    if address.token is not None:
        app = with_token(app, address.token)
    try:
        listening = socket.create_server(
            (address.host, address.port), family=socket.AF_INET6 if ":" in address.host else socket.AF_INET, reuse_port=False
        )
    except OSError as error:
        raise InputError(f"{address.host}:{address.port}: can't listen there ({error.strerror or error})") from None
    with listening:
        host = f"[{address.host}]" if ":" in address.host else address.host
        told(f"http://{host}:{listening.getsockname()[1]}{_PATH}")
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5))
        await server.serve(sockets=[listening])


def _security(address: Address) -> TransportSecuritySettings:
    """What the headers Host and Origin may say: a page elsewhere that a browser shows can't speak to the server."""
    from mcp.server.transport_security import TransportSecuritySettings

    loopback = ("127.0.0.1", "localhost", "[::1]") if address.host in LOOPBACK else (address.host,)
    names = [*loopback, *address.names]
    hosts = [form for name in names for form in (name, f"{name}:*")]
    return TransportSecuritySettings(
        allowed_hosts=hosts, allowed_origins=[f"{scheme}://{host}" for scheme in ("http", "https") for host in hosts]
    )


def with_token(app: App, token: str) -> App:
    """An application that answers only those who send the token, compared in constant time."""
    wanted = f"Bearer {token}".encode("ascii")

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            sent = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
            if not secrets.compare_digest(sent, wanted):
                headers = [(b"www-authenticate", b"Bearer"), (b"content-type", b"text/plain")]
                await send({"type": "http.response.start", "status": 401, "headers": headers})
                await send({"type": "http.response.body", "body": b"a bearer token is needed\n"})
                return
        await app(scope, receive, send)

    return guarded
