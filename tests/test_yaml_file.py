"""Reading YAML that people wrote."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.errors import RecipeError
from contemplate.yaml_file import parse_yaml, scalar


def test_values_and_lines() -> None:
    """Plain values come out, each with its line."""
    document = parse_yaml("a: 1\nb:\n  - x\n  - {c: 2.5, d: true}\n", "r.yaml")

    assert document.value == {"a": 1, "b": ["x", {"c": 2.5, "d": True}]}
    assert document.line(("b", 1, "d")) == 4
    assert document.line(("b", 1, "nowhere")) == 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("off", "off"),
        ("false", False),
        ("null", None),
        ("~", None),
        ("12", 12),
        ("1e3", 1000.0),
        ("1_000", "1_000"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, expected: object) -> None:
    """`no` is a word, as in YAML 1.2, and not false, as in 1.1."""
    assert scalar(text) == expected


def test_quoted_scalars_stay_text() -> None:
    """Quotes keep a number a text."""
    assert parse_yaml("a: '1'\nb: \"true\"\n", "r").value == {"a": "1", "b": "true"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\na: 2\n", "r:2: 'a' stands twice"),
        ("a: !!python/object/apply:os.system ['true']\n", "r:1: tags are not read"),
        ("a: !mine 3\n", "r:1: tags are not read"),
        ("a: [1\n", "r:2: not YAML"),
        ("? [a]\n: 1\n", "r:1: a key must be a word"),
        ("x" * 200_001, "at most 200,000 characters"),
        ("[" * 3000, "r"),
    ],
)
def test_what_is_refused(text: str, says: str) -> None:
    """One line with file and line, for whatever is wrong."""
    with pytest.raises(RecipeError) as caught:
        parse_yaml(text, "r")

    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_aliases_cannot_blow_up() -> None:
    """Nine levels of ten aliases would be a billion values; reading stops early."""
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]

    with pytest.raises(RecipeError, match="too many aliases"):
        parse_yaml("\n".join(rows), "r")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but a RecipeError ever comes out."""
    with suppress(RecipeError):
        parse_yaml(text, "r")
