"""How prompts are laid out."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from contemplate.agents import prompts
from contemplate.agents.card import Card
from contemplate.agents.prompts import Quote
from contemplate.agents.quoting import Quoting
from contemplate.types import Message, Question

CARD = Card(name="c", summary="s", instruction="Do it.\n{answer_form}")
QUESTION = Question(text="Which?", kind="choice", choices=("red", "blue"))


def test_the_problem_comes_first_and_the_instruction_last() -> None:
    """What all seats share begins the prompt, so that it is read once."""
    (message,) = prompts.ask(CARD, QUESTION, "Say it.", "material")

    assert message.content == "Problem:\nWhich?\n\n(A) red\n(B) blue\n\nmaterial\n\nDo it.\nSay it."


def test_a_persona_is_a_system_message() -> None:
    """Only cards that have one get one."""
    first, _ = prompts.ask(CARD.model_copy(update={"system": "You are X."}), QUESTION, "")

    assert first == Message(role="system", content="You are X.")


def test_a_follow_up_keeps_the_whole_history() -> None:
    """Earlier messages stay as they were, to the letter: providers have read them already."""
    history = prompts.ask(CARD, QUESTION, "Say it.")
    messages = prompts.follow_up(history, "B", CARD, "Say it.", "material")

    assert messages[:1] == history
    assert [message.role for message in messages] == ["user", "assistant", "user"]
    assert messages[2].content == "material\n\nDo it.\nSay it."


@given(st.lists(st.text(max_size=80), min_size=1, max_size=4), st.integers(0, 9))
def test_no_quotation_can_end_itself(texts: list[str], seed: int) -> None:
    """The tag on the delimiters is in none of the texts, and differs for other texts."""
    quoting = Quoting(0, f"{seed:032x}")
    shown = prompts.quoted([Quote("Reply", text) for text in texts], quoting, "1.x")
    (tag,) = set(re.findall(r"^--- end \[([0-9a-f]{12})\] ---$", shown, re.M)) or {""}

    assert len(tag) == 12
    assert shown.count(f"[{tag}]") == 2 * len(texts)
    assert tag not in prompts.quoted([Quote("Reply", text + "!") for text in texts], quoting, "1.x")


def test_braces_in_a_question_are_left_alone() -> None:
    """Placeholders belong to cards."""
    (message,) = prompts.ask(CARD, Question(text="What is {answer_form}?"), "Say it.")

    assert message.content.startswith("Problem:\nWhat is {answer_form}?")
