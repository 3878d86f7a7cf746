"""The order in which answers are read, and its bounds."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from builders import of_other_kinds
from contemplate.answers import read
from contemplate.answers.reading import LOOKED_AT
from contemplate.types import Answer, Question

_QUESTIONS = (
    Question(text="How many?", kind="number"),
    Question(text="What percent?", kind="number"),
    Question(text="Which?", kind="choice", choices=("Paris", "London", "A cat")),
    Question(text="Solve it.", kind="math"),
    Question(text="What is it?", kind="text"),
    Question(text="When?", kind="date"),
    Question(text="Which ones?", kind="set"),
    Question(text="Is it?", kind="boolean"),
    Question(text="What?", kind="json"),
)
QUESTIONS = (*_QUESTIONS, *of_other_kinds(_QUESTIONS))
PIECES = (
    *(
        "Answer:",
        "the answer is",
        "the answer to",
        '"answer": "',
        "'answer': '\\",
        "####",
        "\n",
        " ",
        "\t",
        "**",
        "</s>",
        "<think>",
        "</think>",
    ),
    *(
        "\\boxed{",
        "\\frac{",
        "\\frac12",
        "\\sqrt{",
        "\\text{",
        "\\(",
        "\\)",
        "\\[",
        "\\]",
        "$",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "\\",
        "\\\\",
    ),
    *(
        "1",
        "9" * 50,
        "1,",
        "1.111",
        "1/",
        "1 1/2 ",
        "0.",
        "1e9",
        "^",
        "+",
        "-",
        "*",
        "=",
        "%",
        "1:00",
        "½",
        "İ",
        "\x00",
        "\ud800",
        "\u202e",
    ),
    *('\\"', '{"a":', '["', '": ', "```\n", "```json\n", "04/19/1969 ", "19th of ", "not ", "yes ", "- a\n", "a; ", "cannot be "),
    *("A", "B ", "(C)", "option ", "and ", "or ", "one ", "hundred ", "I don't know", "x", "(a+b+c)^9"),
)


@pytest.mark.parametrize(
    ("reply", "value", "how"),
    [
        ("Answer: 42", "42", "stated"),
        ("answer = 42", "42", "stated"),
        ("**Final Answer:** 42.", "42", "stated"),
        ("## Answer\n\n42", "42", "stated"),
        ("Answer:\n\n$$\n42\n$$", "42", "stated"),
        ("#### 42", "42", "stated"),
        ("The answer is 42.", "42", "stated"),
        ("The answer to the question is therefore 42!", "42", "stated"),
        ("My final answer remains 42", "42", "stated"),
        ('```json\n{"reasoning": "6 * 7",\n "answer": "42"\n}\n```</s>', "42", "stated"),
        ('{"answer": 42}', "42", "stated"),
        ("{'final_answer': '42'}", "42", "stated"),
        ("The answer is 41. Wait.\nAnswer: 42\n(6 times 7, not 5)", "42", "stated"),
        ("Answer: 42\nThe answer is in dollars.", "42", "stated"),
        ("Answer: 42\n\\boxed{43} 44", "42", "stated"),
        ("Answer: 42\nAnswer: <number>, where <number> is 7", "42", "stated"),
        ("The answer is not 41.\n\\boxed{42} or 43", "42", "boxed"),
        ("\\boxed{42} and \\boxed{see above} and 43", "42", "boxed"),
        ("\\boxed{42", "42", "last"),
        ("41 then 42", "42", "last"),
        ("<think>Answer: 41</think>Answer: 42", "42", "stated"),
        ("End with: Answer: <number>\n41 + 1 = 42", "42", "last"),
    ],
)
def test_the_order(reply: str, value: str, how: str) -> None:
    """Stated goes before boxed before last, and of each the last that can be read."""
    answer = read(reply, QUESTIONS[0])

    assert answer is not None
    assert (answer.value, answer.how) == (value, how)


@pytest.mark.parametrize(
    "reply",
    [
        "I get 41.\nAnswer: I don't know",
        '{"reasoning": "5 + 3", "answer": null}',
        "41\nAnswer: cannot be determined from 3 apples",
        "Of 3 apples\nI am not able to determine the answer.",
        "<think>Answer: 41",
        "",
    ],
)
def test_a_last_word_that_abstains_is_final(reply: str) -> None:
    """No number elsewhere in the reply is taken for an answer that the reply refuses to give."""
    assert read(reply, QUESTIONS[0]) is None


def test_only_the_end_of_a_huge_reply_is_looked_at() -> None:
    """What stands further up than 20,000 characters is not seen."""
    assert read("Answer: 42" + "x " * (LOOKED_AT // 2), QUESTIONS[0]) is None
    assert read("x " * 1_000_000 + "\nAnswer: 42", QUESTIONS[0]) is not None


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=40).map("".join)), st.sampled_from(QUESTIONS))
@example("Answer: \ud800", QUESTIONS[4])
@example("Answer: \x00\x1b[31m\u202e7", QUESTIONS[4])
@settings(max_examples=1_000, deadline=None)
def test_reading_is_total(reply: str, question: Question) -> None:
    """Whatever a model writes, there is an answer that is a value like any other, or none."""
    answer = read(reply, question)

    if answer is not None:
        assert answer.text
        assert answer.value
        assert Answer.model_validate_json(answer.model_dump_json()) == answer


@pytest.mark.parametrize(
    "before", ["", *(pytest.param(start, marks=pytest.mark.slow) for start in ("Answer: ", "\\boxed{", '{"answer": "', "[{"))]
)
@pytest.mark.parametrize("piece", PIECES)
def test_reading_takes_bounded_time(piece: str, before: str) -> None:
    """One piece repeated to the limit, whole and as one statement, is read in well under a second."""
    for length in (LOOKED_AT, 390):
        reply = before + (piece * LOOKED_AT)[:length]
        for question in QUESTIONS:
            start = time.process_time()
            read(reply, question)

            assert time.process_time() - start < 1


@given(st.sampled_from(["42", "-1/2", "3.14", "B"]), st.integers(0, 3))
def test_reading_is_idempotent(text: str, place: int) -> None:
    """An answer that is stated again is the same answer."""
    question = (QUESTIONS[0], QUESTIONS[2], QUESTIONS[3], QUESTIONS[4])[place]
    first = read(f"Answer: {text}", question)

    if first is not None:
        again = read(f"Answer: {first.text}", question)
        assert again == first
