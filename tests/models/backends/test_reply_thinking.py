"""Thinking that comes within the text of a message, or in parts of its own."""

from __future__ import annotations

import pytest

from contemplate.models.backends.reply import read_completion
from contemplate.types import Message, Request, Sampling

REQUEST = Request(model="m", messages=(Message(role="user", content="?"),), sampling=Sampling(max_tokens=10))


@pytest.mark.parametrize(
    ("content", "text", "reasoning"),
    [
        ([{"type": "thinking", "thinking": "2+2"}, {"type": "text", "text": "4"}], "4", "2+2"),
        ([{"type": "thinking", "thinking": [{"type": "text", "text": "2+2"}]}, {"type": "text", "text": "4"}], "4", "2+2"),
        ([{"type": "reasoning", "text": "2+2"}, {"type": "text", "text": "4"}], "4", "2+2"),
        ([{"type": "reasoning", "reasoning": "2+2"}, "4"], "4", "2+2"),
        ([{"type": "thinking", "thinking": None}, {"type": "text", "text": "4"}], "4", None),
        ([{"type": "text", "text": "4"}], "4", None),
        ("[THINK]2+2[/THINK]4", "4", "2+2"),
        ("<reasoning>2+2</reasoning>\n4", "4", "2+2"),
        ("<seed:think>cut off", "", "cut off"),
        ("The tag <reasoning> opens a block. 4", "The tag <reasoning> opens a block. 4", None),
    ],
)
def test_thinking_stands_apart(content: object, text: str, reasoning: str | None) -> None:
    """Whatever form it has, it is no part of the reply."""
    completion = read_completion({"choices": [{"message": {"content": content}, "finish_reason": "stop"}]}, REQUEST)

    assert (text, reasoning) == (completion.text, completion.reasoning)
