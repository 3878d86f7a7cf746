"""Arguments of another kind than they may be: one line, and nothing is called."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate import Budget, InputError, Model, Orchestrator, Propose, ScriptedBackend, solve_sync
from contemplate.orchestration.arguments import check_arguments

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"answer": int}, "answer: expected the name of a kind .* not the class int"),
    ({"answer": dict}, "not the class dict"),
    ({"answer": 3}, "answer: expected .* not 3"),
    ({"answer": "int"}, "no kind of answer called 'int'"),
    ({"answer": "numbr"}, "no kind of answer called 'numbr'; did you mean 'number'"),
    ({"budget": 5}, r"budget: expected a Budget, as Budget\(calls=20\), not 5"),
    ({"budget": {"calls": 5}}, "budget: expected a Budget, .* not a value of dict"),
    ({"choices": "abc"}, "choices: expected a list of texts, not 'abc'"),
    ({"choices": [1, 2]}, "choices: expected a list of texts"),
    ({"choices": {"a": 1}}, "choices: expected a list of texts"),
    ({"seed": "7"}, "seed: expected a whole number, not '7'"),
    ({"seed": True}, "seed: expected a whole number, not True"),
    ({"parameters": ["rounds"]}, "parameters: expected a dict"),
    ({"parameters": {1: 2}}, "parameters: expected a dict"),
    ({"models": 5}, "models: expected a model's name"),
    ({"models": ["a", 5]}, "models: expected a model's name.*, not a list of str, int"),
    ({"fallbacks": 5}, "fallbacks: expected a model's name"),
    ({"sampling": 0.7}, r"sampling: expected a Sampling, .* not 0\.7"),
    ({"schema": "{}"}, "schema: expected a JSON Schema"),
    ({"timeout": "10"}, "timeout: expected seconds"),
    ({"limits": 3}, "limits: expected Limits"),
    ({"limits": {"openai": 3}}, "limits: expected Limits"),
    ({"retry": 3}, "retry: expected a Retry"),
    ({"prices": {"m": 1.0}}, "prices: expected a dict of Price by model"),
    ({"on_event": 3}, "on_event: expected a function"),
    ({"on_event": [print, 3]}, "on_event: expected a function"),
    ({"deltas": "yes"}, "deltas: expected True or False"),
    ({"ledger": 3}, "ledger: expected a path"),
    ({"project": 3}, "project: expected a path, not 3"),
    ({"base_url": Path("x")}, "base_url: expected a text"),
    ({"api_key": 3}, "api_key: expected a text"),
    ({"strategy": 5}, "strategy: expected a recipe's name"),
    ({"strategy": None}, "strategy: expected a recipe's name, .* not None"),
]


@pytest.mark.parametrize(("wrong", "message"), WRONG, ids=lambda value: str(value) if isinstance(value, dict) else None)
def test_one_line(wrong: dict[str, Any], message: str) -> None:
    """The name, what may stand there and what did, before anybody is asked."""
    backend = ScriptedBackend("Answer: 4")
    with pytest.raises(InputError, match=message) as caught:
        solve_sync("2 + 2?", **{"backend": backend, "ledger": ":memory:", **wrong})

    assert backend.requests == []
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("question", [42, None, b"why?", 4.5, ["why?"], Decimal(4)])
def test_a_question_that_is_none(question: Any) -> None:
    """A text or a Question, and no number."""
    with pytest.raises(InputError, match="question: expected a text or a Question, not "):
        solve_sync(question, backend=ScriptedBackend("Answer: 4"), ledger=":memory:")


def test_a_step() -> None:
    """A word that a step does not have, with the nearest that it has."""
    with pytest.raises(InputError, match="Propose: seat: unknown word 'seat'; did you mean 'seats'"):
        Propose(seat=3)  # type: ignore[call-arg]


def test_what_may_stand_there_does() -> None:
    """None is what was not given; one model needs no list."""
    check_arguments(question="q", budget=None, models="m", seed=0, timeout=2, choices=("a",), answer="number")
    Orchestrator(Model("m"), budget=Budget(calls=1), timeout=1.5, ledger=Path("l.db"))


@given(st.sampled_from(["budget", "sampling", "retry", "limits", "prices"]), st.integers() | st.text() | st.lists(st.integers()))
def test_no_plain_value_is_one_of_ours(name: str, value: object) -> None:
    """A number, a text or a list is never taken for a value of the library."""
    with pytest.raises(InputError, match=f"^{name}: expected "):
        check_arguments(**{name: value})
