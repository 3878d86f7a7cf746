"""Make a golden ledger of the format that traces have now: `python tests/golden/make.py tests/golden/format-N`.

It is made once for each format, by the code that first writes it, and kept: later code must open the ledger, replay its runs
without a call, and read its trace files. Every recipe is in it, twice; among the runs are calls that fail, replies that had to be
asked for again, texts that a model found to say the same, and budgets that ran out.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import shutil
import sqlite3
import sys
from dataclasses import dataclass, field
from pathlib import Path

from contemplate import Budget, Completion, Orchestrator, Question, Request, ScriptedBackend, Settings
from contemplate.catalogue import Catalogue
from contemplate.errors import RejectedError
from contemplate.models.retry import Retry
from contemplate.types import Logprobs

CHOICE = Question(text="Which of the two is a prime?", kind="choice", choices=("21", "23"), gold="B")
NUMBER = Question(text="What is 6 * 7?", kind="number", gold="42")
TEXT = Question(text="Who wrote Emma?", kind="text")
ANSWERS = {"choice": ("A", "B", "B"), "number": ("42", "42", "41"), "text": ("Jane Austen", "Austen", "Miss Austen")}
SMALLER: dict[str, dict[str, object]] = {
    "best-of-n": {"seats": 6},
    "deepconf": {"seats": 12, "warmup": 4},
    "verify-refine": {"runs": 2, "rounds": 8},
}
GROUPS = (
    ("Confidence: 80 %", "Confidence: 10 %", "Confidence: 95 %"),
    ("Verdict: sound", "Verdict: sound", "Verdict: flawed"),
    ("Score: 7", "Score: 3", "Score: 9"),
    ("Score A: 7\nScore B: 4", "Score A: 2\nScore B: 6"),
    ("Value: sure", "Value: likely", "Value: impossible"),
    ("Stance: agree", "Stance: disagree"),
    ("Side: affirmative", "Side: negative", "Side: none"),
    ("1. six sevens are 42\n2. so it is 42", "1. seven sixes\n2. that is 41"),
    ("Choice: A", "Choice: B", "Choice: 2"),
    ("Final ranking: B, A", "Final ranking: A, B", "Approved: A", "Points: A 6, B 4"),
)


@dataclass(frozen=True)
class RunSpec:
    """One run to be made."""

    strategy: str
    question: Question
    failing: float = 0.0
    structured: bool = False
    budget: Budget | None = None
    parameters: dict[str, object] = field(default_factory=dict)


def agents(plan: RunSpec, seed: int) -> ScriptedBackend:
    """Agents that say what chance makes them say, the same whenever they are asked the same; some of their calls fail."""

    def say(request: Request) -> Completion | Exception:
        draw = random.Random(f"{seed} {request.key}")
        if draw.random() < plan.failing:
            return RejectedError("no")
        sure = -draw.randint(1, 300) / 100
        logprobs = Logprobs(chosen=(sure,) * 3, confidence=(draw.randint(0, 90) / 10,) * 3, first={"yes": sure, "no": -1.0})
        text = _object(request.reply_schema, draw) if request.reply_schema else _text(plan.question.kind, draw)
        return Completion(text=text, logprobs=logprobs if request.logprobs else None)

    return ScriptedBackend(say, structured=plan.structured)


def _text(kind: str, draw: random.Random) -> str:
    lines = [draw.choice(group) for group in GROUPS if draw.random() > 0.08]
    return "\n".join([*lines, f"Answer: {draw.choice(ANSWERS[kind])}", *(["[[5, 3]]"] if draw.random() < 0.8 else [])])


def _object(schema: dict[str, object], draw: random.Random) -> str:
    properties = schema["properties"]
    assert isinstance(properties, dict)
    filled = {name: _value(rule, draw) for name, rule in properties.items() if draw.random() > 0.15}
    return json.dumps(filled)


def _value(rule: dict[str, object], draw: random.Random) -> object:
    if isinstance(some := rule.get("enum"), list):
        return draw.choice(some)
    if rule["type"] == "array":
        inner = rule["items"]
        assert isinstance(inner, dict)
        return draw.sample(inner["enum"], len(inner["enum"])) if "enum" in inner else ["six sevens", "so 42"]
    if rule["type"] == "object":
        return dict.fromkeys(rule["properties"], 5)  # type: ignore[call-overload]
    if rule["type"] in {"number", "integer"}:
        return draw.randint(1, 9)
    return "42" if rule.get("description") == "the answer; empty with none" else "it was worked out"


async def make(folder: Path) -> None:
    """Fill a ledger, and write down some of the traces."""
    folder.mkdir(parents=True)
    names = Catalogue().names("strategies")
    plans = [RunSpec(name, CHOICE) for name in names]
    plans += [RunSpec(name, CHOICE, failing=0.25) for name in names]
    asks = ("contemplating", "council", "knockout", "best-of-n", "discussion-vote", "tree-of-thoughts", "divergent-debate")
    plans += [RunSpec(name, NUMBER, structured=True) for name in asks]
    plans += [RunSpec(name, TEXT) for name in ("contemplating", "multiagent-debate", "universal-self-consistency", "council")]
    plans += [RunSpec(name, CHOICE, budget=Budget(calls=4)) for name in ("contemplating", "multiagent-debate")]
    settings, file = Settings(retry=Retry(attempts=1)), folder / "ledger.db"
    for number, plan in enumerate(plans):
        backend = agents(plan, number)
        async with Orchestrator(["m", "n"], backend=backend, ledger=file, settings=settings) as orchestrator:
            outcome = await orchestrator.solve(
                plan.question, plan.strategy, parameters=SMALLER.get(plan.strategy), seed=number, budget=plan.budget
            )
            replay = await orchestrator.replay(outcome.run)
            difference = replay.difference
            assert difference is None, (plan, difference)
            if number % 10 == 0:
                outcome.write_trace(folder / f"{number:02}-{plan.strategy}.jsonl")
    with sqlite3.connect(file) as database:
        database.execute("VACUUM")
    with file.open("rb") as plain, gzip.GzipFile(folder / "ledger.db.gz", "wb", 9, mtime=0) as packed:
        shutil.copyfileobj(plain, packed)
    for left in folder.glob("ledger.db*"):
        if left.suffix != ".gz":
            left.unlink()


if __name__ == "__main__":
    asyncio.run(make(Path(sys.argv[1])))
