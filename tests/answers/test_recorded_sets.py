"""The figures of docs/answers.md on all recorded replies, and the script that makes them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contemplate.types import Question
from reading import Figures, figures, of_this_version, of_version, table
from replies import Reply, asked, traces

ROOT = Path(__file__).parents[2]
HOW_MANY = Question(text="How many?", kind="number", gold="42")


def test_figures_of_a_set() -> None:
    """How many replies there are, are read, are right, and are so as their flags say."""
    replies = [Reply(HOW_MANY, "Answer: 42", flag=True), Reply(HOW_MANY, "Answer: 41", flag=True), Reply(HOW_MANY, "no idea")]

    assert Figures(replies=3, read=2, right=1, flagged=2, agreed=1) == figures(iter(replies))


def test_versions_stand_side_by_side() -> None:
    """A figure that did not change stands there once."""
    older = Figures(replies=4, read=3, right=1, flagged=4, agreed=1)
    newer = Figures(replies=4, read=3, right=2, flagged=4, agreed=3)

    assert "| `a` | 4 | 3 | 1 → 2 | 25.00 % → 75.00 % |" == list(table({"a": older}, {"a": newer}))[-1]


def test_options_stand_at_the_end_of_a_question() -> None:
    """They and the letter of the gold answer are taken apart."""
    question = asked("Who has it?\nOptions:\n(A) Ann.\n(B) Bob.", "choice", "(B)")

    assert (("Ann.", "Bob."), "B") == (question.choices, question.gold)


def test_chains_as_flagged(data: Path) -> None:
    """All of one of the small sets."""
    found = figures(traces(data, "tracking_shuffled_objects"))

    assert (300, 300) == (found["flagged"], found["agreed"])


@pytest.mark.slow
def test_the_table_in_the_docs(data: Path) -> None:
    """Every row, by its newer figures; the script reads with the package of the folder that it is told."""
    text = re.sub(r"[\d,.]+(?: %)? → ", "", (ROOT / "docs" / "answers.md").read_text(encoding="utf-8"))
    found = of_this_version(data)

    assert found == of_version(ROOT, data)
    for row in table(found):
        assert row in text
