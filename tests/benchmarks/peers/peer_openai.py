"""OpenAI's client, and the rest by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import openai

from load import MODEL, Load, Solve, by_hand, limited, run


@asynccontextmanager
async def opened(load: Load, url: str) -> AsyncIterator[Solve]:
    """One client, and the load by hand."""
    async with openai.AsyncOpenAI(base_url=url, api_key="none") as client:

        async def complete(messages: list[dict[str, str]]) -> str:
            reply = await client.chat.completions.create(model=MODEL, messages=messages)  # type: ignore[arg-type]
            return reply.choices[0].message.content or ""

        yield by_hand(limited(complete, load), load)


if __name__ == "__main__":
    run(opened)
