"""The steps of a reply: told apart, numbered for whoever checks them, and computed again where they compute.

References:
    arXiv:2311.08516: models find the first mistake in a chain of thought less often than they mend it once it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from contemplate.claims.arithmetic import computed_in_step
from contemplate.claims.sentences import apart
from contemplate.text.thinking import without_thinking
from contemplate.types import StepCheck

MOST_STEPS = 100
"""So many steps are told apart at most; the last one holds what is left."""

_LOOKED_AT = 60_000
_MARK = re.compile(
    r"^(?P<indent>[ \t]{0,8})(?:[*#_]{1,6}[ \t]{0,4})?(?P<word>(?:step|thought)[ \t]{1,4}#?)?(?P<number>\d{1,3})"
    r"(?P<close>[*_]{0,3}[.):\-–—]{1,2}|[*_]{1,3}(?=\s)|(?(word)(?=[ \t]*$)|(?!)))[*_]{0,3}(?=\s|\Z)",
    re.IGNORECASE | re.MULTILINE,
)
_BLANK = re.compile(r"\n[ \t]*\n")


def steps_of(reply: str) -> tuple[str, ...]:
    """The steps of a reply, in order: those that it numbers itself, else its paragraphs, its lines, or its sentences.

    Words before the first number belong to the first step. Numbers count where they go up by one from 1, in one form.

    Args:
        reply: any text; of a long one the beginning is looked at.
    """
    text = without_thinking(reply[:_LOOKED_AT].replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not text:
        return ()
    for parts in (_numbered(text), _BLANK.split(text), text.split("\n")):
        found = [part.strip() for part in parts if part.strip()]
        if len(found) > 1:
            return _bounded(found)
    return _bounded([sentence for sentence in apart(text) if sentence])


def check_steps(steps: Sequence[str]) -> tuple[StepCheck, ...]:
    """The steps that can be computed again, and whether they hold; the others are left out."""
    found = ((number, computed_in_step(step)) for number, step in enumerate(steps, 1))
    return tuple(
        StepCheck(step=number, holds=bool(check.holds), reason=check.reason) for number, check in found if check is not None
    )


def numbered(steps: Sequence[str]) -> str:
    """The steps as a critic is shown them: only the first line of a step begins at the margin, so that none can pass for two."""
    return "\n".join(f"Step {number}: {_indented(step)}" for number, step in enumerate(steps, 1))


def first_wrong(checks: Sequence[StepCheck]) -> int | None:
    """The number of the first step that is computed wrong; None where none is."""
    return next((check.step for check in checks if not check.holds), None)


def _indented(step: str) -> str:
    return "\n  ".join(line.strip() for line in step.split("\n") if line.strip())


def _bounded(steps: list[str]) -> tuple[str, ...]:
    if len(steps) <= MOST_STEPS:
        return tuple(steps)
    return (*steps[: MOST_STEPS - 1], "\n".join(steps[MOST_STEPS - 1 :]))


def _numbered(text: str) -> list[str]:
    """The parts that the text numbers itself, their marks left out; none where it numbers fewer than two."""
    marks: list[re.Match[str]] = []
    for mark in _MARK.finditer(text):
        alike = not marks or (_form(mark) == _form(marks[0]) and len(mark["indent"]) <= len(marks[0]["indent"]))
        if alike and int(mark["number"]) == len(marks) + 1:
            marks.append(mark)
    if len(marks) < 2:  # noqa: PLR2004 - one number is no list
        return []
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    parts = [text[mark.end() : end] for mark, end in zip(marks, ends, strict=True)]
    return [f"{text[: marks[0].start()].strip()}\n{parts[0].strip()}".strip(), *parts[1:]]


def _form(mark: re.Match[str]) -> tuple[bool, str]:
    return mark["word"] is not None, mark["close"].strip("*_")
