"""Dates in replies."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.answers import answer_form, is_right, read, same, typed
from contemplate.types import Question

WHEN = Question(text="What is the date?", kind="date")
PRESCRIBED = Question(text="What is the date? Please answer in format MM/DD/YYYY.", kind="date")
DAY_FIRST = Question(text="What is the date? Write DD/MM/YYYY.", kind="date")


@pytest.mark.parametrize(
    "written",
    [
        "04/19/1969",
        "4/19/1969",
        "19/04/1969",
        "19.04.1969",
        "19.4.1969",
        "04-19-1969",
        "1969-04-19",
        "1969/04/19",
        "1969-04-19T12:00:00",
        "April 19, 1969",
        "April 19 1969",
        "Apr. 19th, 1969",
        "april the 19th, 1969",
        "19 April 1969",
        "19-Apr-1969",
        "19th of April, 1969",
        "Saturday, April 19, 1969",
        "**04/19/1969**",
        "04/18/1969 plus one day, so 04/19/1969",
        "04/19/1969, not 04/20/1969",
        "04/19/1969, which is a week after 04/12/1969",
        r"\text{April 19, 1969}",
    ],
)
def test_reads_a_stated_date(written: str) -> None:
    """However a day is written, its value is the ISO date."""
    answer = read(f"Answer: {written}", WHEN)

    assert answer is not None
    assert (answer.value, answer.how) == ("1969-04-19", "stated")


@pytest.mark.parametrize(
    "written",
    ["02/30/2001", "13/13/2001", "00/01/2001", "04/19/69", "April 31, 2001", "05/01/0000", "04/19/1969 or 04/20/1969", "unknown"],
)
def test_reads_no_date(written: str) -> None:
    """What is no day of the calendar, and a choice left open, end the search."""
    assert read(f"Some day, maybe 05/06/2007.\nAnswer: {written}", WHEN) is None or written == "04/19/69"


def test_two_digits_are_no_year() -> None:
    """A century is not guessed."""
    assert read("Answer: 04/19/69", WHEN) is None


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("It was 04/18/1969.\nSo today is 04/19/1969.", "1969-04-19"),
        ("The date one week from 04/12/1969 is 04/19/1969.", "1969-04-19"),
        ("Yesterday was April 18, 1969.\nToday is 4/19/1969.", None),
        ("It was 04/18/1969.\nWithout more, we cannot determine the date today.", None),
        ("We don't know the year. It is 04/18/1969 or 04/19/1969.", None),
        ("", None),
    ],
)
def test_the_last_date_has_the_form_prescribed(reply: str, value: str | None) -> None:
    """Without a statement only the form that the question asks for is an answer, and no date that was given up."""
    answer = read(reply, PRESCRIBED)

    assert (answer and answer.value) == value


def test_any_form_is_a_last_candidate_where_none_is_prescribed() -> None:
    """The question leaves the form open."""
    answer = read("Yesterday was April 18, 1969.\nToday is 4/19/1969.", WHEN)

    assert answer is not None
    assert (answer.value, answer.how) == ("1969-04-19", "last")


def test_a_statement_may_have_another_form() -> None:
    """What a reply says is its answer is clear enough."""
    answer = read("Answer: April 19, 1969", PRESCRIBED)

    assert answer is not None
    assert answer.value == "1969-04-19"


def test_day_first_where_the_question_says_so() -> None:
    """The question's form decides the order, for the gold answer too."""
    question = DAY_FIRST.model_copy(update={"gold": "05/04/1969"})

    assert is_right(read("Answer: 5 April 1969", question), question)
    assert answer_form(question).endswith("Answer: <DD/MM/YYYY>")


@given(st.dates(), st.sampled_from(["%m/%d/%Y", "%B %d, %Y", "%d %b %Y", "%d.%m.%Y"]))
def test_every_day_in_every_form(day: dt.date, form: str) -> None:
    """Each day of the calendar is read, and typed as that day."""
    if day.year < 1000:  # strftime does not pad the year everywhere
        return
    answers = [read(f"Answer: {written}", WHEN) for written in (day.strftime(form), day.isoformat())]

    assert answers[0] is not None
    assert answers[1] is not None
    assert typed(answers[0], WHEN) == day
    assert same(answers[0], answers[1]) in {"same date", "same text"}
