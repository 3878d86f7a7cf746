"""Classes of answers, gold answers, and questions that can be asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.answers import KINDS, answer_form, check_question, classes, is_right, read, same
from contemplate.errors import InputError
from contemplate.types import MAX_QUESTION, Answer, AnswerKind, Merge, Question


def number(text: str) -> Answer:
    """The number in `text`."""
    answer = read(f"Answer: {text}", Question(text="How many?", kind="number"))
    assert answer is not None
    return answer


def test_classes_keep_the_reason_of_each_merge() -> None:
    """An answer joins the first class of the same value, and is said to once."""
    answers = [number(text) for text in ("0.5", "2", "1/2", "0.5", "2.0", "1/2", "3")]

    places, merges = classes(answers)

    assert places == [0, 1, 0, 0, 1, 0, 2]
    assert merges == [
        Merge(answer="1/2", into="0.5", reason="equal number"),
        Merge(answer="2.0", into="2", reason="equal number"),
    ]


def test_no_answers_have_no_classes() -> None:
    """Nothing comes of nothing."""
    assert classes([]) == ([], [])


@given(st.lists(st.sampled_from(["1", "1.0", "2/2", "2", "4/2", "3"])))
def test_classes_are_an_equivalence(texts: list[str]) -> None:
    """Two answers are in one class exactly if they are the same; classes are numbered in the order of their first members."""
    answers = [number(text) for text in texts]
    places, _ = classes(answers)

    for one, place in zip(answers, places, strict=True):
        assert [place == other for other in places] == [same(one, another) is not None for another in answers]
    assert list(dict.fromkeys(places)) == list(range(len(set(places))))


def test_kinds_do_not_mix() -> None:
    """The text "5" is not the number 5."""
    text = Answer(kind="text", text="5", value="5", how="last")

    assert same(text, number("5")) is None


def test_an_abstention_is_never_right() -> None:
    """No answer is not a right answer, whatever the gold is."""
    assert not is_right(None, Question(text="How many?", kind="number", gold="5"))


@pytest.mark.parametrize("gold", [None, "no number", ""])
def test_a_gold_answer_is_needed_for_being_right(gold: str | None) -> None:
    """Without a readable gold answer nobody can say what is right."""
    with pytest.raises(ValueError, match="gold answer"):
        is_right(number("5"), Question(text="How many?", kind="number", gold=gold))


@pytest.mark.parametrize("kind", KINDS)
def test_the_form_asked_for_is_one_line(kind: AnswerKind) -> None:
    """The sentence of the prompt ends with the form, which itself is no answer."""
    question = Question(text="Which?", kind=kind, choices=("x", "y") if kind == "choice" else ())
    form = answer_form(question)

    assert form.startswith("End your reply with one line of the form: Answer: <")
    assert "\n" not in form
    assert read(form.partition("form: ")[2].partition(",")[0], question) is None


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (Question(text=""), "is empty"),
        (Question(text=" \n\t"), "is empty"),
        (Question(text="x" * (MAX_QUESTION + 1)), "200,001 characters"),
        (Question(text="a\x00b"), "NUL character at position 1"),
        (Question(text="a\ud800"), "surrogate"),
        (Question(text="Which?", kind="choice"), "has 0"),
        (Question(text="Which?", kind="choice", choices=("one",)), "has 1"),
        (Question(text="Which?", kind="choice", choices=tuple(map(str, range(27)))), "has 27"),
        (Question(text="Which?", kind="choice", choices=("a", " ")), "choice 2 is empty"),
        (Question(text="Which?", kind="choice", choices=("a", "b", " a ")), "choices 1 and 3 are the same"),
        (Question(text="Which?", kind="choice", choices=("a", "\x00")), "choice 2 holds"),
        (Question(text="Which?", kind="text", choices=("a", "b")), "kind 'text'"),
    ],
)
def test_questions_that_cannot_be_asked(question: Question, message: str) -> None:
    """Each gets one line that says what is wrong."""
    with pytest.raises(InputError, match=message) as caught:
        check_question(question)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "question",
    [Question(text="x" * MAX_QUESTION), Question(text="?", kind="choice", choices=("mg", "Mg")), Question(text="Zażółć 🦆\n")],
)
def test_questions_that_can_be_asked(question: Question) -> None:
    """Length up to the limit, any script, and options that differ by case are fine."""
    check_question(question)
