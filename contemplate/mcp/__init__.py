"""`contemplate mcp`: the panel as a server of the Model Context Protocol, over standard streams or streamable HTTP (extra `mcp`).

`desk` does what is asked for, `server` says it in the protocol's words, `serving` opens the transports. The library is mcp 2, and
is imported when a server is made.
"""

from __future__ import annotations

from contemplate.mcp.desk import Desk, Rules

__all__ = ["Desk", "Rules"]
