"""A panel as a tool and as a model of pydantic-ai's agents."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from contemplate import ScriptedBackend
from contemplate.errors import InputError
from contemplate.integrations import pydantic_ai as integration

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

OPTIONS: dict[str, Any] = {"models": "m", "parameters": {"seats": 2}, "ledger": ":memory:"}


class Person(BaseModel):
    """A form of answers."""

    name: str
    born: int


def model(reply: str = "Answer: 4", **options: Any) -> Any:
    """A panel that says `reply`."""
    given = {"backend": ScriptedBackend(lambda _: reply), **OPTIONS, **options}
    return integration.model("self-consistency", **given)


async def test_an_agent_calls_the_tool() -> None:
    """And is told the answer with its confidence."""
    from pydantic_ai import Agent
    from pydantic_ai.models.test import TestModel

    tool = integration.tool("self-consistency", answer="number", backend=ScriptedBackend(lambda _: "Answer: 4"), **OPTIONS)
    result = await Agent(TestModel(), tools=[tool]).run("Ask the panel.")

    (told,) = [part for message in result.all_messages() for part in message.parts if part.part_kind == "tool-return"]
    assert ("contemplate", "4") == (told.tool_name, told.content["answer"])
    assert told.content["confidence"] > 0.5


async def test_an_agent_has_a_panel_as_its_model() -> None:
    """Its instructions and what was said before reach the seats; what it took is the agent's usage."""
    from pydantic_ai import Agent

    backend = ScriptedBackend(lambda _: "Answer: 4")
    agent = Agent(model(backend=backend, answer="number"), instructions="Be brief.")
    first = await agent.run("2 + 2?")
    second = await agent.run("And twice that?", message_history=first.all_messages())

    assert ("4", "4") == (first.output, second.output)
    assert first.usage.output_tokens > 0
    asked = backend.requests[-1].messages
    assert ["2 + 2?", "4"] == [message.text for message in asked[1:3]]
    assert "Be brief." in asked[0].text


async def test_an_output_type_is_the_form_of_the_answer() -> None:
    """Held to its schema by the panel, and an instance for the agent."""
    from pydantic_ai import Agent

    result = await Agent(model('Answer: {"name": "Jane", "born": 1775}'), output_type=Person).run("Who?")

    assert Person(name="Jane", born=1775) == result.output


async def test_a_stream_thinks_first() -> None:
    """What the seats say is thinking; the answer is text."""
    from pydantic_ai import Agent

    async with Agent(model("Two and two.\nAnswer: 4", answer="number")).run_stream("2 + 2?") as result:
        text = await result.get_output()
    kinds = [part.part_kind for part in result.all_messages()[-1].parts]

    assert text == "4"
    assert kinds == ["thinking", "text"]


async def test_an_agent_with_tools_is_refused() -> None:
    """A panel calls none."""
    from pydantic_ai import Agent

    agent = Agent(model())

    @agent.tool_plain
    def clock() -> str:
        """Say the time."""
        return "noon"

    with pytest.raises(InputError, match="calls no tools"):
        await agent.run("2 + 2?")
