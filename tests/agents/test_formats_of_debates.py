"""Forms of debates: rulings, stances, grades and pairs of scores, as text and as JSON objects."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import an_answer
from contemplate import Question
from contemplate.agents import reply_formats
from contemplate.agents.reply_formats import Parsed

NUMBER = Question(text="?", kind="number")
SIDES = ("affirmative", "negative")
PAIR = (
    an_answer("A"),
    an_answer("B"),
)


def value(said: Parsed | None) -> str | None:
    """The answer that was read."""
    return said.answer.value if said and said.answer else None


@pytest.mark.parametrize(
    ("text", "side", "answer"),
    [
        ("Because.\nSide: negative\nAnswer: 7", "negative", "7"),
        ("Side: none", "none", None),
        ("Side: none\nAnswer: 7", "none", None),
        ('{"reason": "r", "side": "affirmative", "answer": "7"}', "affirmative", "7"),
        ('{"reason": "r", "side": "none", "answer": ""}', "none", None),
        ('{"reason": "r", "side": "negative", "answer": ""}', "none", None),
    ],
)
def test_rulings(text: str, side: str, answer: str | None) -> None:
    """An answer goes with a side; without an answer there is no side."""
    said = reply_formats.ruling(NUMBER, SIDES).reading(text, as_object=text.startswith("{"))

    assert said is not None
    assert (said.found.side, value(said)) == (side, answer)


@pytest.mark.parametrize(
    "text", ["Answer: 7", "Side: negative", "Side: both\nAnswer: 7", '{"side": "negative", "answer": {}}', '{"side": 1}', ""]
)
def test_no_rulings(text: str) -> None:
    """A side without a readable answer, and an answer without a side, are none."""
    assert reply_formats.ruling(NUMBER, SIDES).reading(text, as_object=text.startswith("{")) is None


def test_a_ruling_in_json_has_words() -> None:
    """What others would be shown of it."""
    said = reply_formats.ruling(NUMBER, SIDES).reading('{"reason": "why", "side": "negative", "answer": "7"}', as_object=True)

    assert said is not None
    assert said.found.words == "why\nSide: negative\nAnswer: 7"


@pytest.mark.parametrize(
    ("text", "agrees"),
    [("Stance: agree\nAnswer: 1", True), ("Stance: DISAGREE\nAnswer: 1", False), ("Answer: 1", None)],
)
def test_stances(text: str, agrees: bool | None) -> None:
    """The stance may be missing, the answer may not."""
    said = reply_formats.stance(NUMBER).reading(text)

    assert said is not None
    assert said.found.agrees is agrees
    assert reply_formats.stance(NUMBER).reading("Stance: agree") is None


@pytest.mark.parametrize(
    ("text", "answer", "grades"),
    [
        ("Answer: 4\n[[3, 5]]", "4", {"a": 3, "b": 5}),
        ("So 4.\n[[3, 5]]", "4", {"a": 3, "b": 5}),
        ("Answer: 4\n[[3]]", "4", {}),
        ("Answer: 4", "4", {}),
        ("[[1, 1]] at first.\nAnswer: 4\n[[2, 9]]", "4", {"a": 2, "b": 5}),
    ],
)
def test_graded_answers(text: str, answer: str, grades: dict[str, int]) -> None:
    """Grades are by the turns that were read; they are no part of the answer, and none are no failure."""
    said = reply_formats.graded_answer(NUMBER, ["a", "b"]).reading(text)

    assert said is not None
    assert (value(said), said.found.grades) == (answer, grades)


@pytest.mark.parametrize(
    ("text", "scores", "better"),
    [
        ("Score A: 8\nScore B: 3", [8, 3], "A"),
        ("Score A: 3\nScore B: 8", [3, 8], "B"),
        ("Score A: 5\nScore B: 5", [5, 5], None),
        ('{"work": "w", "score_a": 2, "score_b": 9.5}', [2, 9.5], "B"),
    ],
)
def test_pair_scores(text: str, scores: list[float], better: str | None) -> None:
    """The answer is the one that scores more."""
    said = reply_formats.pair_scores(1, 10, PAIR).reading(text, as_object=text.startswith("{"))

    assert said is not None
    assert (said.found.scores, value(said)) == (tuple(scores), better)


@pytest.mark.parametrize("text", ['{"score_a": 2}', '{"score_a": 0, "score_b": 5}', '{"score_a": "x", "score_b": []}', "8 to 3"])
def test_no_pair_scores(text: str) -> None:
    """Both, and in range."""
    assert reply_formats.pair_scores(1, 10, PAIR).reading(text, as_object=text.startswith("{")) is None


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), lambda x: st.dictionaries(st.text(), x)).map(json.dumps))
def test_any_reply_is_read(text: str) -> None:
    """Reading is total."""
    for form in (
        reply_formats.ruling(NUMBER, SIDES),
        reply_formats.stance(NUMBER),
        reply_formats.graded_answer(NUMBER, ["a", "b"]),
        reply_formats.pair_scores(1, 10, PAIR),
    ):
        form.reading(text, as_object=text.startswith("{"))
