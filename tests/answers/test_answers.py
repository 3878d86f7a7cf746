"""Classes of answers, gold answers, and questions that can be asked."""

from __future__ import annotations

import datetime as dt
import sys
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.answers import KINDS, answer_form, check_question, classes, is_right, read, same, typed
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


def text(value: str) -> Answer:
    """The text `value`."""
    return Answer(kind="text", text=value, value=value.lower(), how="stated")


def test_what_was_judged_the_same_is_one_class() -> None:
    """A judged pair merges with the first class whose first member it fits, and says who found that."""
    answers = [text(value) for value in ("NYC", "Rome", "New York", "Big Apple", "new york", "Roma")]
    judged = [frozenset(("nyc", "new york")), frozenset(("new york", "big apple")), frozenset(("roma", "rome"))]

    places, merges = classes(answers, judged)

    assert places == [0, 1, 0, 2, 0, 1]
    assert merges == [
        Merge(answer="New York", into="NYC", reason="a model judged them to say the same"),
        Merge(answer="new york", into="NYC", reason="a model judged them to say the same"),
        Merge(answer="Roma", into="Rome", reason="a model judged them to say the same"),
    ]


@given(
    values=st.lists(st.sampled_from("abcdef"), max_size=12),
    judged=st.lists(st.frozensets(st.sampled_from("abcdef"), min_size=2, max_size=2), max_size=5),
)
def test_an_answer_joins_the_first_class_whose_first_member_it_fits(values: list[str], judged: list[frozenset[str]]) -> None:
    """Found by going through all classes, as `classes` does not."""
    firsts: list[str] = []
    expected = []
    for value in values:
        fits = [place for place, first in enumerate(firsts) if first == value or frozenset((first, value)) in judged]
        expected.append(fits[0] if fits else len(firsts))
        firsts += [] if fits else [value]

    assert expected == classes([text(value) for value in values], judged)[0]


def test_classes_are_found_in_time_that_grows_with_the_answers() -> None:
    """Twice as many different answers take no more than twice as many calls of functions."""

    def calls(count: int) -> int:
        made = 0
        answers = [text(str(one)) for one in range(count)]

        def note(*_: object) -> None:
            nonlocal made
            made += 1

        sys.setprofile(note)
        try:
            classes(answers)
        finally:
            sys.setprofile(None)
        return made

    assert calls(400) < 2.1 * calls(200)


@pytest.mark.parametrize(
    ("kind", "stated", "value"),
    [
        ("number", "42", 42),
        ("number", "0.25", 0.25),
        ("number", "1/3", Fraction(1, 3)),
        ("number", "1/8", 0.125),
        ("math", r"\frac{1}{2}", 0.5),
        ("math", r"\sqrt2", "sqrt(2)"),
        ("choice", "B", "London"),
        ("boolean", "True", True),
        ("date", "04/19/1969", dt.date(1969, 4, 19)),
        ("set", "a, b, a", frozenset({"a", "b"})),
        ("json", '{"a": [1.0]}', {"a": [1]}),
        ("text", "The End", "end"),
    ],
)
def test_answers_have_python_values(kind: AnswerKind, stated: str, value: object) -> None:
    """Each kind gives the value that a program would work with."""
    question = Question(text="?", kind=kind, choices=("Paris", "London") if kind == "choice" else ())
    answer = read(f"Answer: {stated}", question)

    assert answer is not None
    assert value == typed(answer, question)
    assert type(value) is type(typed(answer, question))


def test_a_normal_form_that_is_a_number_has_its_value() -> None:
    """Words may leave digits in groups behind."""
    assert typed(Answer(kind="math", text="so 1 234", value="1 234", how="last"), Question(text="?", kind="math")) == 1234


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


@pytest.mark.parametrize("kind", sorted({*KINDS} - {"open"}))
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
