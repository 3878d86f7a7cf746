"""Reading real replies: agreement with the flags stored beside recorded outputs of 13 models."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from contemplate.answers import is_right, read
from contemplate.types import AnswerKind, Question

DATA = Path(__file__).parents[3] / "shared" / "data"


def records(name: str) -> Iterator[tuple[dict[str, object], list[dict[str, object]]]]:
    """The records of a data set, each with its samples."""
    path = DATA / name / "records.jsonl.gz"
    if not path.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{path} is missing")
        pytest.skip(f"{path} is not there")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            yield record, record["samples"]


@pytest.mark.parametrize(
    ("name", "kind", "samples", "least"), [("gsm8k_models", "number", 15_828, 0.995), ("math_rm8", "math", 800, 0.99)]
)
def test_agrees_with_the_stored_flags(name: str, kind: AnswerKind, samples: int, least: float) -> None:
    """Right and wrong come out as stored, but for the few replies that the stored reader misread or guessed."""
    agreed = []
    for record, replies in records(name):
        question = Question(text=str(record["question"]), kind=kind, gold=str(record["gold"]))
        agreed += [is_right(read(str(reply["text"]), question), question) == reply["correct"] for reply in replies]

    assert len(agreed) == samples
    assert sum(agreed) / samples >= least
