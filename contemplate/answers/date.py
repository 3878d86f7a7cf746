"""Dates: one calendar day, in the canonical form `yyyy-mm-dd`.

What is read: `04/19/1969`, `1969-04-19`, `April 19, 1969`, `19th of April 1969`, weekdays and short month names included;
`1969年4月19日` and `1969년 4월 19일`; with any space, hyphen or dash.

**Day or month first**: the month, as in `MM/DD/YYYY`; the day only where the first number is above 12, and in `19.04.1969`,
which is written that way round, or where the question asks for `DD/MM/YYYY`. Years have four digits. What is no day of the
calendar (`02/30/2001`) is no answer.

**A form that the question prescribes** (`MM/DD/YYYY`, `DD/MM/YYYY`, `YYYY-MM-DD`): a stated or boxed answer may have any form.
A reply that states none is searched for dates in that form only: its working is full of others, the question's among them.

**Several dates**: the last one; in a statement, up to a word that begins a reason ("04/19/1969, not 04/20/1969"). A choice
that is left open ("04/19/1969 or 04/20/1969") is no answer.
"""

from __future__ import annotations

import datetime as dt
import re

from contemplate.answers.kind import NOTHING, Reading, Span, abstains, bare, denies
from contemplate.answers.signs import DASHES, SPACES
from contemplate.text.patterns import regex
from contemplate.types import AnswerKind, Question

_PLAIN = str.maketrans(
    dict.fromkeys(DASHES, "-") | dict.fromkeys(SPACES, " ") | {chr(0xFF01 + code): chr(0x21 + code) for code in range(94)}
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)\b\.?"
)
_DATE = regex(
    rf"""(?xi)
      (?<!\d) (?P<cjk_year>\d{{4}}) [ ]?[年년][ ]? (?P<cjk_month>\d{{1,2}}) [ ]?[月월][ ]? (?P<cjk_day>\d{{1,2}})
        (?: [ ]?[日일号號] | (?!\d) )
    | (?<![\d/.-]) (?P<iso_year>\d{{4}}) (?P<iso_sign>[-/.]) (?P<iso_month>\d{{1,2}}) (?P=iso_sign) (?P<iso_day>\d{{1,2}}) (?!\d)
    | (?<![\d/.-]) (?P<one>\d{{1,2}}) [ ]? (?P<sign>[/.-]) [ ]? (?P<two>\d{{1,2}}) [ ]? (?P=sign) [ ]? (?P<year>\d{{4}}) (?!\d)
    | \b (?P<us_month>{_MONTH}) [ ] (?:the[ ])? (?P<us_day>\d{{1,2}}) (?:st|nd|rd|th)? [ ]? (?:,|of\b)? [ ]?
        (?P<us_year>\d{{4}}) (?!\d)
    | (?<!\d) (?P<day>\d{{1,2}}) (?:st|nd|rd|th)? [ -] (?:of[ ])? (?P<month>{_MONTH}) ,? [ -]? (?P<month_year>\d{{4}}) (?!\d)
    """
)
_PRESCRIBED = regex(r"\b(?:(MM/DD/YYYY)|(DD/MM/YYYY)|YYYY-MM-DD)\b", re.I)
_SLASHED = regex(r"\d\d/\d\d/\d{4}")
_ISO = regex(r"\d{4}-\d\d-\d\d")
_ANY = regex(r".*", re.S)
_OR = regex(r"[\s,*_]*\bor\b[\s*_]*(?:on[ ])?", re.I)
_GIVES_UP = regex(
    r"\b(?:can(?:no|['’])t|can not|could not|unable to|not possible to) (?:be )?(?:\w{1,20}ly )?"
    r"(?:answer|determine|calculate|compute|write|solve|give|provide|proceed|find|complete|know|tell|say)",
    re.I,
)
_REASON = regex(r"\b(?:because|since|not|rather|instead|which|as)\b", re.I)
_TWELVE = 12


class DateKind:
    """A calendar day."""

    name: AnswerKind = "date"
    span: Span = "line"

    def form(self, question: Question) -> str:
        """The final line that a prompt asks for: a date, in the form that the question prescribes, if it does."""
        prescribed = _PRESCRIBED.search(question.text)
        return f"Answer: <{prescribed[0].upper() if prescribed else 'MM/DD/YYYY'}>"

    def read(self, text: str, question: Question) -> Reading | None:
        """The last date of a statement; `NOTHING` if that is no day of the calendar."""
        text = bare(text).translate(_PLAIN)
        if abstains(text) or denies(text):
            return NOTHING
        if (first := _DATE.search(text)) and (reason := _REASON.search(text, first.end())):
            text = text[: reason.start()]
        dates = list(_DATE.finditer(text))
        if not dates:
            return None
        return NOTHING if _undecided(dates) else _reading(dates[-1], day_first=_is_day_first(question)) or NOTHING

    def last(self, text: str, question: Question) -> Reading | None:
        """The last date of the reply; nothing if it has another form than the one prescribed, or the last line then gives up."""
        prescribed = _PRESCRIBED.search(question.text)
        form = _ANY if prescribed is None else _SLASHED if prescribed[1] or prescribed[2] else _ISO
        dates = list(_DATE.finditer(text := text.translate(_PLAIN)))
        if not dates or not form.fullmatch(dates[-1][0]) or _undecided(dates):
            return None
        if _GIVES_UP.search(text, max(dates[-1].end(), text.rfind("\n") + 1)):
            return None
        return _reading(dates[-1], day_first=_is_day_first(question))

    def reason(self, value: str) -> str:  # noqa: ARG002 - the protocol's
        """The reason why two answers are the same: they name one date."""
        return "same date"

    def typed(self, value: str) -> dt.date:
        """The date as a value of Python."""
        return dt.date.fromisoformat(value)


def _undecided(dates: list[re.Match[str]]) -> bool:
    """Whether the last two dates are a choice that is left open: "04/19/1969 or 04/20/1969"."""
    return len(dates) > 1 and _OR.fullmatch(dates[-1].string, dates[-2].end(), dates[-1].start()) is not None


def _is_day_first(question: Question) -> bool:
    """Whether the question asks for DD/MM/YYYY."""
    prescribed = _PRESCRIBED.search(question.text)
    return prescribed is not None and prescribed[2] is not None


def _reading(date: re.Match[str], *, day_first: bool) -> Reading | None:
    try:
        return Reading(date[0].strip(), _day(date, day_first=day_first).isoformat())
    except ValueError:
        return None


def _day(date: re.Match[str], *, day_first: bool) -> dt.date:
    """The day that a match of `_DATE` names.

    Raises:
        ValueError: there is no such day.
    """
    if date["iso_year"]:
        return dt.date(int(date["iso_year"]), int(date["iso_month"]), int(date["iso_day"]))
    if date["cjk_year"]:
        return dt.date(int(date["cjk_year"]), int(date["cjk_month"]), int(date["cjk_day"]))
    if date["us_month"]:
        return dt.date(int(date["us_year"]), _month(date["us_month"]), int(date["us_day"]))
    if date["month"]:
        return dt.date(int(date["month_year"]), _month(date["month"]), int(date["day"]))
    one, two, year = int(date["one"]), int(date["two"]), int(date["year"])
    if one > _TWELVE or ((day_first or date["sign"] == ".") and two <= _TWELVE):
        return dt.date(year, two, one)
    return dt.date(year, one, two)


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].casefold()) + 1
