"""Approval: whoever owns a run may be asked before a tool is called."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from contemplate.types import Json


@dataclass(frozen=True)
class Approval:
    """A call of a tool that is to be approved.

    Attributes:
        run, turn, seat: where it was asked for.
        tool: its name.
        server: the MCP server that it is on; empty where it is on none.
        arguments: what it is to be handed.
        pure: it changes nothing outside.
    """

    run: str
    turn: str
    seat: str
    tool: str
    server: str
    arguments: Json
    pure: bool


Approve = Callable[[Approval], bool | Awaitable[bool]]
"""Says whether a call may be made. It is asked about each, pure ones too; only True lets it pass."""
