"""DSPy: its `LM` called with messages, no cache, and the rest by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import dspy

from load import MODEL, Load, Solve, by_hand, limited, run


@asynccontextmanager
async def opened(load: Load, url: str) -> AsyncIterator[Solve]:
    """One LM, and the load by hand."""
    lm = dspy.LM(f"openai/{MODEL}", api_base=url, api_key="none", cache=False)

    async def complete(messages: list[dict[str, str]]) -> str:
        said = (await lm.acall(messages=messages))[0]
        return said if isinstance(said, str) else str(said["text"])

    yield by_hand(limited(complete, load), load)


if __name__ == "__main__":
    run(opened)
