"""The small cases of misreading, each with its right value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from contemplate.answers import read
from contemplate.types import Answer, Question

FOLDER = Path(__file__).parents[3] / "shared" / "cases"
"""As the fixture `cases` has it, which says what happens where it is missing."""


def numbered() -> Iterator[object]:
    """Every line of the files of answers, by its place and its text; an empty one where there are none."""
    found = False
    for path in sorted(FOLDER.glob("answers-*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = True
            yield pytest.param(line, id=f"{path.stem}-{number}: {json.loads(line)['reply'][:40]}")
    if not found:
        yield pytest.param("", id="none")


def value(answer: Answer | None) -> object:
    """The value of an answer as the files write it."""
    if answer is None:
        return None
    return json.loads(answer.value) if answer.kind == "set" else answer.value


@pytest.mark.usefixtures("cases")
@pytest.mark.parametrize("line", list(numbered()))
def test_case(line: str) -> None:
    """The value of a reply is the right one."""
    case = json.loads(line)

    answer = read(case["reply"], Question(text="?", kind=case["kind"], choices=tuple(case.get("choices", ()))))

    assert case["right"] == value(answer)


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("<answer>Ada Lovelace</answer>", "ada lovelace"),
        ("Because of her notes.\n<final_answer>\nAda Lovelace\n</final_answer>\nGood.", "ada lovelace"),
        ("Antwort: Berlin", "berlin"),
        ("Die Antwort lautet Berlin. Das ist gewiss.", "berlin"),
        ("La réponse est Paris.", "paris"),
        ("La respuesta es Madrid.", "madrid"),
        ("La risposta è Roma.", "roma"),
        ("A resposta é Lisboa.", "lisboa"),
        ("Ответ: Москва", "москва"),
        ("答案是北京。共三步。", "北京"),
        ("答えは東京です。", "東京"),
        ("정답은 서울입니다.", "서울"),
        ("The answer is not Lyon but Paris.", "paris"),
    ],
)
def test_in_words(reply: str, value: str) -> None:
    """Tags and other languages, in free text, where all that is stated counts."""
    answer = read(reply, Question(text="?", kind="text"))

    assert answer is not None
    assert value == answer.value


@pytest.mark.parametrize(
    "reply",
    [
        "Answer: 7\n\nQuestion: A bag holds 3 balls. How many?\nAnswer: 5",
        "The answer is 7.\n\nQ: And now?\nA: The answer is 5.",
        "7\n\n### Problem 2\nAnswer: 5",
        "Answer: 7\nHuman: And 2 + 3?\nAssistant: Answer: 5",
        "Answer: 7<|im_end|>\n<|im_start|>user\nAnswer: 5",
        "\\boxed{7}\n\nNext question: 2 + 3?\n\\boxed{5}",
        "Answer: 7 Question: 2 + 3? Answer: 5",
        "Let me restate.\nQuestion: 3 + 4?\nAnswer: 7",
        "Question: 3 + 4?\nAnswer: 7",
    ],
)
def test_a_question_that_a_reply_goes_on_to_ask_itself(reply: str) -> None:
    """What stands before it counts, and a question before the answer is none of these."""
    answer = read(reply, Question(text="?", kind="number"))

    assert answer is not None
    assert "7" == answer.value


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("Answer: 42\nSo the answer is 13 plus 29.", "42"),
        ("The answer is 13. No: \\boxed{42}.", "42"),
        ("\\boxed{13} is wrong. The answer is 42.", "42"),
        ("<answer>42</answer>\nThe answer is 13.", "42"),
        ("<answer>\n6 * 7 is \\boxed{42}, in 2 steps\n</answer>", "42"),
        ("Put it in <answer> tags. 42", "42"),
        ("The answer is not 41, it is 42.", "42"),
    ],
)
def test_what_counts_for_more(reply: str, value: str) -> None:
    """The line that was asked for, then the later of sentences and boxes."""
    answer = read(reply, Question(text="?", kind="number"))

    assert answer is not None
    assert value == answer.value
