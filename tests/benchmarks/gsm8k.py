"""Strategies on GSM8K, each question to the end, and every trace replayed offline.

::

    python tests/benchmarks/gsm8k.py --data test.jsonl --limit 20

`--data` is the file `grade_school_math/data/test.jsonl` of OpenAI's grade-school-math. By default the embedded model
answers. The ledger is kept: the same command again pays for nothing, and one that was cut short goes on.
"""

from __future__ import annotations

import argparse
import json
import statistics
from dataclasses import dataclass, field
from pathlib import Path

import anyio

from contemplate import Orchestrator, Outcome, Question
from contemplate.orchestration.orchestrator import EMBEDDED
from contemplate.trace.outcome import decided_right


@dataclass
class Score:
    """What one strategy did."""

    right: list[bool] = field(default_factory=list)
    first_right: list[bool] = field(default_factory=list)
    silent: int = 0
    calls: list[int] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    replayed: int = 0

    def add(self, outcome: Outcome, *, identical: bool) -> None:
        """Count one question."""
        self.right.append(bool(outcome.is_right()))
        self.first_right.append(decided_right(outcome.first_decision or outcome.decision, outcome.question))
        self.silent += outcome.answer is None
        self.calls.append(outcome.usage.calls + outcome.usage.cached_calls)
        self.tokens.append(sum(turn.tokens.total for turn in outcome.trace.turns))
        clocks = [clock for turn in outcome.trace.turns if (clock := outcome.trace.clock(turn.id)) is not None]
        self.seconds.append(max((clock.ended for clock in clocks), default=0.0))
        self.replayed += identical

    def row(self, name: str) -> str:
        """A line of the table."""
        count = len(self.right)
        cells = [
            f"`{name}`",
            f"{sum(self.right)}/{count}",
            f"{sum(self.first_right)}/{count}",
            f"{self.silent}",
            f"{sum(self.calls)}",
            f"{sum(self.tokens):,}",
            f"{statistics.median(self.seconds):.1f}",
            f"{sum(self.seconds):.0f}",
            f"{self.replayed}/{count}",
        ]
        return "| " + " | ".join(cells) + " |"


def questions(path: Path, limit: int) -> list[Question]:
    """The first `limit` questions; the gold number follows `####`."""
    lines = path.read_text(encoding="utf-8").splitlines()[:limit]
    rows = [json.loads(line) for line in lines]
    return [
        Question(text=row["question"], kind="number", gold=row["answer"].rsplit("####", 1)[1].strip(), id=f"gsm8k-{number}")
        for number, row in enumerate(rows)
    ]


async def measure(arguments: argparse.Namespace) -> None:
    """Run, replay, and print the table."""
    asked = questions(arguments.data, arguments.limit)
    table = {name: Score() for name in arguments.strategy}
    async with Orchestrator([arguments.model], base_url=arguments.base_url, ledger=arguments.ledger) as orchestrator:
        for name, score in table.items():
            for question in asked:
                outcome = await orchestrator.solve(question, name)
                replay = await orchestrator.replay(outcome.run)
                difference = replay.difference
                score.add(outcome, identical=difference is None)
                told = f"{outcome.answer} for {question.gold}, {outcome.usage.calls} calls, {outcome.usage.seconds:.0f} s"
                print(f"{name} {question.id}: {told}{'' if difference is None else f' (DIFFERS: {difference})'}", flush=True)
    print(f"\n{arguments.model}, the first {len(asked)} questions, seed 0\n")
    print(
        "| strategy | right | first vote right | no answer | calls | tokens | median seconds | all seconds | replayed the same |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name, score in table.items():
        print(score.row(name))


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=20)
    parser.add_argument("--strategy", action="append", help="repeatable; default: contemplating and self-consistency")
    parser.add_argument("--model", default=EMBEDDED)
    parser.add_argument("--base-url")
    parser.add_argument("--ledger", type=Path, default=Path("gsm8k.db"))
    arguments = parser.parse_args()
    arguments.strategy = arguments.strategy or ["contemplating", "self-consistency"]
    anyio.run(measure, arguments)


if __name__ == "__main__":
    main()
