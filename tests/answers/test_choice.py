"""Options in replies."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.answers import answer_form, is_right, read
from contemplate.types import Question

CITIES = Question(text="Which?", kind="choice", choices=("Paris", "London", "New York", "York"))


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        ("Answer: B", "B"),
        ("Answer: (b)", "B"),
        ("**Answer: B.**", "B"),
        ("Answer: B) London", "B"),
        ("Answer: **(C) New York**", "C"),
        ("Answer: Option B - London", "B"),
        ("Answer: London", "B"),
        ("Answer: New York", "C"),
        ("Answer: the city of London", "B"),
        (r"Answer: $\text{(B)}$", "B"),
        ("The correct answer is option C.", "C"),
        ("The answer is B because A is wrong", "B"),
        ("Answer: A is right", "A"),
        ("Therefore the best option is D", "D"),
        ('{"answer": "B"}', "B"),
        (r"\boxed{B}", "B"),
        ("A", "A"),
        ("B)", "B"),
        ("(B)", "B"),
        ("option B", "B"),
        ("I would go with (C).", "C"),
        ("It's B, not C", "B"),
        ("A dog would say B", "B"),
        ("I think it is York", "D"),
        ("First A.\nThen B.\nSo I settle on\nC", "C"),
    ],
)
def test_reads_an_option(reply: str, letter: str) -> None:
    """By letter or by text, the answer is the letter."""
    answer = read(reply, CITIES)

    assert answer is not None
    assert answer.value == letter


@pytest.mark.parametrize(
    "reply",
    [
        "Answer: both A and B",
        "Answer: A, B",
        "Answer: B) Paris",
        "Answer: none",
        "Answer: E",
        "Answer: I don't know",
        "A or B?",
        "Paris or London",
        "We have a plan",
        "",
    ],
)
def test_reads_no_option(reply: str) -> None:
    """Two options, a letter with another option's text, and letters that are no options choose nothing."""
    assert read(reply, CITIES) is None


def test_two_letters_on_the_stated_line_end_the_search() -> None:
    """A statement that is undecided is not overruled by what stands before or after it."""
    assert read("I like (C).\nAnswer: A and B\nSee (C).", CITIES) is None


def test_an_option_may_be_called_none() -> None:
    """What elsewhere abstains is an answer where it is an option."""
    answer = read("Answer: none", Question(text="Which?", kind="choice", choices=("None", "All")))

    assert answer is not None
    assert answer.value == "A"


def test_numeric_options_are_read_by_value() -> None:
    """An option that is a number is found however the number is written."""
    answer = read("Answer: 1,000.0", Question(text="How many?", kind="choice", choices=("10", "1000")))

    assert answer is not None
    assert answer.value == "B"


def test_an_article_is_no_option() -> None:
    """An "A" before a word may be an article."""
    answer = read("Answer: A plant grows", Question(text="Which?", kind="choice", choices=("A dog", "A plant")))

    assert answer is not None
    assert answer.value == "B"


@pytest.mark.parametrize("gold", ["B", "(B)", "London", "B) London"])
def test_gold_by_letter_or_text(gold: str) -> None:
    """The gold answer may be the letter or the option."""
    question = CITIES.model_copy(update={"gold": gold})

    assert is_right(read("Answer: B", question), question)
    assert not is_right(read("Answer: C", question), question)


def test_form_names_the_letters() -> None:
    """The prompt's sentence says which letters there are."""
    assert answer_form(CITIES).endswith("Answer: <letter>, where <letter> is one of A, B, C, D")


@given(count=st.integers(2, 26), data=st.data(), form=st.sampled_from(["{}", "({})", "{}.", "{})", "**{}**", "option {}"]))
def test_every_letter_in_every_form(count: int, data: st.DataObject, form: str) -> None:
    """Each letter of a question with up to 26 options is read."""
    letter = data.draw(st.sampled_from(string.ascii_uppercase[:count]))
    question = Question(text="Which?", kind="choice", choices=tuple(f"thing {place}" for place in range(count)))

    answer = read(f"Answer: {form.format(letter)}", question)

    assert answer is not None
    assert answer.value == letter
