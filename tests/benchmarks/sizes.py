"""How long it takes to decide recorded samples again, and to write the report of an experiment.

    python tests/benchmarks/sizes.py --samples 100000 --rows 10000

Both are made up, with a seed: ten samples a question, right six times out of ten; half of the rows of a vote of five, half of a
debate of six calls. `contemplate redecide` is a process of its own, from start to exit; the report is written from rows on disk,
with all statistics (10,000 bootstrap draws, as usual), tables, figures and files.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from contemplate import Orchestrator, ScriptedBackend
from contemplate.experiments import ExperimentPlan
from contemplate.experiments.experiment import Experiment
from contemplate.experiments.report import write_report
from contemplate.experiments.row_file import Rows as RowFile
from contemplate.experiments.rows import Row, Turned
from contemplate.experiments.summary import summarise
from printed import Rows, tell

ROOT = Path(__file__).parents[2]
EACH = 10
"""Samples of a question."""
WAYS = {"a vote": ["--rule", "plurality"], "a stop test": ["--rule", "plurality", "--stop", "beta"]}


def samples(count: int, seed: int) -> Iterator[str]:
    """Recorded samples in the documented form, a question a line."""
    draw = random.Random(seed)
    for number in range(count // EACH):
        said = [str(42 if draw.random() < 0.6 else draw.randrange(5)) for _ in range(EACH)]
        texts = [{"text": f"Both numbers add up in the end, number {number}.\nAnswer: {one}"} for one in said]
        yield json.dumps({"id": f"q{number}", "question": f"What is {number}?", "kind": "number", "gold": "42", "samples": texts})


def decided_again(count: int, seed: int) -> Rows:
    """Seconds of `contemplate redecide` on so many samples, by a vote of all and by a stop test."""
    found: Rows = {}
    with TemporaryDirectory() as folder:
        file = Path(folder) / "samples.jsonl"
        file.write_text("\n".join(samples(count, seed)) + "\n", encoding="utf-8")
        for name, options in WAYS.items():
            command = [sys.executable, "-m", "contemplate", "redecide", str(file), "--seed", str(seed), "--json", *options]
            began = time.perf_counter()
            done = subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
            seconds = time.perf_counter() - began
            row = json.loads(done.stdout)["rows"][0]
            found[f"redecide, {name}"] = {"samples": count, "seconds": seconds, "right": 100 * row["accuracy"]}
    return found


def rows_of(experiment: Experiment, seed: int) -> Iterator[Row]:
    """A row for each question and strategy, made up."""
    draw = random.Random(seed)
    for arm in experiment.arms:
        debate = arm.label == "multiagent-debate"
        for question in experiment.asked[0].questions.questions:
            right = draw.random() < 0.6
            seats = 3 if debate else 5
            held = [(0 if right else 1, float(right)) if draw.random() < 0.8 else (2, 0.0) for _ in range(seats)]
            share = max(sum(one == other for other in held) for one in held) / seats
            rounds = ((draw.randrange(seats + 1), seats), (draw.randrange(seats + 1), seats)) if debate else ((seats, seats),)
            yield Row(
                set=experiment.asked[0].questions.name,
                question=str(question.id),
                strategy=arm.label,
                panel=arm.panel,
                repeat=1,
                seed=0,
                run=f"cell-{draw.getrandbits(96):024x}",
                status="answered",
                answer="42" if right else "41",
                score=float(right),
                graded=True,
                agreement=share,
                changed=False if debate else None,
                first_score=float(draw.random() < 0.6) if debate else None,
                rounds=rounds,
                turned=(Turned(to_right=1, stayed_right=1, stayed_wrong=1),) if debate else (),
                samples=() if debate else tuple(held),
                confidence=share,
                stopped="completed",
                calls=6 if debate else 5,
                prompt_tokens=draw.randrange(500, 700),
                completion_tokens=draw.randrange(100, 300),
                seconds=draw.random(),
            )


async def reported(count: int, seed: int) -> Rows:
    """Seconds of the statistics, and of writing the report, of so many rows."""
    with TemporaryDirectory() as folder:
        asked = Path(folder) / "questions.jsonl"
        lines = ({"id": f"q{n}", "question": f"What is {n}?", "kind": "number", "gold": "42"} for n in range(count // 2))
        asked.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        words = {"strategies": ["self-consistency", "multiagent-debate"], "models": "m", "questions": str(asked), "baselines": []}
        plan = ExperimentPlan.of(words)
        async with Orchestrator(["m"], backend=ScriptedBackend([]), ledger=":memory:") as stage:
            experiment = await Experiment.of(plan, stage)
        rows = RowFile(Path(folder) / "rows.jsonl")
        with rows.written() as deliver:
            for row in rows_of(experiment, seed):
                deliver(row)
        began = time.perf_counter()
        comparison = summarise(rows, experiment.arms, plan, experiment.head)
        counted = time.perf_counter() - began
        files = write_report(comparison, Path(folder) / "out")
        seconds = time.perf_counter() - began
    return {"report": {"rows": count, "seconds": seconds, "statistics": counted, "files": len(files)}}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    tell(parser, lambda one: {**decided_again(one.samples, one.seed), **asyncio.run(reported(one.rows, one.seed))})
