"""Experiments on Ray: the same rows as in one process, whatever dies under way."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from contemplate import ScriptedBackend
from contemplate.errors import ContemplateError, InputError
from contemplate.experiments import Comparison, Progress, compare, ray_engine
from contemplate.ledger import open_ledger
from contemplate.limits import Limits
from contemplate.retry import Retry
from contemplate.settings import Settings
from contemplate.types import Price

if TYPE_CHECKING:
    from loopback import Loopback, Seen

ray: Any = pytest.importorskip("ray")

TIMED = {"seconds", "cached_calls"}
ONCE = Settings(retry=Retry(attempts=1), prices={"m": Price(prompt=1, completion=2)})


@pytest.fixture(scope="module")
def running() -> Iterator[None]:
    """A Ray with two processors, which all experiments of this module use."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    ray.init(
        address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False,
        object_store_memory=100 * 2**20,
    )  # fmt: skip
    yield
    ray.shutdown()


@pytest.fixture
def sums(tmp_path: Path) -> Callable[[int], Path]:
    """Makes a file of so many sums."""

    def make(count: int) -> Path:
        path = tmp_path / "sums.jsonl"
        rows = ({"id": f"q{n}", "question": f"What is {n} + {n}?", "kind": "number", "gold": str(2 * n)} for n in range(count))
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    return make


@pytest.fixture
def agents(loopback: Loopback) -> Loopback:
    """Agents that are right with some chance, drawn from what they are asked."""

    def answer(seen: Seen) -> str:
        number = int(re.findall(r"What is (\d+)", json.dumps(seen.body))[-1])
        draw = random.Random(json.dumps(seen.body, sort_keys=True))
        good = draw.random() < 0.6
        return f"Verdict: {'sound' if good else 'flawed'}\nAnswer: {2 * number if good else 2 * number + draw.randrange(1, 4)}"

    loopback.script = answer
    return loopback


def rows(comparison: Comparison) -> list[dict[str, Any]]:
    """All columns but those that tell of time, and of who was first."""
    return [row.model_dump(exclude=TIMED) for row in comparison.rows]


async def on(engine: str, questions: Path, server: Loopback, ledger: Path | str, **words: Any) -> Comparison:
    """A comparison of a vote and a debate on that engine."""
    given = {name: words.pop(name) for name in ("watch", "workers", "ray_address", "out", "again") if name in words}
    plan = {"strategies": ["self-consistency", "multiagent-debate"], "models": "m", "questions": str(questions), **words}
    return await compare(plan, engine=engine, base_url=server.url, ledger=ledger, settings=ONCE, **given)


def workers_of(driver: int) -> list[int]:
    """The processes in which workers of a driver run: children of its raylet, under the name that Ray gives them."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            name, parent = (place / "cmdline").read_bytes(), _parent(place)
            if name.startswith(b"ray::RayWorker") and _parent(Path(f"/proc/{parent}")) == driver:
                found.append(int(place.name))
        except OSError:
            continue
    return sorted(found)


def _parent(place: Path) -> int:
    return int((place / "stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.usefixtures("running")
async def test_rows_are_those_of_one_process(tmp_path: Path, sums: Callable[[int], Path], agents: Loopback) -> None:
    """On 40 questions, baselines included; each sample is paid for once; nothing is done twice."""
    questions = sums(40)
    here = await on("local", questions, agents, tmp_path / "local.db")
    alone = len(agents.seen)
    there = await on("ray", questions, agents, tmp_path / "ray.db")
    paid = len(agents.seen) - alone
    again = await on("ray", questions, agents, tmp_path / "ray.db")

    assert rows(here) == rows(there)
    assert paid == alone == len(agents.seen) - paid
    assert [row.model_dump() for row in there.rows] == [row.model_dump() for row in again.rows]
    assert not workers_of(os.getpid())
