"""A run of ten thousand turns: how soon it goes on after a kill, how fast it is done again from the ledger, and shown.

    python tests/benchmarks/large_run.py --seats 100 --rounds 100

Agents in a ring, each of which reads its two neighbours' last replies, so that a prompt has the same length in every round. They
are scripted and answer at once. The process that began the run is ended as `kill -9` does, when all but the last turns are done.
Another one resumes it: what is measured is from the call of `resume` until the first request leaves, and, beside it, from the
start of the process. Then the run, finished, is replayed, and its page is written from the ledger as `contemplate view` does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from contemplate import Budget, Completion, Orchestrator, Request, Strategy, Tokens
from contemplate.steps import Propose, Repeat, Revise, Vote
from contemplate.viewer import page, page_model
from contemplate.viewer.loading import load
from printed import Rows, tell

ROOT = Path(__file__).parents[2]
KILLED = 9
"""The status of the process that ends itself at once, as if it was killed."""
AMPLE = Budget(calls=10**6, tokens=10**12)
WORDS = "The sum of both sides is even, so the term on the left must be divisible by four. " * 4


class AtOnce:
    """Answers at once, and tells somebody of each call before it does."""

    endpoint = "scripted"

    def __init__(self, told: Callable[[int], None]) -> None:
        """Take whom to tell: a function of how many calls there were before."""
        self.calls = 0
        self._told = told

    async def complete(self, request: Request) -> Completion:
        """What is said."""
        self._told(self.calls)
        self.calls += 1
        text = f"{WORDS}\nAnswer: {40 + int(request.key[:4], 16) % 3}"
        return Completion(text=text, tokens=Tokens(prompt=300, completion=80), model=request.model)

    async def aclose(self) -> None:
        """Nothing to let go of."""


def ring(seats: int, rounds: int) -> Strategy:
    """So many agents in a ring, for so many rounds with the first one."""
    again = Revise(topology="ring", history="last")
    return Strategy(
        name="a large ring", steps=[Propose(seats=seats), Repeat(times=rounds - 1, steps=(again,)), Vote(rule="plurality")]
    )


async def begin(ledger: Path, seats: int, rounds: int, kill_at: int) -> None:
    """Begin the run, and end this process before so many calls are answered; it does not come back."""

    def kill(calls: int) -> None:
        if calls == kill_at:
            os._exit(KILLED)

    async with Orchestrator(["m"], backend=AtOnce(kill), ledger=ledger, budget=AMPLE) as stage:
        await stage.solve("Is it even?", ring(seats, rounds), answer="number", budget=AMPLE)


async def go_on(ledger: Path, started: float) -> dict[str, float]:
    """Resume the run, replay it, and write its page: what each took, in seconds."""
    first: list[float] = []
    backend = AtOnce(lambda calls: first.append(time.time()) if calls == 0 else None)
    async with Orchestrator(["m"], backend=backend, ledger=ledger, budget=AMPLE) as stage:
        resumed = time.time()
        outcome = await stage.resume("last")
        ended = time.time()
        replay = await stage.replay("last")
        replayed = time.time() - ended
        assert replay.difference is None, replay.difference
        began = time.time()
        run = await load(stage.ledger, await stage.run("last"))
        read = time.time() - began
        text = page(page_model(run))
        written = time.time() - began
    turns = len(outcome.trace.turns)
    return {
        "turns": turns,
        "calls again": backend.calls,
        "first call": first[0] - resumed,
        "first call, from the start of the process": first[0] - started,
        "resumed": ended - resumed,
        "replay": replayed,
        "replayed a second": turns / replayed,
        "page": written,
        "read from the ledger": read,
        "turns of the page a second": turns / written,
        "page, MB": len(text) / 1e6,
    }


def measured(seats: int, rounds: int, left: int) -> Rows:
    """All of it, with `left` turns to do after the kill; the process that is killed, and the one that goes on, are new ones."""
    with TemporaryDirectory() as folder:
        sizes = [str(one) for one in (seats, rounds, left)]
        command = [sys.executable, __file__, "--ledger", f"{folder}/ledger.db", "--sizes", *sizes]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        began = time.time()
        killed = subprocess.run([*command, "--part", "begin"], check=False, env=environment)
        assert killed.returncode == KILLED, killed
        lasted = time.time() - began
        command += ["--since", str(time.time())]
        done = subprocess.run([*command, "--part", "go on"], check=True, capture_output=True, text=True, env=environment)
        return {"a run": {"before the kill": lasted, **json.loads(done.stdout)}}


def part(given: argparse.Namespace) -> None:
    """What one of the two processes does."""
    seats, rounds, left = given.sizes
    if given.part == "begin":
        asyncio.run(begin(given.ledger, seats, rounds, seats * rounds - left))
    else:
        print(json.dumps(asyncio.run(go_on(given.ledger, given.since))))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seats", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--left", type=int, default=100, help="turns that are not done when the process is killed")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    parser.add_argument("--ledger", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--since", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--sizes", nargs=3, type=int, help=argparse.SUPPRESS)
    options, _ = parser.parse_known_args()
    if options.part:
        part(options)
    else:
        tell(parser, lambda given: measured(given.seats, given.rounds, given.left))
