"""What a reply format found: typed, and in JSON what it always was."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contemplate.types import Found, Turn

IDS = st.lists(st.text(), max_size=3)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
ROWS = st.fixed_dictionaries(
    {},
    optional={
        "score": NUMBERS,
        "scores": st.lists(NUMBERS, min_size=2, max_size=2),
        "points": st.dictionaries(st.text(), NUMBERS, max_size=3),
        "ranking": IDS,
        "approved": IDS,
        "items": IDS,
        "word": st.text(),
        "value": NUMBERS,
        "side": st.text(),
        "order": IDS,
        "unread": st.just(value=True),
        "tie": st.just(value=True),
        "grades": st.dictionaries(st.text(), st.integers(0, 5), max_size=3),
        "agrees": st.booleans(),
        "importance": st.lists(st.dictionaries(st.text(), NUMBERS, max_size=2), max_size=2),
        "digest": st.text(),
        "words": st.text(),
        "mood": st.text() | st.lists(st.integers()),
    },
)


def a_turn(found: Found) -> Turn:
    """A turn in which that was found."""
    return Turn(id="1.score/judge", step="1.score", verb="score", found=found)


@given(ROWS)
def test_the_json_is_what_was_found(row: dict[str, object]) -> None:
    """Names and values of a stored turn come back as they stand there, and nothing beside them."""
    assert row == Found.model_validate(row).model_dump(mode="json")
    assert row == json.loads(Found.model_validate_json(json.dumps(row)).model_dump_json())


@given(ROWS)
def test_a_turn_comes_back_from_its_json(row: dict[str, object]) -> None:
    """What was found is part of the turn."""
    turn = a_turn(Found.model_validate(row))

    assert turn == Turn.model_validate_json(turn.model_dump_json())


def test_nothing_is_found_at_first() -> None:
    """The JSON of a turn without findings holds an empty object."""
    assert {} == a_turn(Found()).model_dump(mode="json")["found"]


def test_empty_is_not_nothing() -> None:
    """A ballot that approves of none, and a stance against, are findings."""
    found = Found(approved=(), agrees=False, grades={}, score=0.0)

    assert {"approved": [], "agrees": False, "grades": {}, "score": 0.0} == found.model_dump(mode="json")


def test_third_parties_have_names_of_their_own() -> None:
    """What no field is for is in `extra`."""
    assert {"mood": "calm"} == Found.model_validate({"score": 1, "mood": "calm"}).extra


def test_a_field_holds_its_kind() -> None:
    """A score is a number."""
    with pytest.raises(ValidationError, match="score"):
        Found.model_validate({"score": "high"})


def test_names_are_read_for_one_release_more() -> None:
    """As keys, with a warning that says what to write."""
    found = Found.model_validate({"ranking": ["a", "b"], "mood": "calm"})

    with pytest.warns(DeprecationWarning, match=r"say found\.ranking"):
        assert ["a", "b"] == found["ranking"]
    with pytest.warns(DeprecationWarning, match=r"say found\.extra\['mood'\]"):
        assert "calm" == found.get("mood")
    with pytest.warns(DeprecationWarning, match=r"say found\.score"):
        assert 0.5 == found.get("score", 0.5)
    with pytest.warns(DeprecationWarning, match=r"say found\.tie"):
        assert "tie" not in found
    with pytest.warns(DeprecationWarning, match="score"), pytest.raises(KeyError):
        found["score"]


def test_what_is_shown_is_what_was_found() -> None:
    """A turn that is printed stays readable."""
    assert repr(Found(score=7.0, tie=True)) == "Found(score=7.0, tie=True)"
    assert repr(Found()) == "Found()"
