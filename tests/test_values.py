"""Values that a user builds in Python: what is wrong is one line of the project's own, and pydantic goes on as it did."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError, model_validator

from contemplate import (
    Budget,
    InputError,
    Limits,
    Price,
    Propose,
    Question,
    Request,
    Retry,
    Sampling,
    Settings,
    Strategy,
    Usage,
    Vote,
)
from contemplate.steps.stops import Agreement
from contemplate.types import Message, Tokens, Value

BUILT: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "the budget's calls is 0: it must be a whole number above 0": (Budget, {"calls": 0}),
    "Question: kind: 'x' is not allowed here; allowed: 'number', 'choice'": (Question, {"text": "?", "kind": "x"}),
    "Question: text: 'text' is missing": (Question, {}),
    "Vote: rule: unknown rule 'x' (allowed: plurality, ": (Vote, {"rule": "x"}),
    "Limits: concurrency: input should be greater than": (Limits, {"concurrency": 0}),
    "Retry: atempts: unknown word 'atempts'; did you mean 'attempts'?": (Retry, {"atempts": 3}),
    "Price: prompt: input should be greater than or equal to 0, not -1": (Price, {"prompt": -1, "completion": 1}),
    "Sampling: temperature: input should be less than or equal to 2, not 9": (Sampling, {"temperature": 9}),
    "Settings: limits.openai.concurrency: input should be": (Settings, {"limits": {"openai": {"concurrency": 0}}}),
    "Strategy: steps.2.rule: unknown rule 'x'": (Strategy, {"steps": [Propose(seats=2), {"do": "vote", "rule": "x"}]}),
    "Strategy: ": (Strategy, {"steps": [Vote()]}),
    "Agreement: share: input should be": (Agreement, {"share": 2.0}),
}


@pytest.mark.parametrize("line", BUILT)
def test_what_is_wrong_is_one_line(line: str) -> None:
    """Which value, where in it, and what is allowed there; not a ValidationError with a link."""
    build, given_fields = BUILT[line]
    with pytest.raises(InputError) as caught:
        build(**given_fields)
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not isinstance(caught.value, ValidationError)


def test_it_is_a_value_error_too() -> None:
    """Who wrote `except ValueError` goes on."""
    with pytest.raises(ValueError, match="temperature"):
        Sampling(temperature=9)


def test_pydantic_goes_on_as_it_did() -> None:
    """Validation of data, nested, in a union or from JSON, raises pydantic's error with the whole path."""
    with pytest.raises(ValidationError) as nested:
        Request.model_validate({"model": "m", "messages": [{"role": "user", "content": "?"}, {"role": "x", "content": "?"}]})
    with pytest.raises(ValidationError) as written:
        Request.model_validate_json('{"model": "m", "messages": [], "sampling": {"temperature": 9}}')
    with pytest.raises(ValidationError) as united:
        TypeAdapter(Sampling | Price).validate_python({"temperature": 9})
    assert [("messages", 1, "role")] == [one["loc"] for one in nested.value.errors()]
    assert [("sampling", "temperature")] == [one["loc"] for one in written.value.errors()]
    assert ("Sampling", "temperature") == united.value.errors()[0]["loc"]


def test_a_value_built_in_a_validator_is_a_mistake_at_its_place() -> None:
    """What a validator of a nested value builds wrongly has the path of that value."""

    class Inner(Value):
        tokens: Tokens

        @model_validator(mode="before")
        @classmethod
        def _built(cls, given_fields: dict[str, Any]) -> dict[str, Any]:
            return {"tokens": Tokens(**given_fields)}

    class Outer(Value):
        inner: Inner

    with pytest.raises(ValidationError) as caught:
        Outer.model_validate({"inner": {"prompt": -1}})
    with pytest.raises(InputError, match=r"Outer: inner: .*prompt"):
        Outer(inner={"prompt": -1})  # type: ignore[arg-type]
    assert [("inner",)] == [one["loc"] for one in caught.value.errors()]


def test_values_are_copied_and_sent_as_before() -> None:
    """A copy with changes and a pickle are equal values."""
    message = Message(role="user", content="?")
    assert message == pickle.loads(pickle.dumps(message))  # noqa: S301 - our own
    assert Message(role="user", content="!") == message.model_copy(update={"content": "!"})


def test_a_budget_takes_a_duration() -> None:
    """A timedelta is kept as seconds, and has to be above 0, too."""
    assert Budget(seconds=90.0) == Budget(seconds=timedelta(minutes=1.5))
    with pytest.raises(InputError, match=r"the budget's seconds is .*: it must be a number of seconds above 0"):
        Budget(seconds=timedelta(0))


def test_the_old_name_of_a_checked_budget() -> None:
    """It still works, and says what to write instead."""
    with pytest.warns(DeprecationWarning, match=r"now Budget\(\.\.\.\)"):
        assert Budget(calls=3) == Budget.checked(calls=3)


counts = st.integers(0, 10**9)
usages = st.builds(
    Usage,
    calls=counts,
    cached_calls=counts,
    prompt_tokens=counts,
    completion_tokens=counts,
    usd=st.none() | counts.map(float),
    seconds=counts.map(float),
)


@given(usages, usages, usages)
def test_usage_adds_up(one: Usage, other: Usage, third: Usage) -> None:
    """In any order, with nothing as its zero; an unknown price stays unknown."""
    assert one + other == other + one
    assert (one + other) + third == one + (other + third)
    assert one == one + Usage()
    assert ((one + other).usd is None) == (one.usd is None or other.usd is None)
