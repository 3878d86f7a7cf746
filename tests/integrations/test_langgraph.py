"""A panel in a graph of LangGraph's."""

from __future__ import annotations

from typing import Any, TypedDict

import pytest

from contemplate import RunEnded, ScriptedBackend
from contemplate.errors import InputError, NoAnswerError
from contemplate.integrations import langgraph as integration

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning"),
]


class Asked(TypedDict, total=False):
    """A state without messages."""

    question: str
    answer: Any
    contemplate: dict[str, Any]


def graph(state: Any, **options: Any) -> Any:
    """A graph of one node, whose panel says 4."""
    from langgraph.graph import END, START, StateGraph

    backend = options.pop("backend", None) or ScriptedBackend(lambda _: "Answer: 4")
    options = {"answer": "number", "models": "m", "parameters": {"seats": 2}, "ledger": ":memory:", **options}
    builder = StateGraph(state)
    builder.add_node("panel", integration.node("self-consistency", backend=backend, **options))
    builder.add_edge(START, "panel")
    builder.add_edge("panel", END)
    return builder.compile()


def messages_graph(**options: Any) -> Any:
    """A graph whose state is a chat."""
    from langgraph.graph import MessagesState

    return graph(MessagesState, **options)


async def test_a_chat_is_answered_with_and_without_await() -> None:
    """The answer is a message of the assistant's; what was said before is the history."""
    backend = ScriptedBackend(lambda _: "Answer: 4")
    chat = [("system", "Be brief."), ("user", "Hello"), ("assistant", "Yes?"), ("user", "2 + 2?")]
    compiled = messages_graph(backend=backend)

    for result in (compiled.invoke({"messages": chat}), await compiled.ainvoke({"messages": chat})):
        last = result["messages"][-1]
        assert ("ai", "4", 5) == (last.type, last.text, len(result["messages"]))
        assert last.response_metadata["contemplate"]["confidence"] > 0.5
    asked = [message.text for message in backend.requests[0].messages]
    assert ["Hello", "Yes?"] == asked[1:3]
    assert "Be brief." in asked[0]


async def test_another_key_is_read_and_written() -> None:
    """With the facts about the run beside it."""
    result = await graph(Asked, reads="question", writes="answer").ainvoke({"question": "2 + 2?"})

    assert result["answer"] == "4"
    assert result["contemplate"]["strategy"] == "self-consistency"


async def test_events_are_streamed() -> None:
    """As the custom stream of the graph."""
    events = [piece["contemplate"] async for piece in messages_graph().astream({"messages": "2 + 2?"}, stream_mode="custom")]

    assert isinstance(events[-1], RunEnded)


async def test_what_can_not_be_asked_is_said() -> None:
    """In one line."""
    with pytest.raises(InputError, match="no question under 'question'"):
        await graph(Asked, reads="question", writes="answer").ainvoke({"answer": 1})
    with pytest.raises(InputError, match="the last message must be the user's"):
        await messages_graph().ainvoke({"messages": [("user", "2 + 2?"), ("assistant", "4")]})
    with pytest.raises(NoAnswerError, match="ended without an answer"):
        await messages_graph(backend=ScriptedBackend([])).ainvoke({"messages": "2 + 2?"})
