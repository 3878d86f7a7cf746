"""Tools on MCP servers: a command that is started and spoken to over its standard streams, or an address (streamable HTTP).

A server is connected for one run and no longer. The tools that it lists when the run begins are those that can be called in it.
What it says, descriptions of tools and results alike, is data from elsewhere. The library is mcp 2 (extra `mcp`).
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import IO, TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from contemplate import log
from contemplate.errors import InputError, ToolError, ToolServerError
from contemplate.errors.boundary import boundary
from contemplate.installed import library
from contemplate.text import disarm, one_line
from contemplate.tools.tool import LONGEST_DESCRIPTION, Tool
from contemplate.types import Json, Privacy, ToolSpec, Value, canonical_json

if TYPE_CHECKING:
    from mcp.types import CallToolResult

    from mcp import Client

_PATIENCE = 30.0
"""Seconds for a server to answer what is no call of a tool."""
_MOST_PAGES = 20
_MOST_TOOLS = 200
_LONGEST_NAME = 64
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_GONE = {"ClosedResourceError", "BrokenResourceError", "EndOfStream", "ConnectError", "ReadError", "RemoteProtocolError"}


class McpServer(Value):
    """An MCP server whose tools agents can be granted: all of them by its name, or one by its own.

    A tool `read` on the server `files` is called `files_read`.

    Attributes:
        name: small letters, digits, "_" and "-".
        command: the program that is started, and its arguments.
        url: the address of one that runs already, as "https://host/mcp".
        env: the names of environment variables that the program is given, besides those that every program needs.
        key_variable: the environment variable that holds the bearer token for `url`.
        only: the tools that may be called, by the server's own names; all where there are none.
        pure: those whose results depend on their arguments alone, and that change nothing: these are taken from the ledger.
        privacy: how private a question's words may be that its tools are handed. Default: "local" for an address on this
            machine, else "any": what a program hands on is not seen from here.
        seconds: how long one call may take; None for what the turn has left.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
    command: tuple[str, ...] = ()
    url: str | None = None
    env: tuple[str, ...] = ()
    key_variable: str | None = None
    only: tuple[str, ...] = ()
    pure: tuple[str, ...] = ()
    privacy: Privacy | None = None
    seconds: Annotated[float, Field(gt=0)] | None = None

    @field_validator("command", mode="before")
    @classmethod
    def _one_word_is_a_command(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_way(self) -> McpServer:
        if bool(self.command) == (self.url is not None):
            raise ValueError("a tool server has either a command or a url")
        if self.url is not None and urlsplit(self.url).scheme not in {"http", "https"}:
            raise ValueError(f"{self.url!r} is no http address")
        return self

    @property
    def label(self) -> Privacy:
        """How private words may be that it is handed."""
        if self.privacy is not None:
            return self.privacy
        return "local" if self.url is not None and urlsplit(self.url).hostname in _LOOPBACK else "any"


@asynccontextmanager
async def connected(server: McpServer) -> AsyncIterator[tuple[Tool, ...]]:
    """The tools on a server, which is connected as long as this lasts.

    Raises:
        InputError: mcp is not installed, or the server does not start, or does not answer.
    """
    library("mcp", "mcp")
    stack, said = AsyncExitStack(), tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed below
    try:
        with boundary(f"the tool server {server.name!r}", passes=()) as caught:
            client = await stack.enter_async_context(await _client(server, said, stack))
            tools = tuple([_tool(server, client, listed) for listed in await _listed(server, client)])
        if caught.error is not None:
            raise InputError(f"the tool server {server.name!r} can't be used: {_reason(caught.error)}{_last_line(said)}")
        yield tools
    finally:
        with boundary(f"closing the tool server {server.name!r}", passes=()) as closing:
            await stack.aclose()
        if closing.error is not None:
            log.warning("tool server not closed", server=server.name, why=str(closing.error))
        said.close()


async def _client(server: McpServer, said: IO[str], stack: AsyncExitStack) -> Client:
    from mcp.client.stdio import stdio_client
    from mcp.client.streamable_http import streamable_http_client
    from mcp.shared._httpx_utils import create_mcp_http_client

    from mcp import Client, StdioServerParameters

    if server.url is not None:
        key = os.environ.get(server.key_variable or "", "")
        if server.key_variable and not key:
            raise InputError(f"set the environment variable {server.key_variable}")
        headers = {"Authorization": f"Bearer {key}"} if key else None
        http = await stack.enter_async_context(create_mcp_http_client(headers=headers))
        return Client(streamable_http_client(server.url, http_client=http), read_timeout_seconds=_PATIENCE)
    program, *arguments = server.command
    if shutil.which(program) is None:
        raise InputError(f"there is no program {program!r} to start")
    given = {name: os.environ[name] for name in server.env if name in os.environ}
    parameters = StdioServerParameters(command=program, args=arguments, env=given)
    return Client(stdio_client(parameters, errlog=said), read_timeout_seconds=_PATIENCE)  # type: ignore[arg-type]  # a text file


def _reason(error: BaseException) -> str:
    """Why a server can't be used: the innermost of what its task groups raised together."""
    cause = error.__cause__ or error
    while isinstance(cause, BaseExceptionGroup):
        cause = cause.exceptions[0]
    return str(cause) if isinstance(cause, InputError) else f"{type(cause).__name__}: {cause}"


def _last_line(said: IO[str]) -> str:
    """What a program wrote last on its error stream, for whoever wonders why it does not answer."""
    said.seek(0)
    lines = [line for line in said.read(100_000).splitlines() if line.strip()]
    return f"; it says: {one_line(lines[-1], 200)}" if lines else ""


async def _listed(server: McpServer, client: Client) -> list[Any]:
    found: list[Any] = []
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        found += [tool for tool in page.tools if not server.only or tool.name in server.only]
        cursor = page.next_cursor
        if cursor is None or len(found) > _MOST_TOOLS:
            break
    if missing := set(server.only) - {tool.name for tool in found}:
        raise InputError(f"it has no tool {', '.join(sorted(missing))}")
    return found[:_MOST_TOOLS]


def _tool(server: McpServer, client: Client, listed: Any) -> Tool:  # noqa: ANN401 - the library's own value
    """One tool of a server."""
    name = re.sub(r"[^A-Za-z0-9_-]", "_", f"{server.name}_{listed.name}")[:_LONGEST_NAME]
    schema: Json = dict(listed.input_schema)
    canonical_json(schema)
    spec = ToolSpec(
        name=name,
        description=disarm(str(listed.description or listed.title or ""))[:LONGEST_DESCRIPTION],
        parameters=schema,
        pure=listed.name in server.pure,
        version=server.url or " ".join(server.command),
        server=server.name,
        privacy=server.label,
    )

    async def work(arguments: Json) -> str:
        with boundary(f"the tool {name}", passes=()) as caught:
            result = await client.call_tool(listed.name, arguments, read_timeout_seconds=server.seconds or _PATIENCE * 10)
        if caught.error is not None:
            raise _failed(server, caught.error)
        text = result_text(result)
        if result.is_error:
            raise ToolError(text or "it says that it failed, and not why")
        return text

    return Tool(spec, work, server.seconds)


def _failed(server: McpServer, error: Exception) -> ToolError:
    cause = error.__cause__ or error
    if type(cause).__name__ in _GONE or "connection closed" in str(cause).lower():
        return ToolServerError(f"the server {server.name!r} does not answer any more")
    return error if isinstance(error, ToolError) else ToolError(str(cause) or type(cause).__name__)


def result_text(result: CallToolResult) -> str:
    """The words of a result; what is no text is named, and where there are no words its structured content is written out."""
    parts = [_words(part.model_dump(mode="json", by_alias=True)) for part in result.content]
    text = "\n".join(part for part in parts if part)
    if not text and result.structured_content is not None:
        return canonical_json(result.structured_content)
    return text


def _words(part: Mapping[str, Any]) -> str:
    match part.get("type"):
        case "text":
            return str(part.get("text", ""))
        case "resource" if isinstance(inner := part.get("resource"), Mapping) and "text" in inner:
            return str(inner["text"])
        case "resource_link":
            return f"[a link: {one_line(str(part.get('uri', '')), 300)}]"
        case kind:
            return f"[{kind} {part.get('mimeType', '')}: not shown]"
