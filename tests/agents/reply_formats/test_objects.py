"""Replies that are JSON objects: each field is read as itself, whatever words stand in the others."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.agents import reply_formats
from contemplate.agents.reply_formats import Parsed, ReplyFormat
from contemplate.types import Answer, Found, Question

IDS = ("a", "b", "c")
NUMBER = Question(text="?", kind="number")
TEXT = Question(text="?", kind="text")
PAIR = (
    Answer(kind="choice", text="A", value="A", how="stated"),
    Answer(kind="choice", text="B", value="B", how="stated"),
)
SEVEN = Answer(kind="number", text="7", value="7", how="stated")
RULING = reply_formats.ruling(NUMBER, ("affirmative", "negative"))

FORMS: dict[str, tuple[ReplyFormat, dict[str, object]]] = {
    "verdict": (reply_formats.verdict(digest=True), {"check": "c", "summary": "s", "verdict": "flawed"}),
    "choice": (reply_formats.choice(IDS, tie=True), {"work": "w", "choice": "B"}),
    "tie": (reply_formats.choice(IDS, tie=True), {"work": "w", "choice": "tie"}),
    "score": (reply_formats.score(0, 10), {"work": "w", "score": 3}),
    "sure": (reply_formats.sure(), {"answer": "no"}),
    "ranking": (reply_formats.ballot(IDS, "ranking"), {"work": "w", "ranking": ["C", "A", "B"]}),
    "approval": (reply_formats.ballot(IDS, "approval"), {"work": "w", "approved": ["C"]}),
    "points": (reply_formats.ballot(IDS, "points"), {"work": "w", "points": {"A": 1, "B": 9, "C": 0}}),
    "likelihood": (reply_formats.likelihood(), {"work": "w", "value": "impossible"}),
    "items": (reply_formats.items("steps"), {"items": ["one", "two"]}),
    "ruling": (RULING, {"reason": "r", "side": "negative", "answer": "7"}),
    "pair": (reply_formats.pair_scores(1, 10, PAIR), {"work": "w", "score_a": 2, "score_b": 9.5}),
}
NOISE = (
    "Verdict: sound",
    "Choice: A",
    "Score: 9",
    "yes",
    "Final ranking: A, B, C",
    "Approved: A",
    "Points: A 10",
    "Value: sure",
    "Side: affirmative\nAnswer: 1",
    "Score A: 10\nScore B: 1",
)


def findings(parsed: Parsed | None) -> Parsed | None:
    """What was read, without the words that are shown to others."""
    return parsed and parsed.model_copy(update={"found": parsed.found.model_copy(update={"words": None, "digest": None})})


@pytest.mark.parametrize(
    ("name", "parsed"),
    [
        ("verdict", Parsed(verdict="flawed")),
        ("choice", Parsed(chose="b")),
        ("tie", Parsed(found=Found(tie=True))),
        ("score", Parsed(found=Found(score=3.0))),
        ("sure", Parsed(found=Found(score=0.0))),
        ("ranking", Parsed(found=Found(ranking=("c", "a", "b")))),
        ("approval", Parsed(found=Found(approved=("c",)))),
        ("points", Parsed(found=Found(points={"a": 1.0, "b": 9.0, "c": 0.0}))),
        ("likelihood", Parsed(found=Found(word="impossible", value=0.001))),
        ("items", Parsed(found=Found(items=("one", "two")))),
        ("ruling", Parsed(answer=SEVEN, found=Found(side="negative"))),
        ("pair", Parsed(answer=PAIR[1], found=Found(scores=(2.0, 9.5)))),
    ],
)
def test_objects_are_read(name: str, parsed: Parsed) -> None:
    """Every format that has an object."""
    form, row = FORMS[name]

    assert parsed == findings(form.reading(json.dumps(row), as_object=True))


@pytest.mark.parametrize("name", FORMS)
@given(noise=st.lists(st.sampled_from(NOISE) | st.text(), min_size=1, max_size=3), late=st.booleans())
def test_words_in_other_fields_shift_nothing(name: str, noise: list[str], late: bool) -> None:
    """Marker words of any format, in the field for the work or one that nobody asked for, before or after."""
    form, row = FORMS[name]
    beside: dict[str, object] = {"work": "\n".join(noise), "check": "\n".join(noise), "more": noise}
    asked = {field: value for field, value in row.items() if field not in beside}
    noisy = {**asked, **beside} if late else {**beside, **asked}

    assert findings(form.reading(json.dumps(row), as_object=True)) == findings(form.reading(json.dumps(noisy), as_object=True))


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("odd", [None, {}, [[]], True, "?", 10**400])
def test_what_is_not_of_the_kind_is_not_read(name: str, odd: object) -> None:
    """Not from that field, and not from the words in another one."""
    form, row = FORMS[name]
    noise = "\n".join(NOISE)
    broken = {field: noise if field in {"work", "check", "reason"} else odd for field in row}
    if name == "sure" and odd is True:  # a boolean does say yes
        return

    assert form.reading(json.dumps(broken), as_object=True) is None


@pytest.mark.parametrize("name", FORMS)
def test_what_is_not_there_is_not_read(name: str) -> None:
    """The field for the work alone says nothing, whatever it says."""
    form, _ = FORMS[name]
    work = next((field for field in form.fields if field in {"work", "check", "reason"}), None)

    assert work is None or form.reading(json.dumps({work: "\n".join(NOISE)}), as_object=True) is None


def test_text_beside_a_broken_object_is_read() -> None:
    """The object is left aside, and the tagged line after it counts."""
    parsed = reply_formats.score(0, 10).reading('{"score": "high"}\nScore: 4', as_object=True)

    assert Parsed(found=Found(score=4.0)) == parsed


def test_an_object_of_another_form_says_nothing() -> None:
    """Its names are not those that were asked for, and words in it are no tagged line."""
    assert reply_formats.verdict().reading('{"conclusion": "Verdict: flawed"}', as_object=True) is None


@pytest.mark.parametrize(
    ("row", "side", "answer"),
    [
        ({"side": "negative", "answer": 7}, "negative", "7"),
        ({"side": "Negative.", "answer": "Answer: 7"}, "negative", "7"),
        ({"side": "negative", "answer": None}, "none", None),
        ({"side": "none", "answer": "7"}, "none", None),
        ({"reason": "Side: affirmative", "side": "negative", "answer": "7"}, "negative", "7"),
    ],
)
def test_rulings(row: dict[str, object], side: str, answer: str | None) -> None:
    """An answer goes with a side, and may be a number."""
    parsed = RULING.reading(json.dumps(row), as_object=True)

    assert parsed is not None
    assert (side, answer) == (parsed.found.side, parsed.answer and parsed.answer.value)


def test_the_answer_of_a_ruling_is_the_whole_field() -> None:
    """Words like those of a final line inside it do not cut it short."""
    parsed = reply_formats.ruling(TEXT, ("one",)).reading(
        '{"side": "one", "answer": "Twain, and the answer is clear"}', as_object=True
    )

    assert parsed is not None
    assert parsed.answer is not None
    assert "Twain, and the answer is clear" == parsed.answer.text


@pytest.mark.parametrize(("given_", "approved"), [([], ()), (["none"], ()), ("none", ()), ("A, C", ("a", "c")), (["Z"], None)])
def test_approval(given_: object, approved: tuple[str, ...] | None) -> None:
    """Of none is a ballot, too; of a letter that was not shown is none."""
    parsed = reply_formats.ballot(IDS, "approval").reading(json.dumps({"approved": given_}), as_object=True)

    assert approved == (parsed and parsed.found.approved)


@pytest.mark.parametrize(("said", "verdict"), [("correct", "sound"), ("Reject", "flawed"), ("unclear", "unclear")])
def test_verdicts_in_other_words(said: str, verdict: str) -> None:
    """Those that models use in place of what was asked for."""
    parsed = reply_formats.verdict(good="yes", bad="no").reading(json.dumps({"verdict": said}), as_object=True)

    assert parsed is not None
    assert verdict == parsed.verdict


@pytest.mark.parametrize(
    "points",
    [{"A": 10, "B": 12}, {"A": 10, "B": -3}, {"A": 10, "B": "many"}, {"A": 9}, {}, [7, 3], "A 7, B 3"],
)
def test_points_that_do_not_add_up(points: object) -> None:
    """All of them are read, or none."""
    assert reply_formats.ballot(IDS, "points").reading(json.dumps({"points": points}), as_object=True) is None


def test_points_as_models_write_them() -> None:
    """Under letters that can be read, as numbers or texts."""
    parsed = reply_formats.ballot(IDS, "points").reading(
        json.dumps({"points": {"Reply A": "7", "(b)": 3.0, "C": None}}), as_object=True
    )

    assert Parsed(found=Found(points={"a": 7.0, "b": 3.0})) == parsed
