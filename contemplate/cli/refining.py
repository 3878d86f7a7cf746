"""`--refine-prompt`: the question before and after, and what whoever sits at the terminal says of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Literal

import anyio.to_thread

from contemplate.run.reviewing import Draft, Review
from contemplate.text import printable

Refining = Literal["ask", "yes", "no"]
"""Put the question more tightly and ask if that is right, take it without asking, or leave the question as it is."""


def reviewer(how: Refining) -> bool | Review:
    """What a run is told about refining its question."""
    return _ask if how == "ask" else how == "yes"


async def _ask(draft: Draft) -> bool | str | None:
    """Show the question before and after, and wait for an answer. Where nobody sits at a terminal, nothing is taken."""
    _put("the question:", draft.question)
    _put("put more tightly by a model:", draft.refinement.text)
    if not (sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()):
        print("contemplate: nobody is there to say whether it is right; --refine-prompt yes takes it unseen", file=sys.stderr)
        return None
    while True:
        said = (await _line("contemplate: [y]es, [n]o, [e]dit? ")).strip().lower()
        if said in {"y", "yes"}:
            return True
        if said in {"e", "edit"}:
            edited = (await _line("contemplate: the question, on one line (nothing leaves it as it was): ")).strip()
            return edited or False
        if said in {"", "n", "no"}:
            return False


async def _line(prompt: str) -> str:
    """A line that is typed; empty at the end of input."""
    print(prompt, end="", file=sys.stderr, flush=True)
    read: Callable[[], str] = sys.stdin.readline
    return await anyio.to_thread.run_sync(read, abandon_on_cancel=True)


def _put(title: str, text: str) -> None:
    lines = "\n".join(f"  {line}" for line in printable(text).strip().split("\n"))
    print(f"contemplate: {title}\n{lines}", file=sys.stderr)
