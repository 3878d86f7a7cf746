"""Fields of JSON objects: read as what they are to be, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.agents.reply_formats import fields

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
WORDS = ("likely", "sure", "a tie", "tie")


@pytest.mark.parametrize(
    ("given_", "word"),
    [
        ("sure", "sure"),
        (" Sure. ", "sure"),
        ("**LIKELY**", "likely"),
        ("word: sure", "sure"),
        ("sure, because it adds up", "sure"),
        ("A tie", "a tie"),
        ("unlikely", None),
        ("l\u0131kely", None),  # an i without a dot, which is no i
        ("surely", None),
        ("not sure", None),
        ("", None),
        (7, None),
        (None, None),
        (["sure"], None),
    ],
)
def test_words(given_: object, word: str | None) -> None:
    """The word that the field begins with."""
    assert word == fields.word({"word": given_}, "word", WORDS)


@pytest.mark.parametrize(
    ("given_", "number"),
    [
        (7, 7.0),
        (6.123456789, 6.123456789),
        ("7", 7.0),
        (" 7.5 ", 7.5),
        ("7/10", 7.0),
        ("7 out of 10", 7.0),
        ("Score: 7", 7.0),
        ("**7**", 7.0),
        ("0", 0.0),
        (".5", 0.5),
        (-3, None),
        ("-3", None),
        (11, None),
        (10**400, None),
        (float("nan"), None),
        (float("inf"), None),
        (True, None),
        ("seven", None),
        ("1234567", None),
        ("I say 7", None),
        ([7], None),
        (None, None),
    ],
)
def test_numbers(given_: object, number: float | None) -> None:
    """A number in range, as one or in text."""
    assert number == fields.number({"score": given_}, "score", 0, 10)


@pytest.mark.parametrize(
    ("given_", "place"),
    [
        ("B", 1),
        ("b", 1),
        ("(B)", 1),
        ("B.", 1),
        ("B, for it adds up", 1),
        ("B (the second)", 1),
        ("Reply B", 1),
        ("reply: B", 1),
        ("The best answer is B.", 1),
        ("Choice: **B**", 1),
        ("D", None),
        ("tie", None),
        ("\u212a", None),  # the sign for kelvin, whose lower case is a k
        ("a better reply is B", None),
        ("Because", None),
        ("", None),
        (1, None),
        (None, None),
    ],
)
def test_letters_of_replies(given_: object, place: int | None) -> None:
    """One of three letters, from 0."""
    assert place == fields.letter(given_, 3)


@pytest.mark.parametrize(
    ("given_", "places"),
    [
        (["B", "A"], [1, 0]),
        (["Reply B", "(A)", "B", "Z", 7], [1, 0]),
        ("B > A > C", [1, 0, 2]),
        ("B, A", [1, 0]),
        ([], []),
        ({"B": 1}, None),
        (None, None),
    ],
)
def test_lists_of_letters(given_: object, places: list[int] | None) -> None:
    """Each once; what can't be read is left out."""
    assert places == fields.letters({"ranking": given_}, "ranking", 3)


@pytest.mark.parametrize("name", ["verdict", "Verdict", " VERDICT "])
def test_the_case_of_a_name_does_not_matter(name: str) -> None:
    """Models write names as they like."""
    assert "sound" == fields.text({name: "sound"}, "verdict")


def test_the_name_that_was_asked_for_goes_first() -> None:
    """Before one that differs in case."""
    assert "a" == fields.text({"Verdict": "b", "verdict": "a"}, "verdict")


@given(JSON)
def test_any_value_is_read(value: object) -> None:
    """Reading is total."""
    row = {"name": value}
    fields.word(row, "name", WORDS)
    fields.yes_no(row, "name")
    fields.number(row, "name", 0, 10)
    fields.letters(row, "name", 3)
    fields.lists_nothing(row, "name")
    fields.texts(row, "name")
    fields.letter(value, 3)
