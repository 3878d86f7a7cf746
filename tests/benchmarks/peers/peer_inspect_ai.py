"""Inspect: `get_model(...).generate`, and the rest by hand; no task, so that nothing is logged."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from inspect_ai.model import ChatMessageAssistant, ChatMessageUser, GenerateConfig, get_model

from load import MODEL, Load, Solve, by_hand, run


@asynccontextmanager
async def opened(load: Load, url: str) -> AsyncIterator[Solve]:
    """One model, which keeps the limit, and the load by hand."""
    model = get_model(
        f"openai/{MODEL}",
        base_url=url,
        api_key="none",
        config=GenerateConfig(max_connections=load.in_flight),
        responses_api=False,
    )

    async def complete(messages: list[dict[str, str]]) -> str:
        sent = [
            ChatMessageAssistant(content=one["content"])
            if one["role"] == "assistant"
            else ChatMessageUser(content=one["content"])
            for one in messages
        ]
        return (await model.generate(sent)).completion

    yield by_hand(complete, load)


if __name__ == "__main__":
    run(opened)
