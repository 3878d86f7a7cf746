"""The same experiment in one process and on Ray: whether the rows are the same, also where a worker is killed, and how fast.

    python tests/benchmarks/ray_experiment.py --questions 500 --workers 2 [--ledger postgresql://...]

Agents answer after `--delay` seconds, right three times out of five, by what they are asked. They run in a process of their own.
The ledgers are files, or for Ray the database that is named, which must be empty.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from contemplate.experiments import Progress, compare
from printed import Rows, tell

TESTS = Path(__file__).parents[1]
TIMED = {"seconds", "cached_calls"}


def answer(seen: Any) -> str:
    """What an agent says; the same for the same request, alone or as one of several samples."""
    number = int(re.findall(r"What is (\d+)", json.dumps(seen.body))[-1])
    draw = random.Random(json.dumps({**seen.body, "n": 1}, sort_keys=True))
    return f"Answer: {2 * number if draw.random() < 0.6 else 2 * number + draw.randrange(1, 4)}"


def serve(delay: float) -> None:
    """Be the server."""
    sys.path.append(str(TESTS))
    from loopback import Loopback

    with Loopback(answer, delay=delay) as server:
        print(server.url, flush=True)
        server.wait()


@contextmanager
def serving(delay: float) -> Iterator[str]:
    """The server in a process of its own; gives its base URL."""
    with subprocess.Popen(
        [sys.executable, __file__, "--serve", "--delay", str(delay)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def a_worker() -> int:
    """The process of one of our workers (Linux)."""
    for place in Path("/proc").glob("[0-9]*"):
        if (place / "cmdline").read_bytes().startswith(b"ray::RayWorker"):
            parent = (place / "stat").read_text().rpartition(")")[2].split()[1]
            if Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()[1] == str(os.getpid()):
                return int(place.name)
    raise LookupError("no worker of ours")


def watched(kill_at: int | None) -> tuple[Callable[[Progress], None], list[Progress], list[float]]:
    """A watch that notes when the first run was over, and kills a worker when so many are."""
    last: list[Progress] = []
    times: list[float] = []

    def on_progress(progress: Progress) -> None:
        last[:] = [progress]
        times.append(time.perf_counter())
        if progress.done == kill_at:
            os.kill(a_worker(), signal.SIGKILL)

    return on_progress, last, times


ENGINES = (("local", "local", None), ("ray", "ray", None), ("ray, a worker killed", "ray", 2))
"""What is measured: its name, its engine, and the part of the runs after which a worker is killed."""


async def measured(given: argparse.Namespace) -> Rows:
    """Compare in one process, on Ray, and on Ray with a worker killed half-way."""
    if find_spec("ray") is None:
        return {"ray": {"failed": "Ray is not installed (extra `ray`)"}}
    with tempfile.TemporaryDirectory() as folder, serving(given.delay) as url:
        path = Path(folder) / "questions.jsonl"
        rows = (
            {"id": f"q{n}", "question": f"What is {n} + {n}?", "kind": "number", "gold": str(2 * n)}
            for n in range(given.questions)
        )
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        plan = {"strategies": given.strategies.split(","), "models": "m", "questions": str(path), "at_once": 16, "draws": 1000}
        plan["secret"] = "the same for all"  # else each ledger has its own, from which prompts and the names of runs hang
        first: list[Any] = []
        found: Rows = {}
        for name, engine, kill in ENGINES[: 2 if given.no_kill else 3]:
            ledger: Any = given.ledger if engine == "ray" and given.ledger and kill is None else Path(folder) / f"{name}.db"
            on_progress, last, times = watched(None if kill is None else first[0] // kill)
            began, cpu = time.perf_counter(), time.process_time()
            workers = given.workers if engine == "ray" else None
            done = await compare(plan, base_url=url, ledger=ledger, on_progress=on_progress, engine=engine, workers=workers)
            total, cpu = time.perf_counter() - began, time.process_time() - cpu
            kept = [row.model_dump(exclude=TIMED) for row in done.rows]
            first = first or [len(kept), kept, total]
            found[name] = {
                "runs": len(kept),
                "calls": last[0].calls,
                "seconds": total,
                "to the first run": times[0] - began,
                "runs a second after it": (len(times) - 1) / (times[-1] - times[0]),
                "own CPU, ms a run": 1000 * cpu / len(kept),
                "rows": "-" if engine == "local" else "identical" if kept == first[1] else "DIFFERENT",
                "x local": total / first[2],
            }
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--strategies", default="self-consistency,multiagent-debate")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--delay", type=float, default=0.05, help="seconds before each answer")
    parser.add_argument("--ledger", help="of the run on Ray without a kill; default: a file")
    parser.add_argument("--no-kill", action="store_true", help="leave out the run in which a worker is killed")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options, _ = parser.parse_known_args()
    if options.serve:
        serve(options.delay)
    else:
        tell(parser, lambda given: asyncio.run(measured(given)))
