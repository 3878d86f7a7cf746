"""Tools: what is done here for an agent that asked for it.

A `Tool` is made from a Python function, is on an MCP server (`McpServer`), or is built in (`contemplate.tools.builtin`). Programs
are run in a sandbox (`contemplate.tools.sandbox`).
"""

from __future__ import annotations

from contemplate.tools.approval import Approval, Approve
from contemplate.tools.mcp_client import McpServer
from contemplate.tools.sandbox import ProgramLimits, Sandbox, available, check_available
from contemplate.tools.tool import BadArgumentsError, Sight, Tool, read_arguments

__all__ = [
    "Approval",
    "Approve",
    "BadArgumentsError",
    "McpServer",
    "ProgramLimits",
    "Sandbox",
    "Sight",
    "Tool",
    "available",
    "check_available",
    "read_arguments",
]
