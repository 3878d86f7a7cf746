"""`contemplate mcp`: the panel as a server for clients of the Model Context Protocol."""

from __future__ import annotations

import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

from contemplate.catalogue import read_text
from contemplate.cli.approval import approver
from contemplate.cli.ask import budget_of
from contemplate.cli.location import Location
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.errors import InputError
from contemplate.mcp import Desk, Rules
from contemplate.mcp.serving import LOOPBACK, Address, serve_http, serve_stdio
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.types import Privacy


@dataclass(frozen=True)
class Arguments:
    """What was typed."""

    models: tuple[str, ...]
    fallbacks: tuple[str, ...]
    base_url: str | None
    caps: dict[str, float | None]
    privacy: Privacy
    at_once: int
    http: bool
    host: str
    port: int
    names: tuple[str, ...]
    token_file: Path | None
    location: Location


def serve(arguments: Arguments) -> int:
    """Answer until the client, or a signal, ends it."""
    if not arguments.http and (arguments.host not in LOOPBACK or arguments.token_file is not None or arguments.names):
        raise InputError("--host, --allow-host and --token-file are for --http")
    if arguments.at_once < 1:
        raise InputError(f"--at-once {arguments.at_once}: it must be 1 or more")
    orchestrator = Orchestrator(
        arguments.models,
        base_url=arguments.base_url,
        ledger=arguments.location.ledger,
        fallbacks=arguments.fallbacks,
        project=arguments.location.project,
        approve=approver("never"),  # nobody is there to be asked
    )
    address = _address(arguments).checked() if arguments.http else None

    async def work() -> None:
        async with orchestrator:
            await orchestrator.find_model()
            desk = Desk(orchestrator, Rules(budget_of(arguments.caps), arguments.at_once, arguments.privacy))
            if address is None:
                await serve_stdio(desk)
            else:
                await serve_http(desk, address, _tell)

    run_async(work)
    return Status.DONE


def _tell(where: str) -> None:
    print(f"contemplate: MCP server at {where}", file=sys.stderr, flush=True)


def _address(arguments: Arguments) -> Address:
    """The address; with a token where others can reach it: that of a file, or one that is made and told once."""
    token = None
    if arguments.token_file is not None:
        token = read_text(arguments.token_file).strip()
    elif arguments.host not in LOOPBACK:
        token = secrets.token_urlsafe(32)
        print(f"contemplate: clients send the header  Authorization: Bearer {token}", file=sys.stderr, flush=True)
    return Address(arguments.host, arguments.port, token, arguments.names)
