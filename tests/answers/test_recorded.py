"""Reading real replies: agreement with the flags stored beside recorded outputs of 14 models.

Every disagreement stands in a table of docs/answers.md, with who is right and why.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from contemplate.answers import classes, is_right, read
from contemplate.types import Answer, AnswerKind, Question

DOCS = Path(__file__).parents[2] / "docs" / "answers.md"
ROW = re.compile(r"^\| `(?P<record>\w+)` \| `(?P<question>[^`]+)` \| (?P<samples>[\d, ]+) \|", re.M)


def records(data: Path, name: str) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """The records of a data set, each with its samples."""
    path = data / name / "records.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            yield record, record["samples"]


def explained(name: str) -> set[tuple[str, int]]:
    """The samples of a record that the table in the docs explains."""
    rows = [row for row in ROW.finditer(DOCS.read_text(encoding="utf-8")) if row["record"] == name]
    return {(row["question"], int(sample)) for row in rows for sample in row["samples"].split(",")}


@pytest.mark.parametrize(
    ("name", "kind", "samples", "least"),
    [
        pytest.param("gsm8k_models", "number", 15_828, Fraction("0.995"), marks=pytest.mark.slow),
        ("math_rm8", "math", 800, Fraction("0.99")),
        ("date_cot10", "date", 3_690, Fraction("0.99")),
    ],
)
def test_agrees_with_the_stored_flags(data: Path, name: str, kind: AnswerKind, samples: int, least: Fraction) -> None:
    """Right and wrong come out as stored, but for exactly the replies that the docs explain one by one."""
    read_in_all, disagreements = 0, set()
    for record, replies in records(data, name):
        question = Question(text=record["question"], kind=kind, gold=str(record["gold"]))
        for number, reply in enumerate(replies):
            read_in_all += 1
            if is_right(read(reply["text"], question), question) != reply["correct"]:
                disagreements.add((str(record["id"]), number))

    assert samples == read_in_all
    assert disagreements == explained(name)
    assert 1 - Fraction(len(disagreements), samples) >= least


def test_majority_of_ten_dates_as_published(data: Path) -> None:
    """Votes over our own reading come to 72.49 %, ties scoring the share of the winners that is right (arXiv:2306.03872)."""
    score = Fraction(0)
    questions = 0
    for record, replies in records(data, "date_cot10"):
        questions += 1
        question = Question(text=record["question"], kind="date", gold=record["gold"])
        answers: list[Answer] = [answer for reply in replies if (answer := read(reply["text"], question))]
        votes = Counter(classes(answers)[0])
        winners = [place for place, count in votes.items() if count == max(votes.values())]
        firsts = {place: answer for answer, place in reversed(list(zip(answers, classes(answers)[0], strict=True)))}
        score += Fraction(sum(is_right(firsts[place], question) for place in winners), len(winners) or 1)

    assert questions == 369
    assert round(float(100 * score / questions), 2) == 72.49
