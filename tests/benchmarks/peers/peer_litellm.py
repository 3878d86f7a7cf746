"""litellm: `acompletion`, and the rest by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import litellm

from load import MODEL, Load, Solve, by_hand, limited, run


@asynccontextmanager
async def opened(load: Load, url: str) -> AsyncIterator[Solve]:
    """The load by hand."""

    async def complete(messages: list[dict[str, str]]) -> str:
        reply = await litellm.acompletion(f"openai/{MODEL}", messages=messages, api_base=url, api_key="none")
        return reply.choices[0].message.content or ""

    yield by_hand(limited(complete, load), load)


if __name__ == "__main__":
    run(opened)
