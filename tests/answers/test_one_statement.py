"""Replies that are one statement, read from the collected cases: each has the value that stands beside it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from contemplate.answers import read
from contemplate.types import Question

_ONE_STATEMENT = re.compile(r"(?:Answer: |#### |\\boxed\{|The final answer is )[^\n]*")


def stated(folder: Path, name: str) -> list[dict[str, Any]]:
    """The cases of a file whose reply is one statement."""
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    return [case for line in lines if line.strip() and _ONE_STATEMENT.fullmatch((case := json.loads(line))["reply"])]


def value(case: dict[str, Any]) -> object:
    """What is read from a case."""
    answer = read(case["reply"], Question(text="?", kind=case["kind"]))
    if answer is None:
        return None
    return json.loads(answer.value) if case["kind"] == "set" else answer.value


@pytest.mark.parametrize(("name", "least"), [("answers-number.jsonl", 20), ("answers-other.jsonl", 5)])
def test_the_value_of_each(cases: Path, name: str, least: int) -> None:
    """What qualifies or explains a value is not it, and what is left open is no answer."""
    found = stated(cases, name)

    assert len(found) >= least
    assert [(case["reply"], case["right"]) for case in found] == [(case["reply"], value(case)) for case in found]
