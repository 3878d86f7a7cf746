"""Agents that call tools, and what came of that."""

from __future__ import annotations

from contemplate import Orchestrator, Outcome, Question, Request, ScriptedBackend, ToolUse

QUESTION = Question(text="What is 17 * 23?", kind="number")


def call(tool: str, arguments: str = "{}") -> str:
    """A reply that calls a tool."""
    return f'<tool_call>{{"name": "{tool}", "arguments": {arguments}}}</tool_call>'


def calling(*replies: str, then: str = "Answer: 391") -> ScriptedBackend:
    """An agent that says `replies` one after the other, and then answers."""

    def say(request: Request) -> str:
        shown = sum("Result of call" in message.text for message in request.messages)
        return replies[shown] if shown < len(replies) else then

    return ScriptedBackend(say)


def uses(outcome: Outcome, turn: str = "1.propose/seat-1") -> tuple[ToolUse, ...]:
    """The calls of a turn."""
    found = outcome.trace.turn(turn)
    assert found is not None
    return found.tools


async def replayed(orchestrator: Orchestrator, outcome: Outcome) -> None:
    """The run comes out the same without a call."""
    assert (await orchestrator.replay(outcome.run)).difference is None
