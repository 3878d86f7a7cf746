"""Values that are built without a check are the same as those that are."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.types import Message, Request, Sampling, Text, Tokens, Turn, canonical_json


def test_made() -> None:
    """All that is not given is as usual."""
    checked = Turn(id="1.propose/seat-1", step="1.propose", verb="propose", seat="seat-1", text="42")
    made = Turn.made(id="1.propose/seat-1", step="1.propose", verb="propose", seat="seat-1", text="42")
    assert made == checked
    assert made.model_dump_json() == checked.model_dump_json()
    assert made.model_fields_set == checked.model_fields_set


def test_altered() -> None:
    """As a copy with other fields; the first one stays as it is."""
    tokens = Tokens(prompt=3, completion=4)
    other = tokens.altered(completion=5, estimated=True)
    assert other == tokens.model_copy(update={"completion": 5, "estimated": True})
    assert other.model_fields_set == {"prompt", "completion", "estimated"}
    assert tokens == Tokens(prompt=3, completion=4)


def test_altered_after_something_was_worked_out() -> None:
    """What was worked out of the first is not the other's."""
    request = Request(model="m", messages=(Message(role="user", content="1 + 1?"),), seed=1)
    assert request.key != request.altered(seed=2).key
    assert request.altered(seed=2).key == Request(model="m", messages=request.messages, seed=2).key


@given(
    st.text(),
    st.text(max_size=9),
    st.none() | st.floats(0, 2),
    st.none() | st.integers(0, 2**31 - 1),
    st.sampled_from([None, {"type": "object", "properties": {"ä": {"const": 0.1}}}]),
)
def test_keys_are_those_of_the_canonical_json(
    content: str, model: str, temperature: float | None, seed: int | None, schema: dict[str, object] | None
) -> None:
    """Put together from parts, it is the same text as that of the whole."""
    messages = (Message(role="system", content=content), Message(role="user", content=(Text(text=content),)))
    request = Request(model=model, messages=messages, sampling=Sampling(temperature=temperature), seed=seed, reply_schema=schema)
    unused = {name for name in ("reply_schema", "logprobs") if getattr(request, name) is None}
    text = canonical_json(request.model_dump(mode="json", exclude=unused))
    assert request.key == hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@pytest.mark.parametrize("content", ["\ud800", '\x00\x1f\x7f\u2028"\\/é'])
def test_keys_of_odd_characters(content: str) -> None:
    """Halves of surrogate pairs, and what JSON escapes."""
    message = Message(role="user", content=content)
    assert message.canonical == canonical_json({"role": "user", "content": content})
