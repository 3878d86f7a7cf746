"""Scores by criteria, and criteria that are proposed, in the forms in which models write them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.agents import reply_formats
from contemplate.agents.reply_formats import Parsed, ReplyFormat
from contemplate.types import Criterion

TWO = (Criterion(name="correct", weight=3), Criterion(name="short", weight=1))
FORM = reply_formats.criteria_scores(["one", "two"], TWO)
BOTH = {"one": {"correct": 7.0, "short": 4.0}, "two": {"correct": 5.0, "short": 9.0}}


def read(form: ReplyFormat, text: str, *, as_object: bool = False) -> Parsed:
    """What is read, which is always something."""
    found = form.reading(text, as_object=as_object)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "text",
    [
        "A: correct 7, short 4\nB: correct 5, short 9",
        "Reply A: correct: 7, short: 4\nReply B: correct: 5, short: 9",
        "**A**: **Correct** 7/10, **Short** 4/10\n**B**: Correct: 5/10; Short: 9/10",
        "### Reply A\n- correct: 7\n- short: 4 (wordy)\n\n### Reply B\n- correct: 5\n- short: 9",
        "A: 7, 4\nB: 5, 9",
        "| A | 7 | 4 |\n| B | 5 | 9 |",
        "A: it is correct 3 times, I first thought.\nB is shorter.\n\nA: correct 7, short 4\nB: correct 5, short 9",
        "A) correct = 7; short = 4\nB) correct = 5; short = 9",
        "A: correct score: 7.0, short is 4\nB: correct 5.0, short 9",
        "<think>A: correct 1, short 1</think>A: correct 7, short 4\nB: correct 5, short 9",
    ],
)
def test_scores_as_models_write_them(text: str) -> None:
    """Behind the letter, by name or in their order; the last ones count."""
    assert read(FORM, text).found.scored == BOTH


def test_scores_in_an_object() -> None:
    """Row by row; what names no reply or no criterion is passed over."""
    rows = [
        {"reply": reply, "criterion": name, "score": scores[name]}
        for reply, scores in (("A", BOTH["one"]), ("B", BOTH["two"]))
        for name in ("correct", "short")
    ]
    strays = [{"reply": "Z", "criterion": "correct", "score": 3}, {"reply": "A", "criterion": "kind", "score": 3}, 7, {}]

    assert read(FORM, json.dumps({"scores": [*rows, *strays]}), as_object=True).found.scored == BOTH


@pytest.mark.parametrize(
    ("text", "scored", "notes"),
    [
        ("A: correct 47 of 10, short 4", {"one": {"short": 4.0}}, ("47 for 'correct' is not from 1 to 10",)),
        ("A: correct -3, short 10.5", {}, ("-3 for 'correct' is not from 1 to 10", "10.5 for 'short' is not from 1 to 10")),
        ("A: correct 47\nA: correct 7", {"one": {"correct": 7.0}}, ()),
        ("A: correct very, short somewhat", {}, ()),
        ("C: correct 7, short 4\nZ: correct 7", {}, ()),
        ("7", {}, ()),
        ("", {}, ()),
    ],
)
def test_what_is_no_score(text: str, scored: dict[str, dict[str, float]], notes: tuple[str, ...]) -> None:
    """It has none; what is off the scale is told."""
    found = read(FORM, text).found

    assert (found.scored, found.notes) == (scored, notes)


def test_names_within_names() -> None:
    """The longer one is not taken for the shorter."""
    form = reply_formats.criteria_scores(["one"], [Criterion(name="title", weight=1), Criterion(name="short title", weight=1)])

    assert read(form, "A: short title 3, title 8").found.scored == {"one": {"title": 8.0, "short title": 3.0}}


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    """And every score is on the scale."""
    scored = read(FORM, text).found.scored or {}
    read(reply_formats.proposed_criteria(), text)

    assert all(1 <= number <= 10 for scores in scored.values() for number in scores.values())


def test_a_long_hostile_text_is_read_in_time() -> None:
    """No pattern goes back and forth over it."""
    for piece in ("A: correct ", "correct: " * 3, "*_" * 40, "a" * 70 + " ", "1. "):
        text = piece * (60_000 // len(piece))
        read(FORM, text)
        read(reply_formats.proposed_criteria(), text)


@pytest.mark.parametrize(
    "text",
    [
        "correct: 3 # each is true\nshort: 1 # no word too many",
        "1. **Correct**: 3 # each is true\n2. **Short**: 1 # no word too many",
        "- Correct: weight 3 - each is true.\n- Short: weight 1 - no word too many.",
        "Here they are.\n\ncorrect: 3 # each is true\nshort: 1 # no word too many\ncorrect: 5 # again",
    ],
)
def test_proposed_criteria(text: str) -> None:
    """With weights, each name once."""
    found = read(reply_formats.proposed_criteria(), text).found.criteria or ()

    assert [(one.name.lower(), one.weight, one.description) for one in found] == [
        ("correct", 3, "each is true"),
        ("short", 1, "no word too many"),
    ]


def test_proposed_criteria_in_an_object() -> None:
    """What is none is passed over, and there are at most 12."""
    rows = [{"name": f"c{number}", "weight": 2, "asks": "it"} for number in range(20)]
    wrong = [{"name": "x"}, {"name": "", "weight": 1}, {"name": "y", "weight": 0, "asks": ""}, "z"]
    found = read(reply_formats.proposed_criteria(), json.dumps({"criteria": [*wrong, *rows]}), as_object=True).found

    assert [one.name for one in found.criteria or ()] == [f"c{number}" for number in range(12)]


@pytest.mark.parametrize("text", ["I would not know.", "", "correct: many", "correct", "{}"])
def test_nothing_proposed(text: str) -> None:
    """None, and no failure, so that nobody is asked again."""
    assert read(reply_formats.proposed_criteria(), text).found.criteria is None
