"""Yes and no in replies."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from contemplate.answers import is_right, read, same, typed
from contemplate.types import Question

IS_IT = Question(text="Is it?", kind="boolean")


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("Answer: yes", True),
        ("Answer: **No**", False),
        ("ANSWER: TRUE.", True),
        ("Answer: Yes, because no other number fits", True),
        ("Answer: No. It is true that it fits", False),
        ("The answer is false.", False),
        ("The answer is: the claim is not true", False),
        ("The answer is that it holds. Answer: true", True),
        ("Answer: the statement is untrue", False),
        ('{"answer": true}', True),
        ('{"answer": "no"}', False),
        (r"\boxed{\text{Yes}}", True),
        ("Yes", True),
        ("Yes. There are no others.", True),
        ("There are no others.\nSo the claim is **false**.", False),
        ("No, this statement is false. 1 is less than 5.\nSo much for that.", False),
    ],
)
def test_reads_yes_or_no(reply: str, *, value: bool) -> None:
    """Yes and true are one answer, no and false are the other."""
    answer = read(reply, IS_IT)

    assert answer is not None
    assert typed(answer, IS_IT) is value


@pytest.mark.parametrize(
    "reply",
    [
        "Answer: yes and no",
        "Answer: yes or no",
        "Answer: true/false",
        "Answer: it is true for one and false for the other",
        "Answer: unknown",
        "Answer: <yes or no>",
        "There are no apples left",
        "It says true north, and then false colours follow",
        "Answer: 42",
        "No-one knows",
        "",
    ],
)
def test_reads_neither(reply: str) -> None:
    """Both, other words, and "no" as an article say nothing."""
    assert read(reply, IS_IT) is None


def test_true_is_yes() -> None:
    """Answers in other words are merged with a reason."""
    one, other = read("Answer: yes", IS_IT), read("Answer: True", IS_IT)

    assert one is not None
    assert other is not None
    assert same(one, other) == "both say yes"


@pytest.mark.parametrize(
    ("task", "form", "published"),
    [
        ("boolean_expressions", "codex_cot", 92.8),
        ("boolean_expressions", "codex_direct", 88.4),
        ("causal_judgement", "codex_cot", 54.0),
        ("causal_judgement", "codex_direct", 63.6),
        ("navigate", "codex_cot", 96.4),
        ("navigate", "codex_direct", 50.4),
        ("web_of_lies", "codex_cot", 95.2),
        ("web_of_lies", "codex_direct", 51.6),
    ],
)
def test_recorded_replies_score_as_published(data: Path, task: str, form: str, published: float) -> None:
    """The exact-match figures of recorded replies come out of our reading."""
    path = data / "bbh" / f"{task}.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    right = 0
    for record in records:
        question = Question(text=record["input"], kind="boolean", gold=record["target"])
        right += is_right(read(record[form], question), question)

    assert published == round(100 * right / len(records), 1)
