"""`--approve`: whether tools that reach outside may be called, as whoever sits at the terminal says."""

from __future__ import annotations

import sys
from typing import Literal

import anyio
import anyio.to_thread

from contemplate.text import one_line
from contemplate.tools import Approval, Approve
from contemplate.types import canonical_json

How = Literal["ask", "never", "always"]
"""Ask about each call, refuse all, or let all pass; what a tool does that is pure needs no approval."""

_SHOWN = 600
"""How much of the arguments is shown, in characters."""


def approver(how: How) -> Approve | None:
    """What a run asks before each call of a tool; None where all may be made."""
    if how == "always":
        return None
    if how == "never":
        return lambda asked: asked.pure
    return _Asking()


class _Asking:
    """Asks on the terminal, one call after the other. Where nobody sits at one, nothing is approved."""

    def __init__(self) -> None:
        self._turn = anyio.Lock()
        self._always: set[str] = set()
        self._told = False

    async def __call__(self, asked: Approval) -> bool:
        """Whether the call may be made."""
        async with self._turn:
            if asked.pure or asked.tool in self._always:
                return True
            if not (sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()):
                if not self._told:
                    print(
                        "contemplate: nobody is there to approve calls of tools; --approve always lets them pass", file=sys.stderr
                    )
                self._told = True
                return False
            print(f"contemplate: {asked.seat} wants to call {asked.tool} with {_said(asked)}", file=sys.stderr)
            print("contemplate: [y]es, [n]o, [a]lways this tool? ", end="", file=sys.stderr, flush=True)
            said = (await anyio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True)).strip().lower()
            if said in {"a", "always"}:
                self._always.add(asked.tool)
            return said in {"y", "yes", "a", "always"}


def _said(asked: Approval) -> str:
    return one_line(canonical_json(asked.arguments), _SHOWN)
