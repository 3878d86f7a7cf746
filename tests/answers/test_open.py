"""Open answers: all of the reply, and which questions ask for one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contemplate.answers import answer_form, classes, read, read_statement, typed
from contemplate.answers.wanted import wanted_kind
from contemplate.types import Question

_QUESTION = Question(text="Should we move to PostgreSQL? Explain.", kind="open")


def test_all_of_a_reply_is_the_answer() -> None:
    """Neither a last line nor a heading in it counts for more than the rest."""
    reply = "# Advice\n\nYes: it is safer.\n\nAnswer: 42\n\nThe answer is yes."
    found = read(reply, _QUESTION)
    assert found is not None
    assert (found.text, found.kind, typed(found, _QUESTION)) == (reply, "open", reply)


def test_thinking_is_no_part_of_it() -> None:
    """What stands between tags of thinking is left out, as elsewhere."""
    found = read("<think>hmm, MongoDB?</think>\nPostgreSQL, as it has transactions.", _QUESTION)
    assert found is not None
    assert found.text == "PostgreSQL, as it has transactions."


def test_a_long_reply_is_kept_whole() -> None:
    """Its beginning, too, where other kinds look at the end only."""
    reply = "First of all: yes. " + "Because of this and that. " * 2_000
    found = read(reply, _QUESTION)
    assert found is not None
    assert found.text == reply.strip()


@pytest.mark.parametrize("reply", ["", "  \n", "I don't know.", "Sure!", "Okay, great question"])
def test_a_refusal_or_an_opener_is_no_answer(reply: str) -> None:
    """An abstention is one of this kind, too."""
    assert read(reply, _QUESTION) is None


def test_a_short_answer_that_begins_politely_counts() -> None:
    """An opener with something behind it."""
    found = read_statement("Sure: take PostgreSQL.", _QUESTION)
    assert found is not None
    assert found.text == "Sure: take PostgreSQL."


def test_answers_are_the_same_by_form_only() -> None:
    """Case and emphasis do not matter, other words do."""
    answers = [read(text, _QUESTION) for text in ("Take **PostgreSQL**.", "take postgresql", "PostgreSQL is what to take.")]
    assert classes([answer for answer in answers if answer is not None])[0] == [0, 0, 1]


def test_no_last_line_is_asked_for() -> None:
    """The prompt says that all of the reply counts."""
    assert answer_form(_QUESTION).startswith("All of your reply is the answer")


@pytest.mark.parametrize(
    "text",
    [
        "Should a small startup use PostgreSQL or MongoDB? Explain briefly.",
        "Which database should we take?",
        "Review this plan: we move all services to Kubernetes in May.",
        "Write a Python function `f` that merges intervals.",
        "What are the risks of storing JWTs in local storage?",
        "Why is the sky blue?",
        "How do I centre a div?",
        "Our deploys fail at night. What should we do?",
        "Can you help me write a cover letter?",
        "What is the difference between TCP and UDP?",
        "1. Please summarise the text below.\nOnce upon a time ...",
    ],
)
def test_questions_that_ask_for_more(text: str) -> None:
    """Advice, reviews, code, explanations."""
    assert wanted_kind(text) == "open"


@pytest.mark.parametrize(
    "text",
    [
        "What is 17 * 23?",
        "Who wrote Hamlet?",
        "How many legs has a spider?",
        "Explain photosynthesis in one word",
        "Why did he leave? Only give the answer.",
        "Should we go, yes or no?",
        "Write 0.5 as a fraction",
        "What is the difference between the square root of 64 and 2?",
        "Should she need more hours, she is paid 30 dollars. How much does she earn in 5 hours?",
        "",
    ],
)
def test_questions_that_want_a_short_answer(text: str) -> None:
    """A number, a name, a word."""
    assert wanted_kind(text) == "text"


@pytest.mark.parametrize(("file", "field", "most"), [("gsm8k/test.jsonl", "question", 3), ("math500/test.jsonl", "problem", 0)])
def test_recorded_questions_with_short_answers(data: Path, file: str, field: str, most: int) -> None:
    """Of 1,819 questions whose answers are numbers and expressions next to none is taken for an open one."""
    lines = (data / file).read_text(encoding="utf-8").splitlines()
    assert sum(wanted_kind(json.loads(line)[field]) == "open" for line in lines) <= most


def test_long_questions_are_looked_at_from_both_ends() -> None:
    """What is asked stands at the end of a long text as often as at its beginning."""
    filler = "This is a sentence of a report. " * 2_000
    assert [wanted_kind(f"Summarise this: {filler}"), wanted_kind(f"{filler} What should we do?"), wanted_kind(filler)] == [
        "open",
        "open",
        "text",
    ]
