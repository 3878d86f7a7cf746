"""AutoGen core: agents on a `SingleThreadedAgentRuntime`, with the client of autogen-ext; nothing is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from autogen_core import AgentId, MessageContext, RoutedAgent, SingleThreadedAgentRuntime, message_handler
from autogen_core.models import AssistantMessage, LLMMessage, ModelFamily, UserMessage
from autogen_ext.models.openai import OpenAIChatCompletionClient

from load import MODEL, Load, Solve, by_hand, run


@dataclass
class Asked:
    """What a seat is asked."""

    messages: list[dict[str, str]]


@dataclass
class Said:
    """What it says."""

    text: str


class Seat(RoutedAgent):
    """A seat: asks the model, and says what came."""

    def __init__(self, client: OpenAIChatCompletionClient, places: asyncio.Semaphore) -> None:
        super().__init__("a seat")
        self._client, self._places = client, places

    @message_handler
    async def on_asked(self, message: Asked, ctx: MessageContext) -> Said:
        """Answer."""
        sent: list[LLMMessage] = [
            AssistantMessage(content=one["content"], source="seat")
            if one["role"] == "assistant"
            else UserMessage(content=one["content"], source="user")
            for one in message.messages
        ]
        async with self._places:
            came = await self._client.create(sent, cancellation_token=ctx.cancellation_token)
        return Said(str(came.content))


@asynccontextmanager
async def opened(load: Load, url: str) -> AsyncIterator[Solve]:
    """A runtime with one kind of agent; each seat of each question is an agent of its own."""
    info = {"vision": False, "function_calling": False, "json_output": False, "structured_output": False}
    client = OpenAIChatCompletionClient(
        model=MODEL,
        base_url=url,
        api_key="none",
        model_info={**info, "family": ModelFamily.UNKNOWN},  # type: ignore[typeddict-item]
    )
    places, runtime = asyncio.Semaphore(load.in_flight), SingleThreadedAgentRuntime()
    await Seat.register(runtime, "seat", lambda: Seat(client, places))
    runtime.start()

    async def complete(messages: list[dict[str, str]]) -> str:
        said = await runtime.send_message(Asked(messages), AgentId("seat", "default"))
        return said.text  # type: ignore[no-any-return]

    yield by_hand(complete, load)
    await runtime.stop_when_idle()
    await client.close()


if __name__ == "__main__":
    run(opened)
