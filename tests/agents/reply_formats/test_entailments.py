"""What a checker says of numbered sentences, as text and as an object; what can't be read was not checked."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.agents.reply_formats import entailment
from contemplate.types import Json

FORM = entailment(3, ("4", "7"))


def read(text: str, *, as_object: bool = False) -> list[tuple[int, bool, str]]:
    """What is said of which sentence."""
    parsed = FORM.reading(text, as_object=as_object)
    assert parsed is not None
    return [(one.sentence, one.follows, one.reason) for one in parsed.found.entailments or ()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1: yes\n2: no, claim 1 says less\n3: Yes.", [(1, True, ""), (2, False, "claim 1 says less"), (3, True, "")]),
        ("1. **Yes**\n2) No - it adds a year", [(1, True, ""), (2, False, "it adds a year")]),
        ("- Sentence 1: follows\n- Sentence 2: does not follow", [(1, True, ""), (2, False, "")]),
        ("1: supported\n2: not supported\n3: unsupported", [(1, True, ""), (2, False, ""), (3, False, "")]),
        ("1: yes, 2: no, 3: yes", [(1, True, ""), (2, False, ""), (3, True, "")]),
        ("1: no\n1: yes", [(1, True, "")]),
        ("4: yes\n0: no\n77: no", []),
        ("They all follow. Of 2: yes I am sure.", []),
        ("", []),
    ],
)
def test_text(text: str, expected: list[tuple[int, bool, str]]) -> None:
    """Lines that begin with the number of a sentence that was shown; the last word on it counts."""
    assert read(text) == expected


def test_one_sentence_needs_no_number() -> None:
    """There is no other that it could be about."""
    parsed = entailment(1, ()).reading("No, it does not.")
    assert parsed is not None
    assert [one.follows for one in parsed.found.entailments or ()] == [False]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"sentences": [{"number": 1, "follows": "yes", "reason": ""}]}, [(1, True, "")]),
        ({"sentences": [{"number": "2", "follows": False, "reason": "a\nb"}]}, [(2, False, "a b")]),
        ({"sentences": [{"number": 1}, {"follows": "yes"}, 5, None]}, []),
        ({"sentences": {"1": "yes", "2": "no: it adds a year", "9": "yes"}}, [(1, True, ""), (2, False, "it adds a year")]),
        (
            {"sentences": {"Sentence 1": True, "2": False, "3": {"follows": "yes"}}},
            [(1, True, ""), (2, False, ""), (3, True, "")],
        ),
        ({"sentences": {"1": "perhaps", "2": None, "x": "yes", "3": ["no"]}}, []),
        ({"sentences": "1: yes"}, []),
        ({}, []),
    ],
)
def test_objects(row: Json, expected: list[tuple[int, bool, str]]) -> None:
    """Entry by entry; those that can't be read are left out."""
    assert read(json.dumps(row), as_object=True) == expected


@pytest.mark.parametrize(
    ("text", "as_object", "expected"),
    [
        ("1: yes\nMissing: 4, 7", False, ("4", "7")),
        ("Missing: none", False, None),
        ("**Missing:** [7] and 99", False, ("7",)),
        ('{"sentences": [], "missing": ["7", "9", 4]}', True, ("7", "4")),
        ('{"sentences": [], "missing": "7"}', True, None),
    ],
)
def test_missing_claims(text: str, as_object: bool, expected: tuple[str, ...] | None) -> None:
    """Those that were shown as left out, and no others."""
    parsed = FORM.reading(text, as_object=as_object)
    assert parsed is not None
    assert parsed.found.missing == expected


@given(st.text(), st.booleans())
def test_any_reply_will_do(text: str, as_object: bool) -> None:
    """So nobody is asked twice, and only sentences that were shown are spoken of."""
    assert all(1 <= number <= 3 for number, _, _ in read(text, as_object=as_object))


def test_the_object_has_what_the_text_has() -> None:
    """Claims are asked for only where some were left out."""
    fields = [entailment(2, left_out).fields for left_out in ((), ("4",))]
    assert [list(field) for field in fields] == [["sentences"], ["sentences", "missing"]]
    assert "Missing" not in entailment(2, ()).tagged
