"""Values to JSON text and back."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.errors import StorageError
from contemplate.ledger.codec import dump_json, dump_value, load_json, load_value
from contemplate.types import Completion

ANY_TEXT = st.text(st.characters(codec=None, categories=None))  # lone surrogates and NUL too


@given(ANY_TEXT, st.none() | ANY_TEXT)
def test_any_text_comes_back(text: str, reasoning: str | None) -> None:
    """A completion comes back as it was, whatever is in it."""
    completion = Completion(text=text, reasoning=reasoning)
    assert completion == load_value(Completion, dump_value(completion))


@given(st.dictionaries(ANY_TEXT, ANY_TEXT | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.none()))
def test_any_object_comes_back(value: dict[str, object]) -> None:
    """Plain data comes back as it was."""
    assert value == load_json(dump_json(value))


@pytest.mark.parametrize("text", ["\ud800", "\udfff\ud800", "\ud83d" + "\ude00", "😀", "\x00", "é"])
def test_the_hard_ones(text: str) -> None:
    """Halves of pairs, alone or side by side, NUL, and a whole pair all stay what they are."""
    assert text == load_value(Completion, dump_value(Completion(text=text))).text
    assert {"a": text} == load_json(dump_json({"a": text}))


def test_ordinary_text_is_text() -> None:
    """What UTF-8 can hold is stored as JSON text that any tool reads."""
    assert '{"a":"é"}' == dump_json({"a": "é"})
    assert isinstance(dump_value(Completion(text="é\x00")), str)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_no_nan(value: float) -> None:
    """JSON has no word for NaN."""
    with pytest.raises(ValueError, match="Out of range"):
        dump_json({"a": value})


@pytest.mark.parametrize("stored", ["", "{", '{"txt": 1}', b"\xff", "[1]"])
def test_damaged(stored: str | bytes) -> None:
    """What another program wrote there is refused in one line."""
    with pytest.raises(StorageError, match="the ledger holds a completion that can't be read"):
        load_value(Completion, stored)
    with pytest.raises(StorageError, match="another program has changed it"):
        load_json("[1]")
    with pytest.raises(StorageError, match="another program has changed it"):
        load_json("{")
