"""pydantic-ai: an `Agent` run for each reply, the history handed on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic_ai import Agent
from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart, UserPromptPart
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from load import MODEL, Load, Solve, by_hand, limited, run


@asynccontextmanager
async def opened(load: Load, url: str) -> AsyncIterator[Solve]:
    """One agent, and the load by hand."""
    agent = Agent(OpenAIChatModel(MODEL, provider=OpenAIProvider(base_url=url, api_key="none")))

    async def complete(messages: list[dict[str, str]]) -> str:
        history = [
            ModelResponse(parts=[TextPart(one["content"])])
            if one["role"] == "assistant"
            else ModelRequest(parts=[UserPromptPart(one["content"])])
            for one in messages[:-1]
        ]
        return (await agent.run(messages[-1]["content"], message_history=history)).output

    yield by_hand(limited(complete, load), load)


if __name__ == "__main__":
    run(opened)
