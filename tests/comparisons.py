"""Comparisons over files of sums: the questions, and agents that are right with some chance."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

from contemplate import Request, ScriptedBackend
from contemplate.errors import RejectedError
from contemplate.experiments import Comparison, compare
from contemplate.models.retry import Retry
from contemplate.orchestration.settings import Settings
from contemplate.types import Price

ONCE = Settings(retry=Retry(attempts=1), prices={"m": Price(prompt=1, completion=2)})
ASKED = re.compile(r"What is (\d+) \+ (\d+)\?")


def questions(folder: Path, count: int = 12, **more: Any) -> Path:
    """A file of sums."""
    path = folder / "sums.jsonl"
    rows = [
        {"id": f"q{n}", "question": f"What is {n} + {n}?", "kind": "number", "gold": str(2 * n), **more} for n in range(count)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


class Agents(ScriptedBackend):
    """Agents that are right with some chance, drawn from the request; they count what they are asked."""

    def __init__(self, right: float = 0.6, fails: str = "") -> None:
        self.asked: list[Request] = []
        self.fails = fails
        self.right = right
        super().__init__(self.answer)

    def answer(self, request: Request) -> str:
        """What they say."""
        self.asked.append(request)
        text = " ".join(message.content for message in request.messages)
        sums = ASKED.search(text)
        assert sums is not None
        if self.fails and sums[0] == self.fails:
            raise RejectedError("no")
        right = int(sums[1]) + int(sums[2])
        draw = random.Random(request.key)
        good = draw.random() < self.right
        return f"Verdict: {'sound' if good else 'flawed'}\nAnswer: {right if good else right + draw.randrange(1, 4)}"


async def compared(folder: Path, agents: Agents, strategies: list[Any], **words: Any) -> Comparison:
    """A comparison on a file of sums, kept in the folder."""
    options = {name: words.pop(name) for name in ("out", "overwrite", "retry_failed", "on_progress") if name in words}
    plan = {"strategies": strategies, "models": "m", "questions": str(words.pop("asked", folder / "sums.jsonl")), **words}
    return await compare(plan, backend=agents, ledger=folder / "ledger.db", settings=ONCE, **options)


def scores(comparison: Comparison, strategy: str) -> list[float | None]:
    """The scores of a strategy, in the order of the questions."""
    return [row.score for row in comparison.rows if row.strategy == strategy]
