"""Who gets in: each request has an id, a host and an origin that are ours, a token where one is wanted, and a size.

A loopback address is reached by every page of the user's own browser, too. So the name that a request came by must be one of the
server's own (a page that has its name point here is no host of ours), and a page of another origin is refused.
"""

from __future__ import annotations

import ipaddress
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contemplate import log
from contemplate.models.backends.address import is_loopback
from contemplate.server.metrics import Metrics
from contemplate.server.problems import answer
from contemplate.server.refused import RefusedError
from contemplate.server.settings import ServerSettings, Token
from contemplate.text import one_line

OPEN = ("/", "/health", "/ready")
ASSETS = "/assets/"
"""What everybody may see: nothing in it is anybody's."""
COOKIE = "contemplate-session"
_SESSIONS = 1000
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass
class Sessions:
    """The browsers that have shown a token: each holds a word of its own instead, in a cookie that no script reads."""

    _known: dict[str, Token] = field(default_factory=dict)

    def begin(self, token: Token) -> str:
        """A new session of whoever has that token."""
        while len(self._known) >= _SESSIONS:
            del self._known[next(iter(self._known))]
        word = secrets.token_urlsafe(32)
        self._known[word] = token
        return word

    def token(self, headers: Headers) -> Token | None:
        """The token of the session that a request belongs to."""
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return None
        return None if cookie is None else self._known.get(cookie.value)


class Guard:
    """Stands before the application, and counts what comes and goes."""

    def __init__(self, app: ASGIApp, settings: ServerSettings, metrics: Metrics, sessions: Sessions) -> None:
        """Guard `app`."""
        self._app, self._settings, self._metrics, self._sessions = app, settings, metrics, sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, began = Headers(scope=scope), time.monotonic()
        request = f"req_{secrets.token_hex(8)}"
        scope.setdefault("state", {})["request"] = request
        seen = _Seen(send, {**_HEADERS, "X-Request-Id": request, **self._cors(headers)})
        try:
            if (refused := self._refused(scope, headers)) is not None:
                await answer(refused)(scope, receive, seen)
            elif scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
                await seen({"type": "http.response.start", "status": 204, "headers": []})
                await seen({"type": "http.response.body", "body": b""})
            else:
                await self._app(scope, self._counted(headers, receive), seen)
        finally:
            self._metrics.requests[_route(scope["path"]), seen.status] += 1
            log.info(
                "request", id=request, path=one_line(scope["path"], 100), status=seen.status, seconds=time.monotonic() - began
            )

    def _refused(self, scope: Scope, headers: Headers) -> RefusedError | None:
        """Why a request is not let in; None: it is, and whose it is stands in its state."""
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._is_ours(host):
            name = one_line(_name(host), 100)
            return RefusedError(f"this server is not called {name!r} (--allow-host adds a name)", 403, code="host_not_allowed")
        if origin is not None and not self._may_call(origin, host):
            return RefusedError("pages of that origin may not call this server (--allow-origin)", 403, code="origin_not_allowed")
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self._settings.max_body:
            return _too_large(self._settings.max_body)
        preflight = scope["method"] == "OPTIONS"
        if scope["path"] in OPEN or scope["path"].startswith(ASSETS) or preflight:
            return None
        token = self._settings.token(_bearer(headers)) or self._sessions.token(headers)
        if token is None:
            message = "a token is needed: Authorization: Bearer TOKEN, which the server printed when it started"
            wrong = "that is no token of this server" if _bearer(headers) else message
            return RefusedError(wrong, 401, type="authentication_error", code="invalid_api_key", retry=False)
        scope["state"]["token"] = token
        return None

    def _is_ours(self, host: str) -> bool:
        """Whether a request came by a name of this server: a number has no owner who could point it elsewhere."""
        name = _name(host)
        if not name:
            return False
        if is_loopback(name) or name in {self._settings.host.lower(), *map(str.lower, self._settings.hosts)}:
            return True
        return self._settings.public and _is_address(name)

    def _may_call(self, origin: str, host: str) -> bool:
        if origin in self._settings.origins:
            return True
        parts = urlsplit(origin)
        return parts.scheme in {"http", "https"} and parts.netloc.lower() == host.lower()

    def _cors(self, headers: Headers) -> dict[str, str]:
        """What lets a page of an allowed origin read the reply."""
        if (origin := headers.get("origin")) is None or origin not in self._settings.origins:
            return {}
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
            "Access-Control-Allow-Headers": headers.get("access-control-request-headers", "authorization, content-type")[:1000],
            "Access-Control-Expose-Headers": "X-Request-Id, X-Contemplate-Run, Retry-After",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Vary": "Origin",
        }

    def _counted(self, headers: Headers, receive: Receive) -> Receive:
        """`receive`, which refuses a body that grows too large; one that says its length beforehand was looked at."""
        if "content-length" in headers:
            return receive
        size, most = 0, self._settings.max_body

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > most:
                raise _too_large(most)
            return message

        return counted


class _Seen:
    """`send`, with more headers, and the status that was sent."""

    def __init__(self, send: Callable[[Message], object], more: dict[str, str]) -> None:
        self._send, self._more, self.status = send, more, 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self._more.items():
                headers.setdefault(name, value)
        await self._send(message)  # type: ignore[misc]  # as ASGI has it


def _too_large(most: int) -> RefusedError:
    return RefusedError(f"the request is too large; at most {most:,} bytes are taken", 413, code="request_too_large", retry=False)


def _bearer(headers: Headers) -> str | None:
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def _name(host: str) -> str:
    """The name in a Host header, without its port."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _route(path: str) -> str:
    """A path as it is counted: without the ids in it, and one word for what is not there."""
    known = (
        "/v1/chat/completions",
        "/v1/responses",
        "/v1/models",
        "/api/runs",
        "/api/catalogue",
        "/api/session",
        "/assets",
        "/health",
        "/ready",
        "/metrics",
    )
    return next((one for one in known if path == one or path.startswith(f"{one}/")), "/" if path == "/" else "other")
