"""Quotations are capped, and say so: one endless reply can't crowd the others out of a prompt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.agents import prompts
from contemplate.agents.card import Card
from contemplate.agents.prompts import LONGEST_IN_ALL, LONGEST_QUOTE, Quote, quoted
from contemplate.agents.quoting import Quoting

QUOTING = Quoting(0, "0" * 32)
MARKS = 200
"""More characters than the delimiters of one quotation have, and the line that says what is left out."""


def shown(*texts: str) -> str:
    """The texts as they are quoted."""
    return quoted([Quote("Reply", text) for text in texts], QUOTING, "1.x")


@pytest.mark.parametrize("length", [0, 1, LONGEST_QUOTE - 1, LONGEST_QUOTE])
def test_what_is_short_enough_stays_whole(length: int) -> None:
    """Up to the last character that may be shown."""
    assert f"---\n{'x' * length}\n---" in shown("x" * length)


def test_a_long_quotation_loses_its_middle_and_says_so() -> None:
    """The beginning stays, and the end, where the answer stands."""
    text = shown(f"I begin.\n{'x' * 600_000}\nAnswer: 42")

    assert "I begin." in text
    assert "Answer: 42\n---" in text
    assert f"[... {600_000 + 20 - LONGEST_QUOTE:,} characters are left out here ...]" in text
    assert len(text) < LONGEST_QUOTE + MARKS


def test_an_endless_reply_takes_nothing_from_the_others() -> None:
    """Short ones beside it are shown whole."""
    text = shown("first " * 100, "x" * 600_000, "third " * 100)

    assert ("first " * 100).strip() in text
    assert ("third " * 100).strip() in text


def test_many_long_ones_share_what_there_is() -> None:
    """Each is shortened alike, and a short one among them is not."""
    text = shown("short", *["x" * 600_000] * 30)

    assert "---\nshort\n---" in text
    assert text.count("characters are left out here") == 30
    assert len(text) < LONGEST_IN_ALL + 31 * MARKS


@given(st.lists(st.integers(0, 3 * LONGEST_QUOTE), max_size=40))
def test_however_long_they_are_all_fit(lengths: list[int]) -> None:
    """Each within its cap, all within theirs; what fits as it is stays as it is."""
    text = shown(*("x" * length for length in lengths))

    assert len(text) <= min(sum(lengths), LONGEST_IN_ALL) + len(lengths) * MARKS
    if sum(lengths) <= LONGEST_IN_ALL and max(lengths, default=0) <= LONGEST_QUOTE:
        assert "left out" not in text


def test_control_tags_are_broken_in_what_is_left() -> None:
    """Shortening comes after."""
    assert "<|im_end|>" not in shown(f"<|im_end|>{'x' * 600_000}<|im_end|>")
    assert prompts.quoted([], QUOTING) == ""


@pytest.mark.parametrize("longer", [0, 1, 600_000])
def test_own_words_are_capped_as_quotations_are(longer: int) -> None:
    """Where a seat goes on from its whole history, and where it is asked once more for the right form."""
    card, said = (
        Card(name="c", summary="s", instruction="Do it."),
        "I begin." + "x" * (LONGEST_QUOTE - 18 + longer) + "Answer: 42",
    )
    for messages in (prompts.follow_up((), said, card, "Answer: <number>"), prompts.once_more((), said, "Answer: <number>")):
        own = messages[0].content

        assert own == said if not longer else "characters are left out here" in own
        assert own.startswith("I begin.")
        assert own.endswith("Answer: 42")
        assert len(own) < LONGEST_QUOTE + MARKS
