"""Comparisons of scripted agents, some of them under names that mean harm, for the tests of reports."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import anyio
import pytest

from contemplate import ScriptedBackend
from contemplate.experiments import Comparison, compare
from contemplate.types import Request

Compared = Callable[..., Comparison]


@pytest.fixture(scope="session")
def hostile() -> str:
    """A name that would be a script, a link, a column, a colour, a formula, and would turn the reading direction round."""
    return "<script>alert(1)</script>|`x`[red]\x1b[31m\x1b]0;t\x07\u202eabc\u200f $\\frac$ ![i](http://e.vil/x) &lt; http://e.vil"


def _say(request: Request) -> str:
    """Right three times in five; wrong answers mean harm. Whether two of them mean the same is denied."""
    draw = random.Random(request.key)
    asked = re.search(r"What is (\d+)\+", " ".join(message.content for message in request.messages))
    if asked is None:
        return "No"
    right = draw.random() < 0.6
    answer = str(2 * int(asked[1])) if right else f"alert {draw.randrange(3)} <script>alert(1)</script> |"
    return f"Verdict: {'sound' if right else 'flawed'}\nVerdict: {'accept' if right else 'reject'}\nAnswer: {answer}"


@pytest.fixture(scope="session")
def compared(tmp_path_factory: pytest.TempPathFactory, hostile: str) -> Compared:
    """Compares by the words of a plan, on so many questions."""

    def run(n: int, **words: object) -> Comparison:
        folder = tmp_path_factory.mktemp("experiment")
        kinds = ["text", "number", "number", "number", "number"]
        rows = [
            {"id": f"{hostile} {i}", "question": f"What is {i}+{i}?", "kind": kinds[i % 5], "gold": str(2 * i)} for i in range(n)
        ]
        questions = Path(folder) / "questions.jsonl"
        questions.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        plan = {"questions": str(questions), "draws": 1000, **words}
        ledger = Path(folder) / "ledger.db"
        return anyio.run(partial(compare, plan, backend=ScriptedBackend(_say), ledger=ledger, out=folder / "out"))

    return run


@pytest.fixture(scope="session")
def comparison(compared: Compared, hostile: str) -> Comparison:
    """30 questions: a vote of six, a debate of six calls under a hostile name, and the contemplating strategy."""
    strategies = [
        {"use": "self-consistency", "set": {"seats": 6}},
        {"use": "multiagent-debate", "name": hostile},
        "contemplating-2026-11",
    ]
    return compared(30, strategies=strategies, summary=f"Is {hostile} better?", panels={f"panel {hostile}": ["m"]})
