"""The number of the first wrong step, read strictly."""

from __future__ import annotations

import json

import pytest

from contemplate.agents.reply_formats import wrong_step

STEPS = ("A = 3 + 4 = 7", "B = 7 * 8 = 54", "So 61")
FORM = wrong_step(lambda: STEPS)
CHECKED = wrong_step(lambda: STEPS, check=True)


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("First wrong step: 2", 2),
        ("**First wrong step: 3**", 3),
        ("First wrong step: step 2.", 2),
        ("First wrong step: none", 0),
        ("The first wrong step is 2.", 2),
        ("First wrong step: 1\nNo, wait.\nFirst wrong step: 3", 3),
        ('It says "First wrong step: 1".\nFirst wrong step: 2', 2),
        ("First wrong step: 4", None),
        ("First wrong step: 0", None),
        ("First wrong step: 1 or 2", None),
        ("First wrong step: 1-2", None),
        ("First wrong step: 2.5", None),
        ("First wrong step: the second", None),
        ("Step 2 is wrong.", None),
        ("2", None),
        ("", None),
    ],
)
def test_tagged(text: str, step: int | None) -> None:
    """A line states it, or it is not stated."""
    parsed = FORM.reading(text)
    assert (None if parsed is None else parsed.found.wrong_step) == step
    if parsed is not None:
        assert parsed.verdict == ("flawed" if step else "sound")
        assert parsed.found.step_checks is None


@pytest.mark.parametrize(("value", "step"), [(2, 2), (0, 0), (4, None), (-1, None), (True, None), ("2", None), (2.0, None)])
def test_object(value: object, step: int | None) -> None:
    """A whole number of a step, or 0."""
    parsed = FORM.reading(json.dumps({"check": "c", "first_wrong_step": value}), as_object=True)
    assert (None if parsed is None else parsed.found.wrong_step) == step


def test_programs_have_their_say() -> None:
    """What they find is kept beside what the critic says, and makes the reply flawed."""
    parsed = CHECKED.reading("All holds.\nFirst wrong step: none")
    assert parsed is not None
    assert (parsed.verdict, parsed.found.wrong_step) == ("flawed", 0)
    assert [(check.step, check.holds) for check in parsed.found.step_checks or ()] == [(1, True), (2, False)]
    assert parsed.found.words is not None
    assert parsed.found.words.endswith("step 2 is wrong: 7 * 8 is 56, not 54")
