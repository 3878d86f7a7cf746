"""A panel in a program of DSPy's."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from contemplate import ScriptedBackend
from contemplate.errors import InputError, NoAnswerError
from contemplate.integrations import dspy as integration

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def module(signature: Any, reply: str, **options: Any) -> Any:
    """A module whose panel says `reply`."""
    backend = options.pop("backend", None) or ScriptedBackend(lambda _: reply)
    given = {"models": "m", "parameters": {"seats": 2}, "ledger": ":memory:", **options}
    return integration.module(signature, "self-consistency", backend=backend, **given)


@pytest.mark.parametrize(
    ("signature", "reply", "expected"),
    [
        ("question -> answer: int", "Answer: 4", {"answer": 4}),
        ("question -> answer: float", "Answer: 0.5", {"answer": 0.5}),
        ("question -> right: bool", "Answer: yes", {"right": True}),
        ("question -> city", "Answer: Paris", {"city": "Paris"}),
        ("question -> colour: Literal['red', 'blue']", "Answer: B", {"colour": "blue"}),
        ("question -> name: str, born: int", 'Answer: {"name": "Jane", "born": 1775}', {"name": "Jane", "born": 1775}),
        ("question -> primes: list[int]", 'Answer: {"primes": [2, 3]}', {"primes": [2, 3]}),
    ],
)
def test_outputs_have_their_types(signature: str, reply: str, expected: dict[str, object]) -> None:
    """Each is asked for as the kind of answer that it is."""
    prediction = module(signature, reply)(question="Which?")

    assert expected == {name: prediction[name] for name in expected}
    assert prediction.contemplate["strategy"] == "self-consistency"


async def test_it_is_a_part_of_a_program() -> None:
    """With await, in another module, with the instructions of the signature and every input."""
    import dspy

    class Grade(dspy.Signature):  # type: ignore[misc]
        """Grade the essay strictly."""

        essay: str = dspy.InputField()
        rules: list[str] = dspy.InputField()
        grade: Literal["good", "bad"] = dspy.OutputField(desc="what it is worth")

    class Program(dspy.Module):  # type: ignore[misc]
        def __init__(self, panel: Any) -> None:
            super().__init__()
            self.panel = panel

        async def aforward(self, essay: str) -> Any:
            return await self.panel.acall(essay=essay, rules=["short", "true"])

    backend = ScriptedBackend(lambda _: "Answer: A")
    prediction = await Program(module(Grade, "", backend=backend)).acall(essay="Rain is wet.")

    assert prediction.grade == "good"
    asked = backend.requests[0].messages[-1].text
    assert all(words in asked for words in ("Grade the essay strictly.", "essay: Rain is wet.", 'rules: ["short", "true"]'))


def test_what_is_missing_is_said() -> None:
    """In one line."""
    with pytest.raises(InputError, match="needs the input 'question'"):
        module("question -> answer", "")()
    with pytest.raises(InputError, match="takes no input 'context'"):
        module("question -> answer", "")(question="x", context="y")
    with pytest.raises(NoAnswerError, match="ended without an answer"):
        module("question -> answer: int", "", backend=ScriptedBackend([]))(question="2 + 2?")
