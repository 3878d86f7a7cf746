"""The application: which path leads where. What goes wrong has one shape, whatever it is."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from contemplate._version import __version__
from contemplate.errors import ContemplateError, ProgramError
from contemplate.errors.boundary import boundary
from contemplate.server.asking import read_body
from contemplate.server.chat import ChatBody, ChatWriter, read_chat
from contemplate.server.engine import Engine
from contemplate.server.front import PAGE_HEADERS, asset_response, front_page
from contemplate.server.guard import COOKIE, Guard, Sessions
from contemplate.server.problems import answer, refusal
from contemplate.server.refused import RefusedError
from contemplate.server.responses import ResponseBody, ResponseWriter, read_response
from contemplate.server.run_api import ROUTES
from contemplate.server.streaming import RunResponse
from contemplate.text import one_line
from contemplate.types import Json

Endpoint = Callable[[Engine, Request], Awaitable[Response]]


async def chat(engine: Engine, request: Request) -> Response:
    """A chat completion."""
    body = await read_body(request, ChatBody)
    asked = read_chat(body, engine.names, engine.settings)
    stream, reasoning = bool(body.stream), engine.settings.reasoning
    jobs = await engine.jobs(asked, request.state.token, deltas=stream)
    usage = body.stream_options is not None and body.stream_options.include_usage
    return RunResponse(engine, jobs, ChatWriter(asked, jobs, reasoning, usage=usage), stream=stream)


async def respond(engine: Engine, request: Request) -> Response:
    """A response."""
    body = await read_body(request, ResponseBody)
    asked = await read_response(body, engine)
    jobs = await engine.jobs(asked, request.state.token, deltas=bool(body.stream))
    return RunResponse(engine, jobs, ResponseWriter(asked, jobs, engine.settings.reasoning), stream=bool(body.stream))


async def models(engine: Engine, request: Request) -> Response:  # noqa: ARG001 - every one takes it
    """The panels that a client is offered."""
    return JSONResponse({"object": "list", "data": [_model(name) for name in engine.names.listed()]})


async def model(engine: Engine, request: Request) -> Response:
    """One of them, or one of them on models of the client's choice."""
    name = request.path_params["model"]
    engine.names.read(name)
    return JSONResponse(_model(name))


def _model(name: str) -> Json:
    return {"id": name, "object": "model", "created": _BEGAN, "owned_by": "contemplate"}


_BEGAN = int(time.time())


async def health(engine: Engine, request: Request) -> Response:  # noqa: ARG001
    """Whether the process is there."""
    return JSONResponse({"status": "ok", "version": __version__})


async def ready(engine: Engine, request: Request) -> Response:  # noqa: ARG001
    """Whether it takes on runs."""
    if engine.slots.closed:
        raise RefusedError("the server is about to stop", 503, type="server_error", code="draining", retry_after=5)
    return JSONResponse(
        {"status": "ready", "running": engine.slots.running, "waiting": engine.slots.inside - engine.slots.running}
    )


async def metrics(engine: Engine, request: Request) -> Response:  # noqa: ARG001
    """Counts, for Prometheus."""
    running = engine.slots.running
    text = engine.metrics.text(running=running, waiting=engine.slots.inside - running)
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


@dataclass(frozen=True)
class _Front:
    """The page on which people ask."""

    sessions: Sessions

    async def __call__(self, engine: Engine, request: Request) -> Response:
        known = engine.settings.token(None) is not None or self.sessions.token(request.headers) is not None
        return HTMLResponse(front_page(token=not known), headers=PAGE_HEADERS)


async def asset(engine: Engine, request: Request) -> Response:  # noqa: ARG001
    """The script or the style of the page."""
    return asset_response(request.path_params["name"], request.headers.get("if-none-match"))


@dataclass(frozen=True)
class _Sign:
    """Gives a browser that shows its token a cookie of its own: so that it can open pages and streams."""

    sessions: Sessions

    async def __call__(self, engine: Engine, request: Request) -> Response:  # noqa: ARG002 - every one takes it
        token = request.state.token
        response = JSONResponse({"name": token.name})
        word = self.sessions.begin(token)
        response.set_cookie(COOKIE, word, httponly=True, samesite="strict", secure=request.url.scheme == "https", path="/")
        return response


def build(engine: Engine) -> Starlette:
    """The application of a server."""
    sessions = Sessions()
    own: dict[tuple[str, str], Endpoint] = {
        ("POST", "/v1/chat/completions"): chat,
        ("POST", "/v1/responses"): respond,
        ("GET", "/v1/models"): models,
        ("GET", "/v1/models/{model:path}"): model,
        ("GET", "/health"): health,
        ("GET", "/ready"): ready,
        ("GET", "/metrics"): metrics,
        ("GET", "/"): _Front(sessions),
        ("GET", "/assets/{name}"): asset,
        ("POST", "/api/session"): _Sign(sessions),
        **ROUTES,
    }
    routes: list[BaseRoute] = [Route(path, _with(engine, endpoint), methods=[method]) for (method, path), endpoint in own.items()]
    guard = Middleware(Guard, settings=engine.settings, metrics=engine.metrics, sessions=sessions)
    handlers = {ContemplateError: _refused, HTTPException: _plain, 500: _broken}
    return Starlette(routes=routes, middleware=[guard], exception_handlers=handlers)


def _with(engine: Engine, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    async def call(request: Request) -> Response:
        response: Response | None = None
        with boundary(f"{request.method} {request.url.path[:200]}", passes=()) as caught:
            response = await endpoint(engine, request)
        return response or answer(refusal(caught.error or ProgramError("nothing came of a request")))

    return call


async def _refused(request: Request, error: Exception) -> Response:  # noqa: ARG001 - starlette's
    assert isinstance(error, ContemplateError)  # noqa: S101 - it is asked for those alone
    return answer(refusal(error))


async def _plain(request: Request, error: Exception) -> Response:
    status, path = getattr(error, "status_code", 500), one_line(request.url.path, 100)
    if status == HTTPStatus.NOT_FOUND:
        return answer(RefusedError(f"there is nothing at {path!r}", status, code="not_found"))
    return answer(RefusedError(f"{request.method} is not what {path!r} takes", status))


async def _broken(request: Request, error: Exception) -> Response:  # noqa: ARG001
    return answer(
        RefusedError("something went wrong in the server; its log says what", 500, type="server_error", code="internal")
    )
