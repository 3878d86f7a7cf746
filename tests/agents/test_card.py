"""Cards: roles in Markdown files."""

from __future__ import annotations

import pytest

from contemplate.agents.card import load_card
from contemplate.answers import answer_form
from contemplate.errors import RecipeError
from contemplate.types import Question, Sampling

CARD = "---\nsummary: Thinks.\ntemperature: 0.2\n---\nSolve it.\n{answer_form}\n"


def test_a_card_is_read() -> None:
    """Front matter and instruction come apart; the digest is of the whole text."""
    card = load_card(CARD, "thinker", "thinker.md")

    assert card.name == "thinker"
    assert card.summary == "Thinks."
    assert card.told("Say N.") == "Solve it.\nSay N."
    assert card.sampling(Sampling(temperature=1, max_tokens=5)) == Sampling(temperature=0.2, max_tokens=5)


def test_line_ends_do_not_change_the_digest() -> None:
    """The same card has the same digest on every system."""
    assert load_card(CARD.replace("\n", "\r\n"), "a", "a.md").digest == load_card(CARD, "a", "a.md").digest


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Solve it.", "a.md:1: a card begins with front matter"),
        ("---\nsummary: x\n---\n", "a.md: the card says nothing"),
        ("---\nsumary: x\n---\nGo.", "a.md:2: sumary: unknown word 'sumary'; did you mean 'summary'?"),
        ("---\ntemperature: 1\n---\nGo.", "a.md:2: summary: 'summary' is missing"),
        ("---\nsummary: x\ntemperature: 9\n---\nGo.", "a.md:3: temperature: input should be less than or equal to 2, not 9"),
        ("---\nsummary: x\nname: y\n---\nGo.", "a.md:3: name: 'name' is not set in a card"),
        (
            "---\nsummary: x\n---\nGo.\n\nSay {anser_form}",
            "a.md:6: unknown placeholder {anser_form}; allowed: {answer_after_reasoning}",
        ),
    ],
)
def test_what_is_refused(text: str, says: str) -> None:
    """One line with the place and what is allowed there."""
    with pytest.raises(RecipeError) as caught:
        load_card(text, "a", "a.md")

    assert str(caught.value).startswith(says)


def test_braces_that_are_no_placeholder_stay() -> None:
    """LaTeX and JSON may stand in a card."""
    card = load_card('---\nsummary: x\n---\nWrite \\boxed{X} or {"a": 1}.', "a", "a.md")

    assert card.told("...") == 'Write \\boxed{X} or {"a": 1}.'


def test_the_final_line_after_reasoning() -> None:
    """Where a card has asked for reasoning, what is asked for next goes on from there; by itself it is the end of the reply."""
    question = Question(text="1 + 1?", kind="number")
    told = {
        hole: load_card(f"---\nsummary: x\n---\nReason first.\n{hole}", "a", "a.md").told(answer_form(question))
        for hole in ("{answer_after_reasoning}", "{answer_form}")
    }

    assert told == {
        "{answer_after_reasoning}": "Reason first.\nThen write one last line of the form: Answer: <number>",
        "{answer_form}": "Reason first.\nEnd your reply with one line of the form: Answer: <number>",
    }
