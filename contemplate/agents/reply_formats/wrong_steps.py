"""The format of a critique that names the first wrong step by its number."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial

from contemplate.agents.reply_formats import fields as of
from contemplate.agents.reply_formats.base import WORK, Parsed, ReplyFormat
from contemplate.agents.stated import stated
from contemplate.claims.reasoning import check_steps, first_wrong
from contemplate.types import Found, Json, StepCheck

_STATED = re.compile(
    r"\bfirst[ _]wrong[ _]step\b[*_]{0,3}[ \t]{0,4}(?:[:：=]|is\b)[*_ \t]{0,6}(?:(?:step|number|no\.)[ \t]{0,4})?#?"
    r"(none|\d{1,3})(?![\w/]|[.,]\d|[ \t]{0,2}(?:[-–]|or|and|to)[ \t]{0,2}\d)",
    re.IGNORECASE,
)
_TAGGED = 'End with one line: "First wrong step: " and the number of the first step that is wrong, or "First wrong step: none".'


def wrong_step(steps: Callable[[], Sequence[str]], *, check: bool = False) -> ReplyFormat:
    """Which of numbered steps is the first wrong one, found as `wrong_step`, 0 for none; the verdict follows from it.

    It is read strictly: a number that no step has, two numbers, or words in place of one say nothing.

    Args:
        steps: gives the steps, once a reply is there to be read.
        check: compute them again too, found as `step_checks`; a step that is computed wrong makes the reply flawed, whatever
            the critic says.
    """
    fields: Json = {
        "check": {**WORK, "description": "your check, step by step"},
        "first_wrong_step": {"type": "integer", "minimum": 0, "description": "number of the first wrong step, 0 if none is"},
    }
    marked = partial(_marked, steps, check=check)

    def read(text: str) -> Parsed | None:
        found = stated(_STATED, text)
        if not found:
            return None
        said = found[-1][1].lower()
        return marked(0 if said == "none" else int(said), text, as_object=False) if said != "0" else None

    def from_object(row: Json) -> Parsed | None:
        number = of.value(row, "first_wrong_step")
        if isinstance(number, bool) or not isinstance(number, int):
            return None
        return marked(number, f"{of.value(row, 'check')}\nFirst wrong step: {number or 'none'}", as_object=True)

    return ReplyFormat(_TAGGED, read, fields, from_object)


def _marked(steps: Callable[[], Sequence[str]], number: int, words: str, *, check: bool, as_object: bool) -> Parsed | None:
    there = steps()
    if not 0 <= number <= len(there):
        return None
    checks = check_steps(there) if check else ()
    wrong = first_wrong(checks)
    if wrong is not None:
        words = f"{words}\n\nComputed again, step {wrong} is wrong: {_reason(checks, wrong)}"
    return Parsed(
        verdict="flawed" if number or wrong else "sound",
        found=Found(
            wrong_step=number,
            step_checks=checks if check else None,
            words=words if as_object or wrong is not None else None,
        ),
    )


def _reason(checks: Sequence[StepCheck], step: int) -> str:
    return next(check.reason for check in checks if check.step == step)
