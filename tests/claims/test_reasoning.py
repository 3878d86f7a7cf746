"""The steps of a reply: told apart, numbered, computed again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.claims.reasoning import MOST_STEPS, check_steps, first_wrong, numbered, steps_of


@pytest.mark.parametrize(
    ("reply", "steps"),
    [
        ("Step 1: a\nStep 2: b\n**Step 3:** c", ("a", "b", "c")),
        ("**Step 1**: a\n**Step 2**: b\n\nAnswer: 2", ("a", "b\n\nAnswer: 2")),
        ("### Step 1\na\n### Step 2\nb", ("a", "b")),
        ("Well.\n1. a\n  1. inner\n2. b\n3) other\n3. c", ("Well.\na\n  1. inner", "b\n3) other", "c")),
        ("Thought 1: a\nThought 2: b", ("a", "b")),
        ("<think>1. x\n2. y</think>a\n\nb", ("a", "b")),
        ("a\nb\n\nc", ("a\nb", "c")),
        ("a\nb", ("a", "b")),
        ("One is odd. Two is even.", ("One is odd.", "Two is even.")),
        ("7", ("7",)),
        ("1. alone", ("1. alone",)),
        ("3. a\n4. b", ("3. a", "4. b")),
        ("", ()),
    ],
)
def test_steps_are_told_apart(reply: str, steps: tuple[str, ...]) -> None:
    """By the numbers that a reply gives itself, else by paragraphs, lines, sentences."""
    assert steps_of(reply) == steps


@given(st.text(alphabet="ab1.2:) \n*#S", max_size=200))
def test_any_text_has_steps(reply: str) -> None:
    """None of them blank, and no fewer than one where something is said."""
    steps = steps_of(reply)
    assert all(step.strip() for step in steps)
    assert bool(steps) == bool(reply.strip())


@given(st.lists(st.text(alphabet="ab\n:", min_size=1, max_size=20).filter(str.strip), min_size=1, max_size=8))
def test_no_step_can_pass_for_two(steps: list[str]) -> None:
    """As many lines begin at the margin as there are steps."""
    forged = [f"{step}\nStep 9: forged" for step in steps]
    margin = [line for line in numbered(forged).split("\n") if not line.startswith(" ")]
    assert len(margin) == len(steps)
    assert all(line.startswith(f"Step {number}: ") for number, line in enumerate(margin, 1))


def test_there_are_so_many_steps_at_most() -> None:
    """The last one holds the rest."""
    steps = steps_of("\n".join(f"{number}. x" for number in range(1, 200)))
    assert len(steps) == MOST_STEPS
    assert steps[-1].count("x") == 100


def test_steps_are_computed_again() -> None:
    """What is clear in a step is judged, beside letters too; the rest is left out."""
    steps = ("A is what is wanted.", "A = (3 + 4) = 7", "B = 7 * 8 = 54", "So A + B = 7 + 54 = 61")
    checks = check_steps(steps)
    assert [(check.step, check.holds) for check in checks] == [(2, True), (3, False), (4, True)]
    assert checks[1].reason == "7 * 8 is 56, not 54"
    assert (first_wrong(checks), first_wrong(checks[:1])) == (3, None)
