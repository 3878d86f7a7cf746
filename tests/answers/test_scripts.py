"""Answers in the signs of other scripts and typesetters, and texts of signs only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.answers import is_right, read
from contemplate.types import AnswerKind, Question


def value(statement: str, kind: AnswerKind) -> str | None:
    """The value of a statement."""
    answer = read(f"So it goes.\nAnswer: {statement}", Question(text="?", kind=kind))
    return None if answer is None else answer.value


@pytest.mark.parametrize(
    "written",
    [
        "May\u00a03,\u00a02024",
        "3\u202fMay\u202f2024",
        "2024\u201105\u201103",
        "2024\u201305\u201303",
        "2024\u221205\u221203",
        "05\u201303\u20132024",
        "2024年5月3日",
        "2024 年 5 月 3 日（星期五）",
        "２０２４年５月３日",
        "2024년 5월 3일",
        "2024年05月03日。",
    ],
)
def test_dates(written: str) -> None:
    """No-break spaces, any hyphen and dash, full-width digits; years, months and days in Chinese, Japanese and Korean."""
    assert value(written, "date") == "2024-05-03"


@pytest.mark.parametrize("written", ["2024年13月3日", "2024年5月", "2024年2月30日", "5月3日"])
def test_what_is_no_day(written: str) -> None:
    """What names no day of the calendar, or not a whole one, is no date."""
    assert value(written, "date") is None


@given(st.dates(), st.sampled_from(["{}年{}月{}日", "{}\u2011{:02}\u2011{:02}", "{}년 {}월 {}일"]))
def test_every_day_is_read(day: object, form: str) -> None:
    """Any day of the calendar, in each of the forms."""
    year, month, date = str(day).split("-")

    assert value(form.format(year, int(month), int(date)), "date") == str(day)


@pytest.mark.parametrize(
    ("statement", "items"),
    [
        ("both Ann and Bob", '["ann","bob"]'),
        ("Both 3 and 5", '["3","5"]'),
        ("both", '["both"]'),
        (r"\{-\frac{3}{4}, 2\}", '["-3/4","2"]'),
        ("-½, ¾", '["-1/2","3/4"]'),
        (r"\{\textnormal{red}, \text{blue}\}", '["blue","red"]'),
    ],
)
def test_items_of_sets(statement: str, items: str) -> None:
    """The word that opens a pair is no part of an item, and a minus is one."""
    assert items == value(statement, "set")


@pytest.mark.parametrize("brackets", ["( [ ] )", "[]", "{[()]}", "()", "( ) [ ]"])
def test_brackets_are_a_text(brackets: str) -> None:
    """A text of brackets only is stated, and can be the gold answer."""
    question = Question(text="Close the brackets.", kind="text", gold=brackets)

    assert is_right(read(f"It must close.\nAnswer: {brackets}", question), question)


@pytest.mark.parametrize("statement", ["...", "?", "___", "", "**"])
def test_other_signs_say_nothing(statement: str) -> None:
    """Stops, blanks and emphasis alone are no text."""
    assert value(statement, "text") is None


def test_a_bracket_of_display_maths_opens_a_statement() -> None:
    """One bracket on a line of its own is none of the text."""
    assert value("\n\\[\nParis\n\\]", "text") == "paris"
