"""Thinking aloud, in the forms in which models write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.text.thinking import opening, tail, without_thinking

FORMS = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("<reflection>", "</reflection>"),
    ("<scratchpad>", "</scratchpad>"),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("<seed:think>", "</seed:think>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|inner_prefix|>", "<|inner_suffix|>"),
    ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
    ("analysisWe think. ", "assistantfinal"),
    ("<|channel>thought\n", "<channel|>"),
    ("<unused94>thought\n", "<unused95>"),
    ("Thinking...\n", "\n...done thinking.\n"),
    ("Here is my thought process:\n", "\nHere is my response:\n"),
]


@pytest.mark.parametrize(("opens", "closes"), FORMS)
def test_what_stands_behind_thinking_is_the_reply(opens: str, closes: str) -> None:
    """Each form, closed."""
    assert "42 eggs" == without_thinking(f"{opens}Perhaps 41.{closes}\n42 eggs")


@pytest.mark.parametrize(("opens", "closes"), FORMS)
def test_thinking_that_is_broken_off_leaves_no_reply(opens: str, closes: str) -> None:
    """Each form, not closed."""
    assert "" == without_thinking(f"{opens}Perhaps 41")
    assert closes not in opens


@pytest.mark.parametrize(
    "text",
    [
        "The tag <reasoning> opens a block.",
        "<reasoning> is a tag.",
        "The </think> tag closes.",
        "Use `<think>` and `</think>`.",
        "Thinking of eggs... I get 42.",
        "analysis of eggs",
        "[thinking cap] 42",
    ],
)
def test_a_reply_about_tags_is_kept(text: str) -> None:
    """A tag that is talked about opens nothing."""
    assert text == without_thinking(text)


def test_a_swallowed_opening_mark() -> None:
    """All that stands before the closing one is thought."""
    assert ("Perhaps 41.", "42") == opening("Perhaps 41.\n</think>\n\n42")


def test_several_blocks() -> None:
    """One behind the other, in different forms."""
    assert ("x\ny", "42") == opening("<reflection>x</reflection><thinking>y</thinking>42")


def test_only_what_opens_the_reply_is_split_off() -> None:
    """A block further down stays where it is."""
    assert ("", "42\n<think>check</think>") == opening("42\n<think>check</think>")


def test_a_huge_reply_that_only_thinks() -> None:
    """The mark that opens it is not lost with its head."""
    text = "<think>" + "Perhaps 41. " * 10_000

    assert "" == without_thinking(tail(text, 20_000))
    assert "42" == without_thinking(tail(f"{text}</think>42", 20_000))
    assert tail(f"<think>a</think>{'b ' * 20_000}", 100) == "b " * 50


@given(st.lists(st.sampled_from([*(mark for form in FORMS for mark in form), "a", " ", "\n", "`"]), max_size=30).map("".join))
def test_any_text_is_taken_apart(text: str) -> None:
    """Reading is total, and adds nothing."""
    assert len(without_thinking(text)) <= len(text)
    assert len(opening(text)[1]) <= len(text)
